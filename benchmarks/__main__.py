"""`python -m benchmarks`: start the service, put it to work, and tell what that cost."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Table

from benchmarks.backends import BACKENDS
from benchmarks.catalogue import fill
from benchmarks.client import MIB
from benchmarks.hashing import side_by_side
from benchmarks.lists import growth, measure, table_of
from benchmarks.load import Generator
from benchmarks.scenarios import SCENARIOS, Bench, Measured
from benchmarks.service import Service, Setup, started
from benchmarks.stores import compare, held
from benchmarks.stores import table_of as rates_of

CONSOLE = Console()

NOISE_MS = 1.0
"""What times of a page differ by without a reason."""


@click.group(
    invoke_without_command=True,
    context_settings={"show_default": True, "help_option_names": ["-h", "--help"]},
)
@click.option("--images", default=10_000, help="Images in the catalogue before anything begins.")
@click.option("--mib", default=256, help="Size of each image that is moved.")
@click.option("--seconds", default=3.0, help="How long requests of one kind are sent.")
@click.option("--connections", default=8, help="Connections that requests are sent over.")
@click.option("--clients", default=2, help="Processes that they are sent from.")
@click.option("--workers", default=2, help="Processes of the service.")
@click.option("--threads", default=32, help="Threads of each.")
@click.option("--database", help="URL of an empty database.  [default: SQLite]")
@click.option("--only", multiple=True, type=click.Choice(list(SCENARIOS)), help="Just these.")
@click.option("--url", help="Measure a service that runs already (trusted_headers or noauth).")
@click.option("--pid", type=int, help="Its first process; needed with --url.")
@click.pass_context
def main(
    context: click.Context,
    images: int,
    mib: int,
    seconds: float,
    connections: int,
    clients: int,
    workers: int,
    threads: int,
    database: str | None,
    only: tuple[str, ...],
    url: str | None,
    pid: int | None,
) -> None:
    """Measure what the service does for a second of processor time.

    Processor time is read from /proc, over the service's processes and not those of the load
    or a database server. It changes less from run to run than time by the clock does, since
    the load runs on the same processors.
    """
    if context.invoked_subcommand is not None:
        return
    setup = Setup(images, workers, threads, database)
    with _service(setup, url, pid) as service, Generator(clients) as generator:
        idle = service.memory()
        bench = Bench(service, generator, connections, seconds, mib)
        measured = {name: SCENARIOS[name](bench) for name in _progress(only or tuple(SCENARIOS))}
        before = service.memory()
        CONSOLE.print(_table(measured))
        if not only:
            _tell_memory(idle, before, bench.memory_while_streaming())
        if service.start_s is not None:
            CONSOLE.print(f"From start to first answer: {service.start_s:.2f} s")
    CONSOLE.print(f"md5 and sha512 side by side on this machine: {side_by_side():,.0f} MiB/s")


@contextmanager
def _service(setup: Setup, url: str | None, pid: int | None) -> Iterator[Service]:
    if (url is None) != (pid is None):
        raise click.UsageError("--url and --pid go together.")
    if url is not None and pid is not None:
        yield Service(url.rstrip("/"), pid)
        return
    CONSOLE.print(f"Starting a service with {setup.images:,} images …")
    with started(setup) as service:
        yield service


def _progress(names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        with CONSOLE.status(name):
            yield name


def _table(measured: dict[str, Measured]) -> Table:
    table = Table("scenario", "unit")
    for heading in ("per CPU second", "per second", "CPU ms each"):
        table.add_column(heading, justify="right")
    for name, result in measured.items():
        table.add_row(
            name,
            result.unit,
            f"{result.per_cpu_s:,.0f}",
            f"{result.per_wall_s:,.0f}",
            f"{1000 / result.per_cpu_s:.3f}",
        )
    return table


def _tell_memory(idle: int, before: int, streaming: int) -> None:
    CONSOLE.print(
        f"Resident memory: {idle / MIB:.0f} MiB idle at first, {before / MIB:.0f} MiB after the "
        f"above, {streaming / MIB:.0f} MiB at most while four images stream in and four out"
    )


@main.command()
@click.option("--images", default=100_000, help="Images to add.")
@click.option("--database", required=True, help="URL of the database.")
def catalogue(images: int, database: str) -> None:
    """Fill a database with a catalogue as clouds have them."""
    fill(database, images)


@main.command()
@click.option("--images", multiple=True, type=int, default=(1000, 10_000, 100_000), help="Sizes.")
@click.option(
    "--database", required=True, help="URL of any database of a PostgreSQL or MariaDB server."
)
@click.option("--only", default="", help="Just questions that have this in them.")
@click.option("--allowed", default=1.5, help="How much dearer a page may be in the largest.")
def lists(images: tuple[int, ...], database: str, only: str, allowed: float) -> None:
    """Tell what a page of 25 costs in catalogues of several sizes.

    That is the rows and index entries that the server looks at, and the time by the clock. For
    each size a database is made on the server, and dropped afterwards.
    """
    measured = measure(database, images, only)
    CONSOLE.print(table_of(measured))
    pages, median, dearer = growth(measured, allowed, NOISE_MS)
    CONSOLE.print(
        f"Of {pages} pages {pages - len(dearer)} take at most {allowed} times as long in the "
        f"largest catalogue as in the smallest, or {NOISE_MS} ms more; "
        f"the median is {median:.2f} times."
    )
    for ratio, asked, small, large in dearer:
        CONSOLE.print(
            f"{ratio:5.1f} times: {asked.caller}, {asked.question!r}"
            f"{', deep' if asked.is_deep else ''}: {small.ms:.1f} ms and {small.rows} rows, "
            f"then {large.ms:.1f} ms and {large.rows} rows"
        )


@main.command("stores")
@click.option("--only", multiple=True, type=click.Choice(list(BACKENDS)), help="Just these.")
@click.option("--mib", default=1024, help="Size of the image that is moved.")
@click.option("--rounds", default=3, help="Rounds, of which the median counts.")
@click.option("--where", default="/var/tmp", help="Directory of the image, and of the file store.")
def stores_command(only: tuple[str, ...], mib: int, rounds: int, where: str) -> None:
    """Tell how fast each kind of store moves data, beside the tool of its backend.

    The servers are those that the tests start.
    """
    CONSOLE.print(
        rates_of(
            {name: compare(name, mib, rounds, where) for name in _progress(only or tuple(BACKENDS))}
        )
    )


@main.command("memory")
@click.option("--only", multiple=True, type=click.Choice(list(BACKENDS)), help="Just these.")
@click.option("--mib", default=4096, help="Size of each image.")
@click.option("--at-once", default=4, help="Images that are moved side by side.")
def memory_command(only: tuple[str, ...], mib: int, at_once: int) -> None:
    """Tell how much memory each kind of store takes while large images are moved."""
    table = Table("store", "MiB more, in", "MiB more, out")
    for name in _progress(only or tuple(BACKENDS)):
        putting, getting = held(name, mib, at_once)
        table.add_row(name, f"{putting / 1024:.1f}", f"{getting / 1024:.1f}")
    CONSOLE.print(table)


if __name__ == "__main__":
    main()

"""What a page of a list costs in catalogues of several sizes."""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from rich.table import Table
from sqlalchemy import Engine, event, make_url

from benchmarks.catalogue import fill
from benchmarks.examined import examined
from benchmarks.questions import CALLERS, QUESTIONS
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.caller import Caller
from tintype.domain.image_query import ImageQuery
from tintype.entrypoints.http.schemas.query import Paging, load_image_query, parse_query_string

PAGE = 25
DEEP = 200
"""Images before a deep page."""

REPEATED = 9

AS_LONG = 0.8
"""What a page of the smallest catalogue must have of one of the largest to be compared with it."""


class Cost(NamedTuple):
    """Of one page: rows that the server looks at, the median of times by the clock, its length."""

    rows: int
    ms: float
    images: int


class Asked(NamedTuple):
    """Who asks for which page of what."""

    caller: str
    question: str
    is_deep: bool


Costs = Mapping[Asked, Cost]


def measure(server: str, sizes: Sequence[int], only: str) -> Mapping[int, Costs]:
    """Return what pages cost of catalogues made for the purpose, by the number of images.

    Each is in a database of its own. A question is put to one right after the other, so that what
    else the machine is doing at the time makes no difference between them.
    """
    with ExitStack() as databases:
        engines = {size: databases.enter_context(_catalogue(server, size)) for size in sizes}
        found: dict[int, dict[Asked, Cost]] = {size: {} for size in sizes}
        for question in _chosen(only):
            for size, engine in engines.items():
                found[size].update(_of(engine, question))
        return found


@contextmanager
def _catalogue(server: str, images: int) -> Iterator[Engine]:
    with _database(server, f"tintype_lists_{images}") as url:
        fill(url, images)
        engine = make_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


def _chosen(only: str) -> Sequence[str]:
    return [question for question in QUESTIONS if only in question]


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    engine = make_engine(server)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
    engine.dispose()


def _of(engine: Engine, question: str) -> Iterator[tuple[Asked, Cost]]:
    query = load_image_query(parse_query_string(question), Paging(PAGE, 1000))
    for name, caller in CALLERS.items():
        yield Asked(name, question, False), _cost(engine, query, caller)
        with SqlWork(engine)(read_only=True) as unit:
            before = unit.images.list(replace(query, limit=DEEP), seen_by=caller)
        if len(before) == DEEP:
            deep = replace(query, marker=before[-1].id)
            yield Asked(name, question, True), _cost(engine, deep, caller)


def _cost(engine: Engine, query: ImageQuery, caller: Caller) -> Cost:
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        sent.append((statement, values))

    times = []
    with SqlWork(engine)(read_only=True) as unit:
        unit.images.list(query, seen_by=caller)  # whatever is read or built at the first time
    for _ in range(REPEATED):
        began = time.perf_counter()
        with SqlWork(engine)(read_only=True) as unit:
            found = unit.images.list(query, seen_by=caller)
        times.append(time.perf_counter() - began)
    event.listen(engine, "before_cursor_execute", note)
    with SqlWork(engine)(read_only=True) as unit:
        unit.images.list(query, seen_by=caller)
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        queries = [one for one in sent if one[0].startswith("SELECT")]
        rows = sum(examined(connection, *one).rows for one in queries)
    return Cost(rows, 1000 * statistics.median(times), len(found))


def table_of(measured: Mapping[int, Costs]) -> Table:
    """Put catalogues of several sizes side by side."""
    table = Table("caller", "question", "page")
    for images in measured:
        table.add_column(f"{images:,} images: rows", justify="right")
        table.add_column("ms", justify="right")
    for asked in dict.fromkeys(asked for costs in measured.values() for asked in costs):
        cells = [
            cell
            for costs in measured.values()
            for cell in (
                (f"{costs[asked].rows:,}", f"{costs[asked].ms:.1f}") if asked in costs else ("", "")
            )
        ]
        table.add_row(asked.caller, asked.question, "deep" if asked.is_deep else "first", *cells)
    return table


class Growth(NamedTuple):
    """How much dearer pages are in the largest catalogue than in the smallest.

    Counted are pages that are about as long in both: 25 images take longer to read than three.
    """

    pages: int
    median: float
    dearer: Sequence[tuple[float, Asked, Cost, Cost]]
    """Those beyond what is allowed: the ratio of times, and both costs."""


def growth(measured: Mapping[int, Costs], allowed: float, noise_ms: float) -> Growth:
    """Compare the largest catalogue with the smallest.

    A page is dearer if it takes more than `allowed` times as long and `noise_ms` more.
    """
    small, large = measured[min(measured)], measured[max(measured)]
    ratios = {
        asked: cost.ms / small[asked].ms
        for asked, cost in large.items()
        if asked in small and small[asked].images >= AS_LONG * cost.images
    }
    dearer = [
        (ratio, asked, small[asked], large[asked])
        for asked, ratio in ratios.items()
        if ratio > allowed and large[asked].ms - small[asked].ms > noise_ms
    ]
    dearer.sort(key=lambda each: -each[0])
    return Growth(len(ratios), statistics.median(ratios.values()), dearer)

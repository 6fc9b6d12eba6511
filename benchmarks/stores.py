"""How fast the drivers of stores move data, beside the tools of their backends, and in how much
memory."""

import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.table import Table

from benchmarks.backends import BACKENDS, Backend, Tool
from benchmarks.client import MIB, NOISE
from tests.memory import Peak
from tintype.application.data_path import PIECE, Meter, pump
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import StorageDriver

NO_LIMIT = 1 << 62

DISKS = Path("/proc/diskstats")
STILL_S = 0.3
SETTLED_AFTER_S = 20
REST_S = 5
"""Virtual disks let so much through at once, and then no more than a lower rate: whoever comes
after one that used that up would seem slow."""


class Rates(NamedTuple):
    """MiB a second: the median of the rounds."""

    put: float
    get: float


class Compared(NamedTuple):
    """A driver and the tool of its backend, in the same rounds."""

    driver: Rates
    tool: Rates | None
    tool_name: str


class Held(NamedTuple):
    """KiB by which this process grew at most while images went in, and while they came out."""

    putting: int
    getting: int


class Noise:
    """A source of a number of bytes that takes no room anywhere."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with some, and return how many."""
        count = min(len(buffer), self._left, MIB)
        buffer[:count] = NOISE[:count]
        self._left -= count
        return count


def compare(name: str, mib: int, rounds: int, where: str) -> Compared:
    """Move a file through a driver and its tool, in turns."""
    with TemporaryDirectory(prefix="tintype-bench-", dir=where) as directory:
        folder = Path(directory)
        source = folder / "source"
        with source.open("wb") as file:
            for _ in range(mib):
                file.write(NOISE)
        with BACKENDS[name](folder) as backend:
            times = [_round(backend, source) for _ in range(rounds)]
            tool = backend.tool

    def rates(column: int) -> Rates:
        put, get = (statistics.median(each[column + n] for each in times) for n in (0, 1))
        return Rates(mib / put, mib / get)

    return Compared(rates(0), rates(2) if tool else None, tool.name if tool else "")


def _round(backend: Backend, source: Path) -> Sequence[float]:
    """Return the seconds of putting and getting by the driver, and by the tool."""
    by_driver = list(_by_driver(backend.driver, source))
    if backend.tool is None:
        return by_driver
    return [*by_driver, *_by_tool(backend.tool, source)]


def _settle(folder: Path) -> None:
    """Wait until disks are done with what was before, and have what is in a directory read anew.

    They go on when files were deleted. The kernel remembers what was written, but not what it has
    copied by itself.
    """
    os.sync()
    until = time.monotonic() + SETTLED_AFTER_S
    before = ""
    while (done := DISKS.read_text()) != before and time.monotonic() < until:
        before = done
        time.sleep(STILL_S)
    for path in filter(Path.is_file, folder.rglob("*")):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    time.sleep(REST_S)


def _by_driver(driver: StorageDriver, source: Path) -> Iterator[float]:
    _settle(source.parent)
    began = time.perf_counter()
    with source.open("rb", buffering=0) as file:
        location = _put(driver, "by-the-driver", file, source.stat().st_size)
    yield time.perf_counter() - began
    _settle(source.parent)
    began = time.perf_counter()
    _get(driver, location)
    yield time.perf_counter() - began
    driver.delete(location)


def _by_tool(tool: Tool, source: Path) -> Iterator[float]:
    _settle(source.parent)
    began = time.perf_counter()
    tool.put(source)
    yield time.perf_counter() - began
    _settle(source.parent)
    began = time.perf_counter()
    tool.get(source)
    yield time.perf_counter() - began
    tool.remove()


def _put(driver: StorageDriver, key: str, source: object, size: int) -> Location:
    with driver.create(key, size) as handle:
        pump(source, [handle.write], Meter(size, NO_LIMIT))  # type: ignore[arg-type]
        return handle.commit()


def _get(driver: StorageDriver, location: Location) -> int:
    stream = driver.open(location)
    try:
        return sum(map(len, stream))
    finally:
        stream.close()


def held(name: str, mib: int, at_once: int) -> Held:
    """Return the memory that a driver takes while large images go in, and come out, at once."""
    with (
        TemporaryDirectory(prefix="tintype-bench-", dir="/var/tmp") as directory,
        BACKENDS[name](Path(directory)) as backend,
        ThreadPoolExecutor(at_once) as pool,
    ):
        driver = backend.driver
        # Whatever is loaded or connected at the first use belongs to no image.
        driver.delete(_put(driver, "first", Noise(PIECE), PIECE))
        size = mib * MIB
        before = Peak()
        names = [f"image-{number}" for number in range(at_once)]
        places = list(pool.map(lambda name: _put(driver, name, Noise(size), size), names))
        putting = before.growth()
        before = Peak()
        if any(count != size for count in pool.map(lambda place: _get(driver, place), places)):
            raise AssertionError(f"{name} gave other data than it was given")
        getting = before.growth()
        for place in places:
            driver.delete(place)
        return Held(putting, getting)


def table_of(compared: Mapping[str, Compared]) -> Table:
    """Return the rates side by side."""
    table = Table("store", "tool")
    for heading in ("in MiB/s", "tool", "ratio", "out MiB/s", "tool", "ratio"):
        table.add_column(heading, justify="right")
    for name, (driver, tool, tool_name) in compared.items():
        cells = [
            cell
            for ours, theirs in zip(driver, tool or (None, None), strict=True)
            for cell in _cells(ours, theirs)
        ]
        table.add_row(name, tool_name, *cells)
    return table


def _cells(ours: float, theirs: float | None) -> Sequence[str]:
    if theirs is None:
        return (f"{ours:,.0f}", "", "")
    return (f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}")

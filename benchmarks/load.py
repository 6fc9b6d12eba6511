"""The load, from processes of their own, so that none of it is counted as the service's."""

import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.client import CHUNK, MIB, NOISE, Connection


class Requests(NamedTuple):
    """Requests to be sent one after the other, from the first again at the end."""

    url: str
    requests: Sequence[bytes]
    connections: int
    seconds: float


class Transfer(NamedTuple):
    """Image data to be moved, for each image over a connection of its own at the same time."""

    url: str
    images: Sequence[str]
    mib: int
    chunked: bool = False


class Generator:
    """Processes that make load; a context manager."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        # Spawned, so that they have none of this process's memory or threads.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(processes, mp_context=context)

    def __enter__(self) -> Self:
        # A process starts only when no other is idle: keep all of them busy once.
        list(self._pool.map(time.sleep, [0.1] * self._processes))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    def hammer(self, load: Requests) -> int:
        """Send requests for a while; return how many were answered."""
        share = load._replace(connections=max(1, load.connections // self._processes))
        return sum(self._pool.map(_hammer, [share] * self._processes))

    def upload(self, transfer: Transfer) -> None:
        """Send noise as the data of images."""
        self._pool.submit(_upload, transfer).result()

    def download(self, transfer: Transfer) -> None:
        """Fetch the data of images."""
        self._pool.submit(_download, transfer).result()

    def both_ways(self, coming: Transfer, going: Transfer) -> None:
        """Send and fetch at the same time, given two processes."""
        uploads = self._pool.submit(_upload, coming)
        self._pool.submit(_download, going).result()
        uploads.result()


def _together(jobs: Sequence[Callable[[], None]]) -> None:
    errors: list[Exception] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _hammer(load: Requests) -> int:
    end = time.monotonic() + load.seconds
    counts: list[int] = []

    def run(first: int) -> None:
        sent = 0
        requests = itertools.islice(itertools.cycle(load.requests), first, None)
        with Connection(load.url) as connection:
            while time.monotonic() < end:
                connection.ask(next(requests))
                sent += 1
        counts.append(sent)

    _together([lambda n=n: run(n) for n in range(load.connections)])  # type: ignore[misc]
    return sum(counts)


def _upload(transfer: Transfer) -> None:
    if transfer.chunked:
        framing = {"Transfer-Encoding": "chunked"}
        pieces = [
            b"%x\r\n%b\r\n" % (CHUNK, NOISE[at : at + CHUNK]) for at in range(0, MIB, CHUNK)
        ] * transfer.mib + [b"0\r\n\r\n"]
    else:
        framing = {"Content-Length": str(transfer.mib * MIB)}
        pieces = [NOISE] * transfer.mib

    def run(image: str) -> None:
        headers = {"Content-Type": "application/octet-stream", **framing}
        with Connection(transfer.url) as connection:
            connection.ask(connection.head("PUT", f"/v2/images/{image}/file", headers), pieces)

    _together([lambda image=image: run(image) for image in transfer.images])  # type: ignore[misc]


def _download(transfer: Transfer) -> None:
    def run(image: str) -> None:
        with Connection(transfer.url) as connection:
            answer = connection.call("GET", f"/v2/images/{image}/file")
            assert answer.length == transfer.mib * MIB, "the data is not what was uploaded"

    _together([lambda image=image: run(image) for image in transfer.images])  # type: ignore[misc]

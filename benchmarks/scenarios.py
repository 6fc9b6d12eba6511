"""What is measured."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.client import MIB, Connection
from benchmarks.load import Generator, Requests, Transfer
from benchmarks.processes import MemoryPeak
from benchmarks.service import Service

PATCH = "application/openstack-images-v2.1-json-patch"
CHANGES = [
    {"op": "add", "path": "/property_0", "value": "changed"},
    {"op": "replace", "path": "/name", "value": "renamed"},
]
NEW_IMAGE = {
    "name": "benchmark",
    "disk_format": "raw",
    "container_format": "bare",
    "tags": ["benchmark", "linux"],
    **{f"property_{k}": f"value {k}" for k in range(5)},
}
RANGE = 64 << 10


@dataclass(frozen=True)
class Measured:
    """Work done in some time; `unit` is what was counted."""

    amount: float
    unit: str
    cpu_s: float
    wall_s: float

    @property
    def per_cpu_s(self) -> float:
        """Work a processor second of the service's."""
        # Below a tick of the kernel's clock nothing can be told.
        return self.amount / max(self.cpu_s, 0.01)

    @property
    def per_wall_s(self) -> float:
        """Work a second by the clock."""
        return self.amount / self.wall_s


@dataclass(frozen=True)
class Bench:
    """The scenarios over one service; `mib` is the size of each image that is moved."""

    service: Service
    generator: Generator
    connections: int
    seconds: float
    mib: int

    # ------------------------------------------------------------------ requests

    def versions(self) -> Measured:
        return self._get("/versions")

    def show(self) -> Measured:
        with self._images(1) as [image]:
            return self._get(f"/v2/images/{image}")

    def list_25(self) -> Measured:
        return self._get("/v2/images?limit=25")

    def list_1000(self) -> Measured:
        return self._get("/v2/images?limit=1000")

    def create(self) -> Measured:
        with self._connected() as connection:
            return self._hammer([connection.request("POST", "/v2/images", NEW_IMAGE)])

    def patch(self) -> Measured:
        # As many images as connections and more, so that few meet at one row.
        with self._images(8 * self.connections) as images, self._connected() as connection:
            paths = [f"/v2/images/{image}" for image in images]
            return self._hammer(
                [connection.request("PATCH", path, CHANGES, PATCH) for path in paths]
            )

    def ranges(self) -> Measured:
        chance = random.Random(1)
        with self._filled(1) as [image], self._connected() as connection:
            path = f"/v2/images/{image}/file"
            starts = [chance.randrange(self.mib * MIB - RANGE) for _ in range(64)]
            heads = [{"Range": f"bytes={first}-{first + RANGE - 1}"} for first in starts]
            return self._hammer([connection.head("GET", path, head) for head in heads])

    def _get(self, path: str) -> Measured:
        with self._connected() as connection:
            return self._hammer([connection.request("GET", path)])

    def _hammer(self, requests: list[bytes]) -> Measured:
        load = Requests(self.service.url, requests, self.connections, seconds=0.3)
        self.generator.hammer(load)  # statements are compiled, pools filled
        load = load._replace(seconds=self.seconds)
        return self._measure(lambda: self.generator.hammer(load), "requests")

    # ------------------------------------------------------------------ data

    def upload(self) -> Measured:
        return self._upload(1, chunked=False)

    def upload_chunked(self) -> Measured:
        return self._upload(1, chunked=True)

    def four_uploads(self) -> Measured:
        return self._upload(4, chunked=False)

    def download(self) -> Measured:
        return self._download(1)

    def four_downloads(self) -> Measured:
        return self._download(4)

    def _upload(self, streams: int, *, chunked: bool) -> Measured:
        with self._filled(streams):
            pass  # the kernel has memory at hand now; the first upload pays half as much again
        with self._images(streams) as images:
            transfer = Transfer(self.service.url, images, self.mib, chunked)
            return self._move(lambda: self.generator.upload(transfer), streams)

    def _download(self, streams: int) -> Measured:
        with self._filled(1) as [image]:
            transfer = Transfer(self.service.url, [image] * streams, self.mib)
            return self._move(lambda: self.generator.download(transfer), streams)

    def _move(self, move: Callable[[], None], streams: int) -> Measured:
        def work() -> int:
            move()
            return streams * self.mib

        return self._measure(work, "MiB")

    def memory_while_streaming(self) -> int:
        """Return the most resident bytes while four images come in and four go out."""
        with self._images(4) as coming, self._filled(1) as [going]:
            with MemoryPeak(self.service.pid) as peak:
                self.generator.both_ways(
                    Transfer(self.service.url, coming, self.mib),
                    Transfer(self.service.url, [going] * 4, self.mib),
                )
            return peak.bytes

    # ------------------------------------------------------------------ the same for all

    def _measure(self, work: Callable[[], float], unit: str) -> Measured:
        cpu_s, began = self.service.cpu_s(), time.monotonic()
        amount = work()
        wall_s = time.monotonic() - began
        return Measured(amount, unit, self.service.cpu_s() - cpu_s, wall_s)

    def _connected(self) -> Connection:
        return Connection(self.service.url)

    @contextmanager
    def _images(self, count: int) -> Iterator[list[str]]:
        with self._connected() as connection:
            answers = [connection.call("POST", "/v2/images", NEW_IMAGE) for _ in range(count)]
        images = [str(answer.json()["id"]) for answer in answers]
        try:
            yield images
        finally:
            with self._connected() as connection:
                for image in images:
                    connection.call("DELETE", f"/v2/images/{image}")

    @contextmanager
    def _filled(self, count: int) -> Iterator[list[str]]:
        with self._images(count) as images:
            self.generator.upload(Transfer(self.service.url, images, self.mib))
            yield images


SCENARIOS: Mapping[str, Callable[[Bench], Measured]] = {
    "versions": Bench.versions,
    "show": Bench.show,
    "list 25": Bench.list_25,
    "list 1000": Bench.list_1000,
    "create": Bench.create,
    "patch": Bench.patch,
    "upload, length known": Bench.upload,
    "upload, chunked": Bench.upload_chunked,
    "four uploads": Bench.four_uploads,
    "download": Bench.download,
    "four downloads": Bench.four_downloads,
    "ranges of 64 KiB": Bench.ranges,
}

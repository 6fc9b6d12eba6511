"""Images of any size pass through memory of a fixed one."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.api import MIB, Api, noise
from tests.service import Service, wait_until

IMAGES = 4
PIECES = int(os.environ.get("TINTYPE_E2E_MEMORY_MIB", "256"))
ALLOWED = 64 * MIB
INTERVAL_S = 0.05


class Disk:
    """A disk of many mebibytes, made as it is read; each differs from all others."""

    def __init__(self, number: int) -> None:
        self._piece = bytearray(noise(MIB, number))

    def __iter__(self) -> Iterator[bytes]:
        for index in range(PIECES):
            self._piece[:8] = index.to_bytes(8)
            yield bytes(self._piece)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Run a service and wait until all of it has started; its disk is free again afterwards."""
    with Service(tmp_path / "service") as service:
        wait_until(lambda: len(service.workers) == 2, "both processes have started")
        wait_until(steady(service), "nothing grows any more")
        yield service
        api = Api(service.url)
        for image in api.images():
            api.delete(image["id"])


def steady(service: Service) -> Callable[[], bool]:
    """Return a condition that holds once memory is the same as when it was looked at before."""
    seen: list[int] = []

    def is_steady() -> bool:
        seen.append(service.resident_memory)
        return len(seen) > 50 and len(set(seen[-50:])) == 1

    return is_steady


@contextmanager
def watching(service: Service) -> Iterator[list[int]]:
    """Note how much memory the service holds, again and again for the time of a block."""
    seen: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(INTERVAL_S):
            seen.append(service.resident_memory)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def upload(api: Api, image_id: str, disk: Disk) -> None:
    """Send a disk whose size is announced."""
    headers = {"Content-Length": str(PIECES * MIB)}
    api.upload(image_id, disk, headers).expect(204)


def matches(api: Api, image_id: str, disk: Disk) -> bool:
    """Fetch a disk and tell whether it is the same."""
    with api.connection() as connection:
        connection.request("GET", f"/v2/images/{image_id}/file")
        response = connection.getresponse()
        same = all(response.read(MIB) == piece for piece in disk)
        return same and response.read() == b""


def test_four_large_images_stream_in_and_out_at_once_in_little_memory(service: Service) -> None:
    api = Api(service.url, timeout_s=1200)
    disks = [Disk(number) for number in range(IMAGES)]
    images = [api.create()["id"] for _ in disks]
    idle = service.resident_memory

    with ThreadPoolExecutor(IMAGES) as pool:
        with watching(service) as while_in:
            list(pool.map(lambda pair: upload(api, *pair), zip(images, disks, strict=True)))
        with watching(service) as while_out:
            same = list(pool.map(lambda pair: matches(api, *pair), zip(images, disks, strict=True)))

    told = ", ".join(
        f"{what} {size / MIB:.1f}"
        for what, size in (
            ("idle", idle),
            ("streaming in", max(while_in)),
            ("streaming out", max(while_out)),
            ("afterwards", service.resident_memory),
        )
    )
    print(f"MiB resident with {IMAGES} images of {PIECES} MiB: {told}")
    assert same == [True] * IMAGES
    assert max(*while_in, *while_out) - idle <= ALLOWED, told

"""`kill -9` at any moment: what was acknowledged is there, what was not left nothing behind."""

import hashlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import KINDS
from tests.e2e.api import MIB, Answer, Api, HalfUpload, attempted, noise
from tests.e2e.conftest import leave_nothing, served
from tests.service import Service, wait_until

ROUNDS = int(os.environ.get("TINTYPE_KILL_ROUNDS", "5"))
SIZE = 8 * MIB
AT_ONCE = 3
SETTLED_S = 10
"""Time in which the service cleans up after its start: far less than `lease_time` and
`sweep_interval`, so that it is the start that does it, and not time."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database."""
    return str(request.param)


@pytest.fixture
def rounds(kind: str) -> int:
    """Return how often to kill; less with a server, whose own life goes on."""
    return ROUNDS if kind == "sqlite" else max(1, ROUNDS // 2)


@pytest.fixture
def service(kind: str, tmp_path: Path) -> Iterator[Service]:
    """Run a service; at the end of a test it runs again, and is left empty."""
    for service in served(tmp_path, kind):
        yield service
        leave_nothing(service)


@pytest.fixture
def api(service: Service) -> Api:
    """Return a client of the service."""
    return Api(service.url)


@contextmanager
def killed_after(service: Service, seconds: float) -> Iterator[None]:
    """Kill the service that many seconds after the beginning of a block."""
    killer = threading.Timer(seconds, service.kill)
    killer.start()
    try:
        yield
    finally:
        killer.join()


def start_again(service: Service, moments: random.Random) -> None:
    """Start the service, in one of three cases only after a start that is killed as well."""
    if moments.random() < 1 / 3:
        with killed_after(service, moments.uniform(0.2, 1)):
            service.launch()
    service.start()


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer | None]:
    """Make calls side by side; None stands for those that got no answer."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(attempted, calls))


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def settled(api: Api, image_id: str) -> str:
    """Return the status of an image once the service has dealt with its past."""
    wait_until(lambda: api.status(image_id) != "saving", "no upload goes on", SETTLED_S)
    return api.status(image_id)


def is_whole(api: Api, image_id: str, data: bytes) -> bool:
    """Tell whether an image is active with those bytes, by its word and by its data."""
    shown = api.show(image_id)
    told = (shown["status"], shown["size"], shown["os_hash_value"])
    return (
        told == ("active", len(data), hashlib.sha512(data).hexdigest())
        and api.download(image_id).body == data
    )


def is_empty(api: Api, image_id: str) -> bool:
    """Tell whether an image waits for data and shows nothing of earlier ones."""
    shown = api.show(image_id)
    return shown["status"] == "queued" and not shown["size"] and not shown["checksum"]


# ---------------------------------------------------------------------- all processes


def test_uploads_that_a_kill_hits_are_whole_or_were_never_there(
    service: Service, api: Api, rounds: int
) -> None:
    moments = random.Random("uploads")
    bodies = [noise(SIZE, number) for number in range(AT_ONCE)]
    old = api.create(name="old")["id"]
    api.upload(old, bodies[0]).expect(204)
    usual = upload_time(api, bodies)
    whole = 0

    for _ in range(rounds):
        images = [api.create()["id"] for _ in bodies]
        uploads = [bound_upload(api, *pair) for pair in zip(images, bodies, strict=True)]
        with killed_after(service, moments.uniform(0.2, 1.3) * usual):
            answers = at_once(uploads)
        start_again(service, moments)

        statuses = [settled(api, image_id) for image_id in images]
        for image_id, data, status, answer in zip(images, bodies, statuses, answers, strict=True):
            assert answer is None or answer.status == 204
            assert status == "active" if answer else status in ("active", "queued")
            check = is_whole(api, image_id, data) if status == "active" else is_empty(api, image_id)
            assert check, f"{status} image: {api.show(image_id)}"
        active = {each for each, status in zip(images, statuses, strict=True) if status == "active"}
        assert service.stored == {old, *active}
        whole += len(active)

        for image_id, data in zip(images, bodies, strict=True):
            if image_id not in active:
                api.upload(image_id, data).expect(204)
            assert is_whole(api, image_id, data)
            api.delete(image_id).expect(204)
        assert service.stored == {old}

    print(f"{rounds} kills among {rounds * AT_ONCE} uploads: {whole} were whole")
    assert is_whole(api, old, bodies[0])
    api.delete(old)


def bound_upload(api: Api, image_id: str, data: bytes) -> Callable[[], Answer]:
    """Return a call that uploads data to an image."""
    return lambda: api.upload(image_id, data)


def upload_time(api: Api, bodies: Sequence[bytes]) -> float:
    """Return how many seconds uploads side by side take at best, when nothing happens to them."""
    seconds = []
    for _ in range(3):
        images = [api.create()["id"] for _ in bodies]
        calls = [bound_upload(api, *pair) for pair in zip(images, bodies, strict=True)]
        seconds.append(seconds_of(lambda: at_once(calls)))  # noqa: B023
        for image_id in images:
            api.delete(image_id)
    return min(seconds)


def test_deletions_that_a_kill_hits_are_done_or_never_began(
    service: Service, api: Api, rounds: int
) -> None:
    moments = random.Random("deletions")
    data = noise(MIB, "deleted")
    gone = 0

    for _ in range(rounds):
        images = [api.create()["id"] for _ in range(2 * AT_ONCE)]
        assert all(api.upload(image_id, data).status == 204 for image_id in images)
        # The first one tells how long it takes, and warms up.
        usual = seconds_of(lambda: api.delete(images.pop()))  # noqa: B023
        deletions = [bound_deletion(api, image_id) for image_id in images]
        with killed_after(service, moments.uniform(0, 1.5) * usual):
            answers = at_once(deletions)
        start_again(service, moments)

        wait_until(lambda: service.stored <= listed(api), "bytes of the deleted go", SETTLED_S)
        left = listed(api)
        for image_id, answer in zip(images, answers, strict=True):
            assert answer is None or answer.status == 204
            assert not (answer and image_id in left), "a deletion was acknowledged and forgotten"
        assert service.stored == left
        assert all(is_whole(api, image_id, data) for image_id in left)
        gone += len(images) - len(left)

        for image_id in left:
            api.delete(image_id).expect(204)
        assert service.stored == set()

    print(f"{rounds} kills among {rounds * (2 * AT_ONCE - 1)} deletions: {gone} were done")


def bound_deletion(api: Api, image_id: str) -> Callable[[], Answer]:
    """Return a call that deletes an image."""
    return lambda: api.delete(image_id)


def listed(api: Api) -> set[str]:
    """Return the ids of all images."""
    return {image["id"] for image in api.images()}


# ---------------------------------------------------------------------- one process


def worker_of(service: Service, image_id: str) -> int | None:
    """Return the process that writes the data of an image; None if there is none yet."""
    for pid in service.workers:
        try:
            opened = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        if any(image_id in path for path in opened):
            return pid
    return None


@pytest.fixture
def two_uploads(service: Service, api: Api) -> Iterator[dict[int, tuple[str, HalfUpload]]]:
    """Begin uploads until each of the two processes is at work on one, and give one of each."""
    wait_until(lambda: len(service.workers) == 2, "both processes have started")
    begun: list[tuple[str, HalfUpload]] = []
    by_worker: dict[int, tuple[str, HalfUpload]] = {}
    while len(by_worker) < 2:
        image_id = api.create()["id"]
        begun.append((image_id, HalfUpload(api, image_id, noise(SIZE, "two"), SIZE // 2)))
        wait_until(lambda: worker_of(service, image_id), "the upload has begun")  # noqa: B023
        by_worker[worker_of(service, image_id) or 0] = begun[-1]
    yield by_worker
    for image_id, upload in begun:
        upload.abandon()
        wait_until(lambda: api.status(image_id) != "saving", "the upload has ended")  # noqa: B023
        api.delete(image_id)


def test_one_killed_process_is_replaced_and_takes_no_other_upload_with_it(
    service: Service, api: Api, two_uploads: dict[int, tuple[str, HalfUpload]]
) -> None:
    (victim, (lost, broken)), (survivor, (kept, going_on)) = two_uploads.items()

    os.kill(victim, signal.SIGKILL)

    assert attempted(broken.finish) is None
    wait_until(lambda: api.status(lost) == "queued", "the image waits for data", SETTLED_S)
    wait_until(lambda: len(service.workers) == 2, "the process is replaced", SETTLED_S)
    assert survivor in service.workers
    assert not any(lost in name for name in service.stored)
    going_on.finish().expect(204)
    assert is_whole(api, kept, noise(SIZE, "two"))
    api.upload(lost, b"once more").expect(204)


def test_killed_processes_never_lose_what_was_acknowledged(
    service: Service, api: Api, rounds: int
) -> None:
    moments = random.Random("workers")
    data = noise(SIZE, "workers")
    usual = upload_time(api, [data] * AT_ONCE)

    for _ in range(rounds):
        wait_until(lambda: len(service.workers) == 2, "both processes run", SETTLED_S)
        images = [api.create()["id"] for _ in range(AT_ONCE)]
        victim = moments.choice(list(service.workers))
        killer = threading.Timer(
            moments.uniform(0.2, 1.3) * usual, os.kill, (victim, signal.SIGKILL)
        )
        killer.start()
        answers = at_once([bound_upload(api, image_id, data) for image_id in images])
        killer.join()

        statuses = [settled(api, image_id) for image_id in images]
        for image_id, status, answer in zip(images, statuses, answers, strict=True):
            assert answer is None or answer.status == 204
            assert status == "active" if answer else status in ("active", "queued")
            check = is_whole(api, image_id, data) if status == "active" else is_empty(api, image_id)
            assert check, f"{status} image: {api.show(image_id)}"
        active = {each for each, status in zip(images, statuses, strict=True) if status == "active"}
        assert service.stored == active
        for image_id in images:
            api.delete(image_id).expect(204)

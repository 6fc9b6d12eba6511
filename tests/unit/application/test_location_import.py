"""Images of data that is somewhere already (images-api §9.2, import-and-tasks §18)."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ADMIN, a_caller
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.adapters.stores.enabled_store import EnabledStore
from tintype.adapters.stores.memory import MemoryStream
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.application.tasks.run import Run
from tintype.domain.errors import (
    FormatsMissing,
    ImportLocked,
    Invalid,
    NoData,
    StoreUnavailable,
    WrongStatus,
)
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.store import Store
from tintype.domain.task import Progress, Task, TaskStatus

DATA = b"bytes that were there before" * 100_000
MD5 = hashlib.md5(DATA).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
EXPECTED = ("sha256", SHA256)
WRONG = ("sha256", "0" * 64)
SERVICE = a_caller(roles=frozenset({"service", "member", "reader"}))
URL = "memory://fast/elsewhere"
NOTHING = (None, None, None)


@pytest.fixture(autouse=True)
def data(service: Service) -> None:
    service.has_bytes(service.fast, "elsewhere", DATA)


@pytest.fixture
def image(service: Service) -> Image:
    return service.has_queued()


def sent(
    service: Service,
    image: Image,
    expected: tuple[str, str] | None = None,
    url: str = URL,
) -> Task:
    """Send the URL of the data, as another service does."""
    return service.start_location_import(SERVICE, image.id, url, expected, "req-1")


def imported(service: Service, image: Image, *args: Any, **how: Any) -> Task:
    """Send the URL, and let the work be done."""
    task = sent(service, image, *args, **how)
    service.work_off()
    return service.task(task.id)


def configured(service: Service, **facts: Any) -> None:
    """Configure the job in another way."""
    service.import_location = replace(service.import_location, **facts)
    service.jobs["location_import"] = service.import_location


def on_reading(service: Service, step: Callable[[], object]) -> None:
    """Do something when the data is about to be read."""

    def open_it(location: Location, offset: int = 0, length: int | None = None) -> MemoryStream:
        step()
        return opened(location, offset, length)

    opened = service.fast.open
    service.fast.open = open_it  # type: ignore[method-assign]


def hashes(image: Image) -> tuple[str | None, str | None, str | None]:
    return image.checksum, image.os_hash_algo, image.os_hash_value


def rests(service: Service, image: Image) -> bool:
    return service.leases == [] and service.look_at(image.id).import_task is None


# ---------------------------------------------------------------------- what comes of it


@pytest.mark.parametrize(
    ("secure", "expected", "outcome"),
    [
        (True, EXPECTED, (MD5, "sha256", SHA256)),
        (True, None, (MD5, "sha512", SHA512)),
        (False, EXPECTED, (None, "sha256", SHA256)),
        (False, WRONG, (None, "sha256", "0" * 64)),
        (False, None, NOTHING),
    ],
    ids=["checked", "computed", "believed", "believed though wrong", "unknown"],
)
def test_which_digests_an_active_image_has(
    service: Service,
    image: Image,
    secure: bool,
    expected: tuple[str, str] | None,
    outcome: tuple[str | None, ...],
) -> None:
    configured(service, secure=secure)

    task = imported(service, image, expected)

    assert (task.status, task.message) == (TaskStatus.SUCCESS, "")
    assert task.result == {"image_id": image.id}
    shown = service.look_at(image.id)
    assert (shown.status, shown.size, shown.virtual_size) == (Status.ACTIVE, len(DATA), None)
    assert hashes(shown) == outcome
    assert [location.store for location in shown.locations] == ["fast"]
    assert service.read(image.id) == DATA
    assert rests(service, image)


def test_the_answer_comes_while_the_image_is_still_queued(service: Service, image: Image) -> None:
    task = sent(service, image)

    shown = service.look_at(image.id)
    assert (shown.status, shown.locations) == (Status.QUEUED, [])
    assert shown.import_task == task.id
    assert (task.status, task.image_id, task.request_id) == (
        TaskStatus.PENDING,
        image.id,
        "req-1",
    )


class NotedWaits(threading.Event):
    """Lets no time pass, and notes how much was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return False


def test_a_client_whose_answer_took_long_sees_the_image_queued_too(
    service: Service, image: Image
) -> None:
    configured(service, grace=timedelta(seconds=3))
    sent(service, image)
    service.clock.pass_by(timedelta(seconds=2))
    waits = NotedWaits()
    service.work_off(waits)
    assert waits.seconds == [3.0]


def test_without_an_expected_digest_the_image_is_active_before_its_data_is_read(
    service: Service, image: Image
) -> None:
    seen: list[tuple[Any, ...]] = []

    def look() -> None:
        shown = service.look_at(image.id)
        seen.append((shown.status, shown.size, hashes(shown)))

    on_reading(service, look)
    imported(service, image)

    assert seen == [(Status.ACTIVE, len(DATA), (None, "sha512", None))]


def test_with_an_expected_digest_the_image_is_importing_and_not_served_meanwhile(
    service: Service, image: Image
) -> None:
    seen: list[Status] = []

    def look() -> None:
        seen.append(service.status_of(image.id))
        with pytest.raises(NoData):
            service.download(OWNER_CALLER, image.id)

    on_reading(service, look)
    imported(service, image, EXPECTED)

    assert seen == [Status.IMPORTING]


@pytest.mark.parametrize("digits", [str.upper, str.lower])
def test_the_case_of_a_digest_does_not_matter(
    service: Service, image: Image, digits: Callable[[str], str]
) -> None:
    task = imported(service, image, ("sha256", digits(SHA256)))

    assert task.status is TaskStatus.SUCCESS
    assert service.look_at(image.id).os_hash_value == SHA256


def test_how_far_the_reading_is_can_be_seen(service: Service, image: Image) -> None:
    task = imported(service, image, EXPECTED)

    assert task.progress == {"fast": Progress(len(DATA), len(DATA))}


# ---------------------------------------------------------------------- failures


def assert_waits_again(service: Service, image: Image) -> None:
    shown = service.look_at(image.id)
    assert (shown.status, shown.size, hashes(shown)) == (Status.QUEUED, None, NOTHING)
    assert shown.locations == []
    assert rests(service, image)


def test_data_of_another_digest_is_refused_and_the_image_can_be_tried_again(
    service: Service, image: Image
) -> None:
    task = imported(service, image, WRONG)

    assert task.status is TaskStatus.FAILURE
    assert SHA256 in task.message
    assert_waits_again(service, image)
    assert "elsewhere" in service.stored
    assert imported(service, image, EXPECTED).status is TaskStatus.SUCCESS


@pytest.mark.parametrize(
    "url",
    [
        "memory://fast/missing",
        "memory://nobody/elsewhere",
        "s3://bucket/key",
        "file:///etc/passwd",
        "filesystem:///etc/passwd",
        "swift+config://reference/container/object",
        "nothing",
    ],
)
@pytest.mark.parametrize("expected", [None, EXPECTED])
def test_a_url_of_no_use_fails_the_task_and_leaves_the_image_queued(
    service: Service, image: Image, url: str, expected: tuple[str, str] | None
) -> None:
    task = imported(service, image, expected, url=url)

    assert task.status is TaskStatus.FAILURE
    assert_waits_again(service, image)


def test_data_that_cannot_be_read_leaves_an_image_active_without_digests(
    service: Service, image: Image
) -> None:
    service.fast.faults["open"] = StoreUnavailable("gone")

    task = imported(service, image)

    shown = service.look_at(image.id)
    assert (shown.status, shown.size) == (Status.ACTIVE, len(DATA))
    assert hashes(shown) == NOTHING
    assert task.status is TaskStatus.SUCCESS
    assert "gone" in task.message
    assert rests(service, image)


def test_data_that_cannot_be_read_cannot_be_checked(service: Service, image: Image) -> None:
    service.fast.faults["open"] = StoreUnavailable("gone")

    task = imported(service, image, EXPECTED)

    assert (task.status, task.message) == (TaskStatus.FAILURE, "gone")
    assert_waits_again(service, image)


@pytest.mark.parametrize(("retries", "status"), [(2, "success"), (1, "failure")])
def test_reading_is_tried_again_so_often(
    service: Service,
    image: Image,
    retries: int,
    status: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configured(service, retries=retries)
    monkeypatch.setattr(Run, "pause", lambda run, seconds: None)
    broken = [StoreUnavailable("once"), StoreUnavailable("twice")]

    def break_off() -> None:
        if broken:
            raise broken.pop(0)

    on_reading(service, break_off)

    assert imported(service, image, EXPECTED).status == status


# ---------------------------------------------------------------------- data of the web


class WebDriver:
    """Stands in for a web store: what it has is at any URL."""

    def __init__(self, service: Service) -> None:
        self._there = service.fast
        self.store = "web"
        self.type = "http"
        self.schemes = frozenset({"http", "https"})
        self.capabilities = service.fast.capabilities
        self.properties: dict[str, Any] = {}
        self.url_prefixes: tuple[str, ...] = ()
        self.directories: tuple[str, ...] = ()

    def size(self, location: Location) -> int:
        return len(DATA)

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> Any:
        return self._there.open(Location(URL), offset, length)

    def delete(self, location: Location) -> None:
        raise Invalid("never")


@pytest.fixture
def web(service: Service) -> str:
    """Enable a store of the web; return a URL of it."""
    service.stores = ConfiguredStores(
        [
            EnabledStore(Store("fast", "memory", default=True), service.fast, "fast"),
            EnabledStore(Store("web", "http"), WebDriver(service), "web"),  # type: ignore[arg-type]
        ],
        multiple=True,
    )
    service._assemble(service.limits)
    return "http://user:secret@192.0.2.1/image"


def test_a_refused_location_of_the_web_stays_on_record_and_is_never_served(
    service: Service, image: Image, web: str
) -> None:
    task = imported(service, image, WRONG, url=web)

    shown = service.look_at(image.id)
    assert task.status is TaskStatus.FAILURE
    assert (shown.status, hashes(shown)) == (Status.QUEUED, NOTHING)
    assert [location.url for location in shown.locations] == [web]
    with pytest.raises(NoData):
        service.download(OWNER_CALLER, image.id)


def test_a_refused_location_of_the_web_goes_when_data_comes_another_way(
    service: Service, image: Image, web: str
) -> None:
    imported(service, image, WRONG, url=web)
    service.upload(image.id, b"other data")

    assert [location.url for location in service.look_at(image.id).locations] == [
        f"memory://fast/{image.id}"
    ]
    assert service.read(image.id) == b"other data"


def test_a_refused_location_of_the_web_can_be_sent_again(
    service: Service, image: Image, web: str
) -> None:
    imported(service, image, WRONG, url=web)

    assert imported(service, image, EXPECTED, url=web).status is TaskStatus.SUCCESS
    assert len(service.look_at(image.id).locations) == 1


def test_an_image_with_a_refused_location_can_be_deleted(
    service: Service, image: Image, web: str
) -> None:
    imported(service, image, WRONG, url=web)

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


def test_credentials_in_a_url_are_not_shown_with_the_task(
    service: Service, image: Image, web: str
) -> None:
    task = imported(service, image, WRONG, url=web)

    assert "secret" not in f"{task.input} {task.message} {task.result}"
    assert task.input["loc_url"] == "http://192.0.2.1/image"


# ---------------------------------------------------------------------- deaths and deletions


@pytest.mark.parametrize("expected", [None, EXPECTED])
@pytest.mark.parametrize("when", ["reading", "sizing"])
def test_whoever_takes_up_the_work_of_a_dead_process_comes_to_the_same_end(
    service: Service, image: Image, expected: tuple[str, str] | None, when: str
) -> None:
    service.presence.dead.add("a-victim")
    victim = service.beside("a-victim")
    deaths = [KeyboardInterrupt()]

    def die() -> None:
        if deaths:
            raise deaths.pop()

    if when == "reading":
        on_reading(service, die)
    else:
        size = service.fast.size

        def die_first(location: Location) -> int:
            die()
            return size(location)

        service.fast.size = die_first  # type: ignore[method-assign]
    task = victim.start_location_import(SERVICE, image.id, URL, expected, None)
    with pytest.raises(KeyboardInterrupt):
        victim.work_off()

    assert service.sweep() == 1
    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS
    shown = service.look_at(image.id)
    assert (shown.status, shown.checksum) == (Status.ACTIVE, MD5)
    assert len(shown.locations) == 1
    assert rests(service, image)


@pytest.mark.parametrize("expected", [None, EXPECTED])
def test_deleting_an_image_calls_its_hashing_off_and_removes_the_data(
    service: Service, image: Image, expected: tuple[str, str] | None
) -> None:
    on_reading(service, lambda: service.beside().delete(OWNER_CALLER, image.id))

    task = imported(service, image, expected)

    assert task.status is TaskStatus.FAILURE
    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []
    assert service.leases == []


@pytest.mark.parametrize("rate", [2_000, 50_000, 800_000])
def test_a_slow_source_is_left_about_a_second_after_the_image_was_deleted(
    service: Service, image: Image, rate: int
) -> None:
    deleted_at = service.clock.now() + timedelta(seconds=3)

    class Trickle(MemoryStream):
        def read(self, size: int = -1) -> bytes:
            piece = super().read(size)
            come_at = service.clock.now() + timedelta(seconds=len(piece) / rate)
            if service.clock.now() < deleted_at <= come_at:
                service.clock.time = deleted_at
                service.beside().delete(OWNER_CALLER, image.id)
            service.clock.time = come_at
            return piece

    service.fast.open = lambda *_: Trickle(memoryview(DATA))  # type: ignore[method-assign]
    imported(service, image)

    assert service.status_of(image.id) is Status.DELETED
    assert service.clock.now() - deleted_at < timedelta(seconds=2)


def test_an_image_deactivated_while_its_hash_is_computed_gets_it_and_stays_so(
    service: Service, image: Image
) -> None:
    on_reading(service, lambda: service.deactivate(OWNER_CALLER, image.id))

    imported(service, image)

    shown = service.look_at(image.id)
    assert (shown.status, hashes(shown)) == (Status.DEACTIVATED, (MD5, "sha512", SHA512))


# ---------------------------------------------------------------------- refusals


def test_a_second_location_is_refused_while_the_first_is_looked_at(
    service: Service, image: Image
) -> None:
    sent(service, image)

    with pytest.raises(ImportLocked):
        sent(service, image)


def test_an_image_that_has_data_takes_no_location(service: Service) -> None:
    with pytest.raises(WrongStatus):
        sent(service, service.has_active())


def test_an_image_without_formats_takes_no_location(service: Service) -> None:
    image = service.has_queued(disk_format=None)
    with pytest.raises(FormatsMissing):
        sent(service, image)
    assert rests(service, image)


# ---------------------------------------------------------------------- looking


def test_locations_are_told_to_services_the_heaviest_store_first(service: Service) -> None:
    image = service.has_active()
    service.has_bytes(service.cheap, image.id)
    with service.catalogue() as work:
        found = work.images.get(image.id, seen_by=ADMIN)
        found.locations.insert(0, Location(f"memory://cheap/{image.id}", {"store": "cheap"}))
        work.images.save(found)
        work.commit()

    locations = service.fetch_locations(a_caller("another", roles=frozenset({"service"})), image.id)

    assert [location.store for location in locations] == ["fast", "cheap"]


def test_locations_of_withheld_data_are_told_to_administrators_only(service: Service) -> None:
    image = service.has_active()
    service.deactivate(OWNER_CALLER, image.id)

    assert service.fetch_locations(SERVICE, image.id) == []
    assert len(service.fetch_locations(ADMIN, image.id)) == 1

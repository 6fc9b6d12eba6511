"""Putting data into stores (import-and-tasks §3, §4, §11 and §14)."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, READER, STRANGER, Service
from tintype.adapters.stores.memory import MemoryStream
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    Conflict,
    Forbidden,
    ImageNotFound,
    ImportLocked,
    Invalid,
    StorageFull,
    StoreNotEnabled,
    StoreUnavailable,
    TintypeError,
    UriRefused,
    WrongStatus,
)
from tintype.domain.image import Image
from tintype.domain.image_import import FAILED_IMPORT, IMPORTING_TO, ImportRequest, Method
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.task import Progress, Task, TaskStatus

DATA = b"a disk " * 400_000
URL = "http://192.0.2.1/disk"
QCOW2 = b"QFI\xfb" + b"\0" * 600
MINUTE = timedelta(seconds=61)


def ask(method: Method = Method.DIRECT, **facts: Any) -> ImportRequest:
    """Return a request as the schema makes it."""
    body = {"method": {"name": method.value}}
    if not facts.get("must_succeed", True):
        body["all_stores_must_succeed"] = False  # type: ignore[assignment]
    return ImportRequest(method, body=body, **facts)


def into(*stores: str, **facts: Any) -> ImportRequest:
    return ask(stores=stores, **facts)


def web(*stores: str, url: str = URL, **facts: Any) -> ImportRequest:
    return ask(Method.WEB, uri=url, stores=stores or None, **facts)


def copy(*stores: str, **facts: Any) -> ImportRequest:
    return ask(Method.COPY, stores=stores or None, **facts)


@pytest.fixture
def staged(service: Service) -> Image:
    image = service.has_queued()
    service.stage(image.id, DATA)
    return image


@pytest.fixture
def queued(service: Service) -> Image:
    service.web.data[URL] = DATA
    return service.has_queued()


def asked(
    service: Service, image: Image, request: ImportRequest, caller: Caller = OWNER_CALLER
) -> Task:
    task = service.start_import(caller, image.id, request, "req-1")
    assert isinstance(task, Task)
    return task


def imported(
    service: Service, image: Image, request: ImportRequest, caller: Caller = OWNER_CALLER
) -> Task:
    """Import, and let the work be done."""
    task = asked(service, image, request, caller)
    service.work_off()
    return service.task(task.id)


def progress(image: Image) -> tuple[str | None, str | None]:
    return image.properties.get(IMPORTING_TO), image.properties.get(FAILED_IMPORT)


def stores_of(image: Image) -> list[str | None]:
    return [location.store for location in image.locations]


def rests(service: Service, image: Image) -> bool:
    return service.leases == [] and service.look_at(image.id).import_task is None


# ---------------------------------------------------------------------- what comes of it


@pytest.mark.parametrize(
    ("request_", "stores"),
    [
        (ask(), ["fast"]),
        (into("cheap"), ["cheap"]),
        (ask(header_store="cheap"), ["cheap"]),
        (into("cheap", header_store="cheap"), ["cheap"]),
        (into("cheap", "fast"), ["cheap", "fast"]),
        (ask(all_stores=True), ["fast", "cheap"]),
    ],
    ids=["default", "named", "by header", "by both", "several", "all"],
)
def test_staged_data_goes_where_it_is_asked_for(
    service: Service, staged: Image, request_: ImportRequest, stores: list[str]
) -> None:
    task = imported(service, staged, request_)
    image = service.look_at(staged.id)
    assert (task.status, task.message) == (TaskStatus.SUCCESS, "Copied 2 MiB")
    assert task.result == {"image_id": image.id}
    assert (image.status, stores_of(image)) == (Status.ACTIVE, stores)
    assert (image.size, image.checksum) == (len(DATA), hashlib.md5(DATA).hexdigest())
    assert image.os_hash_value == hashlib.sha512(DATA).hexdigest()
    assert progress(image) == ("", "")
    assert rests(service, image)
    assert service.read(image.id) == DATA
    assert list(service.staged.keys()) == []


def test_the_task_says_what_it_is_about(service: Service, staged: Image) -> None:
    task = asked(service, staged, into("cheap"))
    body = {"method": {"name": "glance-direct"}}
    assert task.input == {"image_id": staged.id, "import_req": body, "backend": ["cheap"]}
    assert (task.request_id, task.user_id) == ("req-1", "somebody")
    assert service.look_at(staged.id).import_task == task.id


def test_staging_is_read_once_for_all_stores(service: Service, staged: Image) -> None:
    opened = []
    service.staged.open, before = (  # type: ignore[method-assign]
        lambda *args: opened.append(args) or before(*args),  # type: ignore[func-returns-value]
        service.staged.open,
    )
    imported(service, staged, ask(all_stores=True))
    assert len(opened) == 1


def test_while_it_runs_clients_see_where_it_is_going(service: Service, staged: Image) -> None:
    seen = []
    service.staged.open, before = (  # type: ignore[method-assign]
        lambda *args: seen.append(service.look_at(staged.id)) or before(*args),  # type: ignore[func-returns-value]
        service.staged.open,
    )
    imported(service, staged, into("fast", "cheap"))
    assert [(image.status, *progress(image)) for image in seen] == [("importing", "cheap,fast", "")]


def test_data_of_the_web_is_taken(service: Service, queued: Image) -> None:
    task = imported(service, queued, web("fast", "cheap"))
    assert task.status is TaskStatus.SUCCESS
    assert service.read(queued.id) == DATA
    assert stores_of(service.look_at(queued.id)) == ["fast", "cheap"]


def test_the_progress_of_each_store_is_on_record(service: Service, queued: Image) -> None:
    task = imported(service, queued, web("fast", "cheap"))
    assert task.progress == dict.fromkeys(["fast", "cheap"], Progress(len(DATA), len(DATA)))


def test_an_image_is_copied_without_changing_its_status(service: Service) -> None:
    image = service.has_active(DATA)
    task = imported(service, image, copy("cheap"), ADMIN)
    copied = service.look_at(image.id)
    assert (task.status, copied.status) == (TaskStatus.SUCCESS, Status.ACTIVE)
    assert (stores_of(copied), progress(copied)) == (["fast", "cheap"], ("", ""))
    assert rests(service, image)


def test_a_copy_comes_from_another_location_if_the_first_has_lost_the_data(
    service: Service,
) -> None:
    image = service.has_active(DATA)
    lost = Location("memory://fast/lost", {"store": "fast"})
    with service.catalogue() as work:
        got = work.images.get(image.id, seen_by=ADMIN)
        got.locations.insert(0, lost)
        work.images.save(got)
        work.commit()
    assert imported(service, image, copy("cheap"), ADMIN).status is TaskStatus.SUCCESS
    (place,) = service.cheap.locate(image.id)
    assert service.cheap.open(place).read() == DATA


def test_nothing_is_to_be_copied_where_it_is_everywhere(service: Service) -> None:
    image = service.has_active(DATA)
    imported(service, image, copy("cheap"), ADMIN)
    assert service.start_import(ADMIN, image.id, copy(all_stores=True)) is None
    assert rests(service, image)


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (into("nowhere"), StoreNotEnabled),
        (into("os_glance_staging_store"), StoreNotEnabled),
        (ask(header_store="nowhere"), StoreNotEnabled),
        (into("fast", all_stores=True), Invalid),
        (ask(header_store="fast", all_stores=True), Invalid),
        (into("fast", header_store="cheap"), Invalid),
        (copy("cheap"), Forbidden),
        (web(), Conflict),
    ],
    ids=[
        *("unknown", "reserved", "unknown by header", "all and some", "all and header"),
        *("two opinions", "copy", "not queued"),
    ],
)
def test_requests_that_are_refused(
    service: Service, staged: Image, request_: ImportRequest, error: type[TintypeError]
) -> None:
    with pytest.raises(error):
        service.start_import(OWNER_CALLER, staged.id, request_)
    assert rests(service, staged)


@pytest.mark.parametrize(
    "url", [None, "", "ftp://192.0.2.1/x", "http://127.0.0.1/", "http://[::]/"]
)
def test_urls_that_are_refused(service: Service, queued: Image, url: str | None) -> None:
    with pytest.raises(UriRefused):
        service.start_import(OWNER_CALLER, queued.id, ask(Method.WEB, uri=url))


@pytest.mark.parametrize("missing", ["container_format", "disk_format"])
def test_formats_are_demanded_now(service: Service, missing: str) -> None:
    image = service.has_queued(**{missing: None})
    service.stage(image.id, b"abc")
    with pytest.raises(Conflict, match=missing):
        service.start_import(OWNER_CALLER, image.id, ask())


@pytest.mark.parametrize(
    ("request_", "error"),
    [(ask(), Conflict), (web(), Conflict), (copy("fast"), Invalid), (copy(), Invalid)],
    ids=["direct", "web", "to where it is", "to the default, where it is"],
)
def test_active_images_are_only_copied_to_where_they_are_not(
    service: Service, request_: ImportRequest, error: type[TintypeError]
) -> None:
    image = service.has_active()
    with pytest.raises(error):
        service.start_import(ADMIN, image.id, request_)


@pytest.mark.parametrize(
    ("caller", "error"), [(READER, Forbidden), (STRANGER, ImageNotFound)], ids=["reader", "other"]
)
def test_permission_comes_before_the_state(
    service: Service, caller: Caller, error: type[TintypeError]
) -> None:
    image = service.has_active(visibility="private")
    with pytest.raises(error):
        service.start_import(caller, image.id, ask())


def test_a_queued_image_has_nothing_to_import_directly(service: Service) -> None:
    with pytest.raises(Conflict):
        service.start_import(OWNER_CALLER, service.has_queued().id, ask())


def test_one_import_at_a_time(service: Service, staged: Image) -> None:
    asked(service, staged, ask())
    with pytest.raises(ImportLocked):
        service.start_import(OWNER_CALLER, staged.id, ask())
    with pytest.raises(WrongStatus):
        service.stage(staged.id, b"other")


# ---------------------------------------------------------------------- what goes wrong


def test_a_failed_direct_import_can_be_retried_at_once(service: Service, staged: Image) -> None:
    service.cheap.faults["commit"] = StorageFull("cheap")
    task = imported(service, staged, into("fast", "cheap"))
    image = service.look_at(staged.id)
    assert task.status is TaskStatus.FAILURE
    assert task.message.startswith("store cheap: ")
    assert (image.status, image.locations, image.checksum) == (Status.IMPORTING, [], None)
    assert progress(image) == ("", "cheap")
    assert rests(service, image)
    assert service.stored == []
    service.cheap.faults.clear()
    assert imported(service, image, into("fast", "cheap")).status is TaskStatus.SUCCESS
    assert progress(service.look_at(staged.id)) == ("", "")


def test_with_parallel_stores_all_count_as_failed(service: Service, staged: Image) -> None:
    service.all_or_none = True
    service.limited()
    service.cheap.faults["write"] = StoreUnavailable("out")
    imported(service, staged, into("fast", "cheap"))
    assert progress(service.look_at(staged.id)) == ("", "cheap,fast")


def test_an_import_that_failed_waits_for_the_next_after_a_minute(
    service: Service, staged: Image
) -> None:
    service.fast.faults["commit"] = StorageFull("fast")
    imported(service, staged, ask())
    service.clean_staging()
    assert service.status_of(staged.id) is Status.IMPORTING
    service.clock.pass_by(MINUTE)
    service.clean_staging()
    image = service.look_at(staged.id)
    assert (image.status, image.size) == (Status.UPLOADING, len(DATA))


def test_an_import_whose_staged_data_is_lost_is_shown_as_it_failed(
    service: Service, staged: Image
) -> None:
    service.staging.remove(staged.id)
    task = imported(service, staged, ask())
    assert (task.status, service.status_of(staged.id)) == (TaskStatus.FAILURE, Status.IMPORTING)
    service.stage(staged.id, DATA)
    assert imported(service, staged, ask()).status is TaskStatus.SUCCESS


def test_an_import_that_failed_and_lost_its_data_waits_for_other_data_after_a_minute(
    service: Service, staged: Image
) -> None:
    service.fast.faults["commit"] = StorageFull("fast")
    imported(service, staged, ask())
    service.staging.remove(staged.id)
    service.clean_staging()
    assert service.status_of(staged.id) is Status.IMPORTING
    service.clock.pass_by(MINUTE)
    service.clean_staging()
    assert service.status_of(staged.id) is Status.QUEUED


def test_an_import_that_failed_and_lost_its_data_takes_an_upload(
    service: Service, staged: Image
) -> None:
    service.fast.faults["commit"] = StorageFull("fast")
    imported(service, staged, ask())
    with pytest.raises(WrongStatus):
        service.upload(staged.id, b"abc")
    service.staging.remove(staged.id)
    service.fast.faults.clear()
    service.upload(staged.id, b"abc")
    assert service.read(staged.id) == b"abc"


def test_data_of_another_format_reaches_no_store(service: Service) -> None:
    image = service.has_queued(disk_format="qcow2")
    service.stage(image.id, DATA)
    service.fast.faults["commit"] = AssertionError("written before it was judged")
    task = imported(service, image, ask(all_stores=True))
    assert (task.status, service.stored) == (TaskStatus.FAILURE, [])
    assert "qcow2" in task.message
    assert service.status_of(image.id) is Status.IMPORTING


def test_formats_that_change_in_mid_import_are_not_those_that_data_was_held_to(
    service: Service, staged: Image
) -> None:
    def change() -> None:
        with service.catalogue() as work:
            image = work.images.get(staged.id, seen_by=OWNER_CALLER)
            image.set_attribute("disk_format", "vmdk", Limits())
            work.images.save(image)
            work.commit()

    service.staged.open, before = (  # type: ignore[method-assign]
        lambda *args: change() or before(*args),  # type: ignore[func-returns-value]
        service.staged.open,
    )

    task = imported(service, staged, ask())

    assert (task.status, service.stored) == (TaskStatus.FAILURE, [])
    assert "formats of the image were changed" in task.message
    assert service.look_at(staged.id).disk_format == "vmdk"


@pytest.mark.parametrize("fact", ["checksum", "os_hash_value"])
def test_data_must_be_what_was_said_of_it(service: Service, fact: str) -> None:
    image = service.has_queued(**{"os_hash_algo": "sha512", "os_hash_value": "00", fact: "00"})
    service.stage(image.id, DATA)
    assert imported(service, image, ask()).status is TaskStatus.FAILURE
    assert service.stored == []


@pytest.mark.parametrize("step", ["create", "write", "commit"])
def test_a_tolerated_failure_leaves_the_others(service: Service, queued: Image, step: str) -> None:
    service.cheap.faults[step] = StorageFull("cheap")
    task = imported(service, queued, web("fast", "cheap", must_succeed=False))
    image = service.look_at(queued.id)
    assert (task.status, image.status) == (TaskStatus.SUCCESS, Status.ACTIVE)
    assert (stores_of(image), progress(image)) == (["fast"], ("", "cheap"))
    assert service.read(image.id) == DATA


def test_when_every_store_fails_nothing_is_tolerated(service: Service, queued: Image) -> None:
    service.cheap.faults["create"] = service.fast.faults["write"] = StorageFull("any")
    task = imported(service, queued, web("fast", "cheap", must_succeed=False))
    image = service.look_at(queued.id)
    assert (task.status, image.status) == (TaskStatus.FAILURE, Status.QUEUED)
    assert progress(image) == ("", "cheap,fast")


@pytest.mark.parametrize(
    "prepare",
    [
        lambda service: service.web.data.clear(),
        lambda service: service.fast.faults.update(write=StorageFull("fast")),
        lambda service: service.fast.faults.update(commit=RuntimeError("unforeseen")),
    ],
    ids=["nothing there", "store full", "a bug"],
)
def test_a_failed_download_leaves_the_image_queued(
    service: Service, queued: Image, prepare: Callable[[Service], None]
) -> None:
    prepare(service)
    task = imported(service, queued, web("fast", "cheap"))
    image = service.look_at(queued.id)
    assert (task.status, image.status, image.size) == (TaskStatus.FAILURE, Status.QUEUED, None)
    assert progress(image) == ("", "cheap,fast")
    assert (service.stored, rests(service, image)) == ([], True)


def test_the_cause_is_told(service: Service, queued: Image) -> None:
    service.web.data.clear()
    assert "remote answered 404" in imported(service, queued, web()).message


def test_data_that_is_too_large_is_not_kept_for_another_try(service: Service) -> None:
    image = service.has_queued()
    service.stage(image.id, DATA)
    service.limited(image_size_cap=1000)
    task = imported(service, image, ask())
    assert (task.status, service.status_of(image.id)) == (TaskStatus.FAILURE, Status.QUEUED)
    assert list(service.staged.keys()) == []


def test_a_failed_copy_leaves_the_image_as_it_was(service: Service) -> None:
    image = service.has_active(DATA)
    service.cheap.faults["commit"] = StorageFull("cheap")
    task = imported(service, image, copy("cheap"), ADMIN)
    after = service.look_at(image.id)
    assert (task.status, after.status) == (TaskStatus.FAILURE, Status.ACTIVE)
    assert (stores_of(after), progress(after)) == (["fast"], ("", "cheap"))
    assert service.read(image.id) == DATA


def test_a_copy_of_damaged_data_is_not_kept(service: Service) -> None:
    image = service.has_active(DATA)
    service.fast.open = lambda *args: MemoryStream(memoryview(b"x" * len(DATA)))  # type: ignore[method-assign]
    task = imported(service, image, copy("cheap"), ADMIN)
    assert task.status is TaskStatus.FAILURE
    assert list(service.cheap.keys()) == []


# ---------------------------------------------------------------------- deaths and deletions


def test_what_a_dead_process_left_in_stores_is_written_anew(
    service: Service, staged: Image
) -> None:
    task = asked(service, staged, into("fast", "cheap"))
    service.has_bytes(service.cheap, staged.id, b"half of it, from before")
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS
    (place,) = service.cheap.locate(staged.id)
    assert service.cheap.open(place).read() == DATA


def test_an_import_whose_process_dies_at_its_end_is_done_by_another(
    service: Service, staged: Image
) -> None:
    task = asked(service, staged, into("fast", "cheap"))
    # Claim, begin, confirm, end: the last one gets lost.
    service.work.trouble = [None, None, None, "refused"]
    with pytest.raises(TintypeError):
        service.work_off()
    survivor = service.beside()
    survivor.presence.dead.add("this-process")
    assert survivor.sweep() == 1
    survivor.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert service.read(staged.id) == DATA
    assert rests(service, staged)


def test_an_import_handed_back_is_gone_on_with(service: Service, staged: Image) -> None:
    task = asked(service, staged, ask())
    halt = threading.Event()
    halt.set()
    service.work_off(halt)
    assert service.sweep() == 1
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS


def test_deleting_an_image_in_mid_import_leaves_nothing(service: Service, staged: Image) -> None:
    task = asked(service, staged, into("fast", "cheap"))
    service.staged.open, before = (  # type: ignore[method-assign]
        lambda *args: (service.delete(OWNER_CALLER, staged.id), before(*args))[1],
        service.staged.open,
    )
    service.work_off()
    assert service.task(task.id).message == "The image was deleted."
    assert service.status_of(staged.id) is Status.DELETED
    assert (service.stored, list(service.staged.keys()), service.leases) == ([], [], [])


def test_deleting_an_image_when_its_data_is_being_kept_leaves_nothing(
    service: Service, staged: Image
) -> None:
    asked(service, staged, into("fast", "cheap"))
    commit = service.fast.keep

    def keep(*args: Any) -> Location:
        service.delete(OWNER_CALLER, staged.id)
        return commit(*args)

    service.fast.keep = keep  # type: ignore[method-assign, assignment]
    service.work_off()
    assert (service.stored, service.leases) == ([], [])

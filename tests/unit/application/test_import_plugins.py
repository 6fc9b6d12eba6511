"""Imports with plugins: deaths, deletions, and data that is in no local file (§12)."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.adapters.stores.memory import MemoryStream
from tintype.adapters.workbench.local import LocalWorkbenches
from tintype.domain.errors import FormatMismatch, StorageFull
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.ports.import_plugin import Draft
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskStatus

DATA = b"as it was sent " * 100_000
CHANGED = b"as it is stored " * 50_000
URL = "http://192.0.2.1/disk"


@dataclass
class Replace:
    """A plugin that puts other data in place of what was sent, and may do something before."""

    before: Callable[[Draft], object] = lambda _: None
    needs_data: bool = True
    starts_over: bool = False
    seen: list[bytes] = field(default_factory=list)

    def __call__(self, draft: Draft) -> None:
        if draft.bench is None:
            return
        self.seen.append(draft.bench.data.read_bytes())
        with draft.bench.filling("uc") as sink:
            sink.write(CHANGED)
            self.before(draft)
        draft.changed = True


@pytest.fixture
def bench(tmp_path: Path) -> LocalWorkbenches:
    return LocalWorkbenches(str(tmp_path), "staging")


def begun(service: Service, image: Image, method: Method = Method.DIRECT) -> Task:
    """Ask for an import."""
    request = ImportRequest(
        method,
        uri=URL if method is Method.WEB else None,
        stores=("fast", "cheap"),
        body={"method": {"name": method.value}},
    )
    task = service.start_import(OWNER_CALLER, image.id, request)
    assert isinstance(task, Task)
    return task


def waiting(service: Service, method: Method) -> Image:
    """Return an image whose data can be imported."""
    image = service.has_queued()
    service.web.data[URL] = DATA
    if method is Method.DIRECT:
        service.stage(image.id, DATA)
    return image


METHODS = pytest.mark.parametrize("method", [Method.DIRECT, Method.WEB])


@METHODS
def test_data_that_is_in_no_file_is_brought_to_one(
    service: Service, bench: LocalWorkbenches, tmp_path: Path, method: Method
) -> None:
    plugin = Replace()
    service.with_plugins(bench, plugin)
    image = waiting(service, method)
    task = begun(service, image, method)
    service.work_off()
    after = service.look_at(image.id)
    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert (plugin.seen, service.read(image.id)) == ([DATA], CHANGED)
    assert (after.size, after.checksum) == (len(CHANGED), hashlib.md5(CHANGED).hexdigest())
    assert after.properties["original_os_hash_value"] == hashlib.sha512(DATA).hexdigest()
    assert list(tmp_path.iterdir()) == []


def test_staged_data_that_was_cut_short_is_not_kept_for_another_try(
    service: Service, bench: LocalWorkbenches
) -> None:
    plugin = Replace()
    service.with_plugins(bench, plugin)
    image = waiting(service, Method.DIRECT)
    service.staged.open = lambda *_: MemoryStream(memoryview(DATA[:-1]))  # type: ignore[method-assign]
    task = begun(service, image)
    service.work_off()
    assert (service.task(task.id).status, plugin.seen) == (TaskStatus.FAILURE, [])
    assert (service.stored, list(service.staged.keys())) == ([], [])


def test_plugins_come_one_after_the_other(service: Service, bench: LocalWorkbenches) -> None:
    first, second = Replace(), Replace()
    service.with_plugins(bench, first, second)
    begun(service, waiting(service, Method.DIRECT))
    service.work_off()
    assert (first.seen, second.seen) == ([DATA], [CHANGED])


@METHODS
def test_what_a_process_that_ends_began_is_done_anew_by_another(
    service: Service, bench: LocalWorkbenches, tmp_path: Path, method: Method
) -> None:
    halt = threading.Event()

    def stop(draft: Draft) -> None:
        if not halt.is_set():
            halt.set()
            draft.check()

    service.with_plugins(bench, Replace(stop))
    image = waiting(service, method)
    task = begun(service, image, method)
    service.work_off(halt)
    assert (service.task(task.id).status, list(tmp_path.iterdir())) == ("processing", [])
    assert service.sweep() == 1
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert service.read(image.id) == CHANGED


def test_a_process_that_was_stuck_and_its_successor_share_no_file(
    service: Service, bench: LocalWorkbenches, tmp_path: Path
) -> None:
    other = service.beside()
    other.presence.dead.add("this-process")

    def stuck(draft: Draft) -> None:
        if len(plugin.seen) == 1:
            # Somebody else takes the work up, and does it to its end.
            other.with_plugins(bench, plugin)
            assert other.sweep() == 1
            other.work_off()
            service.clock.pass_by(timedelta(seconds=9))
            draft.check()

    plugin = Replace(stuck)
    service.with_plugins(bench, plugin)
    image = waiting(service, Method.DIRECT)
    task = begun(service, image)
    service.work_off()
    assert plugin.seen == [DATA, DATA]
    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert service.read(image.id) == CHANGED
    assert (service.leases, list(tmp_path.iterdir())) == ([], [])


def test_deleting_the_image_stops_the_work(
    service: Service, bench: LocalWorkbenches, tmp_path: Path
) -> None:
    def delete(draft: Draft) -> None:
        service.delete(OWNER_CALLER, draft.image_id)
        service.clock.pass_by(timedelta(seconds=9))
        draft.check()

    service.with_plugins(bench, Replace(delete))
    image = waiting(service, Method.DIRECT)
    begun(service, image)
    service.work_off()
    assert service.status_of(image.id) is Status.DELETED
    assert (service.stored, list(service.staged.keys()), list(tmp_path.iterdir())) == ([], [], [])


@METHODS
@pytest.mark.parametrize("starts_over", [False, True])
@pytest.mark.parametrize(
    "error", [FormatMismatch("no"), StorageFull("staging"), ZeroDivisionError()], ids=repr
)
def test_what_a_plugin_that_fails_leaves(
    service: Service,
    bench: LocalWorkbenches,
    tmp_path: Path,
    method: Method,
    starts_over: bool,
    error: Exception,
) -> None:
    def fail(draft: Draft) -> None:
        draft.properties["colour"] = "red"
        raise error

    service.with_plugins(bench, Replace(fail, starts_over=starts_over))
    image = waiting(service, method)
    task = begun(service, image, method)
    service.work_off()
    after = service.look_at(image.id)
    kept = method is Method.DIRECT and not starts_over
    assert service.task(task.id).status is TaskStatus.FAILURE
    assert after.status is (Status.IMPORTING if kept else Status.QUEUED)
    assert list(service.staged.keys()) == ([image.id] if kept else [])
    assert after.properties["os_glance_failed_import"] == "cheap,fast"
    assert "colour" not in after.properties
    assert (service.stored, service.leases, list(tmp_path.iterdir())) == ([], [], [])


def test_no_more_is_brought_than_an_image_may_have(
    service: Service, bench: LocalWorkbenches, tmp_path: Path
) -> None:
    service.with_plugins(bench, Replace()).limited(image_size_cap=1000)
    image = waiting(service, Method.WEB)
    task = begun(service, image, Method.WEB)
    service.work_off()
    assert "limit of 1000 bytes" in service.task(task.id).message
    assert (service.status_of(image.id), list(tmp_path.iterdir())) == (Status.QUEUED, [])


def test_copies_know_no_plugins(service: Service, bench: LocalWorkbenches) -> None:
    plugin = Replace()
    service.with_plugins(bench, plugin)
    image = service.has_active(DATA)
    request = ImportRequest(Method.COPY, stores=("cheap",), body={"method": {"name": "copy-image"}})
    assert service.start_import(ADMIN, image.id, request) is not None
    service.work_off()
    (place,) = service.cheap.locate(image.id)
    assert (plugin.seen, service.cheap.open(place).read()) == ([], DATA)

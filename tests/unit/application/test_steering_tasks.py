"""Calling tasks off, and sending again what failed."""

from collections.abc import Callable

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, STRANGER, FaultyDriver, Service
from tests.unit.application.test_image_import import DATA, URL, ask, asked, into, web
from tests.unit.application.test_location_import import DATA as LOCATED
from tests.unit.application.test_location_import import EXPECTED, SERVICE, imported
from tintype.adapters.stores.memory import MemoryStream
from tintype.domain.errors import StorageFull, TaskNotFound, WrongTaskStatus
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskStatus

CANCELLED = "The task was cancelled."


@pytest.fixture
def staged(service: Service) -> Image:
    image = service.has_queued()
    service.stage(image.id, DATA)
    return image


def on_reading(driver: FaultyDriver, step: Callable[[], object]) -> None:
    """Do something when staged data is about to be read."""
    read = driver.open

    def open_it(location: Location, offset: int = 0, length: int | None = None) -> MemoryStream:
        step()
        return read(location, offset, length)

    driver.open = open_it  # type: ignore[method-assign]


def test_a_task_that_waits_is_cancelled_and_its_image_waits_for_the_next_try(
    service: Service, staged: Image
) -> None:
    task = asked(service, staged, into("fast"))
    shown = service.cancel_task(OWNER_CALLER, task.id)
    assert (shown.message, shown.ended) == (CANCELLED, False)
    service.work_off()
    ended = service.task(task.id)
    assert (ended.status, ended.message) == (TaskStatus.FAILURE, CANCELLED)
    image = service.look_at(staged.id)
    assert (image.import_failed or image.status is Status.UPLOADING, service.leases) == (True, [])
    asked(service, staged, into("fast"))
    service.work_off()
    assert service.read(staged.id) == DATA


def test_a_task_at_work_is_taken_from_whoever_is_at_it(service: Service, staged: Image) -> None:
    other = service.beside()
    task = asked(service, staged, into("fast", "cheap"))

    def cancel() -> None:
        other.cancel_task(ADMIN, task.id)
        other.cancel_task(ADMIN, task.id)
        other.work_off()

    on_reading(service.staged, cancel)
    service.work_off()
    ended = service.task(task.id)
    assert (ended.status, ended.message) == (TaskStatus.FAILURE, CANCELLED)
    assert (service.stored, service.leases) == ([], [])
    assert service.look_at(staged.id).import_task is None


def test_whoever_takes_up_a_cancelled_task_of_a_dead_process_ends_it(
    service: Service, staged: Image
) -> None:
    task = asked(service, staged, into("fast"))
    service.queue.broken = True
    service.cancel_task(OWNER_CALLER, task.id)
    service.beside().sweep()
    service.queue.broken = False
    service.sweep()
    service.work_off()
    assert service.task(task.id).message == CANCELLED


def test_what_has_ended_is_not_cancelled(service: Service, staged: Image) -> None:
    task = asked(service, staged, into("fast"))
    service.work_off()
    with pytest.raises(WrongTaskStatus):
        service.cancel_task(OWNER_CALLER, task.id)


def test_strangers_do_not_know_of_a_task(service: Service, staged: Image) -> None:
    task = asked(service, staged, into("fast"))
    with pytest.raises(TaskNotFound):
        service.cancel_task(STRANGER, task.id)
    with pytest.raises(TaskNotFound):
        service.retry_task(STRANGER, task.id)


def retried(service: Service, task: Task) -> Task:
    again = service.retry_task(OWNER_CALLER, task.id, "req-2")
    assert isinstance(again, Task)
    return again


def test_an_import_that_failed_is_tried_again(service: Service, staged: Image) -> None:
    service.cheap.faults = {"write": StorageFull("cheap")}
    task = asked(service, staged, ask(all_stores=True))
    service.work_off()
    service.cheap.faults = {}
    again = retried(service, task)
    service.work_off()
    assert service.task(again.id).status is TaskStatus.SUCCESS
    assert (again.id != task.id, again.request_id) == (True, "req-2")
    stores = [location.store for location in service.look_at(staged.id).locations]
    assert stores == ["fast", "cheap"]


def test_a_download_is_tried_again_from_the_url_with_its_credentials(service: Service) -> None:
    url = URL.replace("//", "//user:secret@")
    image = service.has_queued()
    task = asked(service, image, web(url=url))
    service.work_off()
    service.web.data[url] = DATA
    retried(service, task)
    service.work_off()
    assert service.read(image.id) == DATA


def test_a_location_that_failed_is_tried_again(service: Service) -> None:
    image = service.has_queued()
    task = imported(service, image, EXPECTED)
    assert task.status is TaskStatus.FAILURE
    service.has_bytes(service.fast, "elsewhere", LOCATED)
    again = service.retry_task(SERVICE, task.id)
    service.work_off()
    assert isinstance(again, Task)
    assert service.task(again.id).status is TaskStatus.SUCCESS
    assert service.read(image.id) == LOCATED


def test_what_has_not_failed_is_not_tried_again(service: Service, staged: Image) -> None:
    task = asked(service, staged, into("fast"))
    with pytest.raises(WrongTaskStatus):
        service.retry_task(OWNER_CALLER, task.id)

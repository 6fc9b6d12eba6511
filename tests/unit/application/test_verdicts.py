"""What is found out about data while it is staged, and what its import does with it (§2)."""

import hashlib
from typing import Any

import pytest

from tests.unit.application.service import OWNER_CALLER, Service
from tintype.adapters.stores.memory import MemoryStream
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.staged import PROPERTY, Verdict
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskStatus

DATA = b"a disk " * 300_000
MD5 = hashlib.md5(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
QCOW2 = b"QFI\xfb\0\0\0\3" + bytes(16) + b"\0\0\0\x10" + bytes(700)


def imported(service: Service, image: Image) -> Task:
    """Import what is staged, and return the task at its end."""
    body = {"method": {"name": "glance-direct"}}
    request = ImportRequest(Method.DIRECT, stores=("fast", "cheap"), body=body)
    task = service.start_import(OWNER_CALLER, image.id, request)
    assert isinstance(task, Task)
    service.work_off()
    return service.task(task.id)


def staged(service: Service, data: bytes = DATA, **facts: Any) -> Image:
    """Return an image whose data is staged."""
    image = service.has_queued(**facts)
    service.stage(image.id, data)
    return service.look_at(image.id)


def patch(service: Service, image: Image, **facts: Any) -> None:
    """Change a row behind the service's back."""
    with service.catalogue() as work:
        found = work.images.get_gone(image.id)
        assert found is not None
        for name, value in facts.items():
            setattr(found, name, value)
        work.images.save(found)
        work.commit()


def test_the_image_shows_nothing_of_it(service: Service) -> None:
    image = staged(service)
    assert (image.size, image.checksum, image.os_hash_value) == (len(DATA), None, None)
    assert image.virtual_size is None
    known = ("sha512", SHA512, "raw", "bare", len(DATA))
    assert image.verdict == Verdict(len(DATA), MD5, *known)


def test_it_goes_with_the_data(service: Service) -> None:
    image = staged(service)
    assert imported(service, image).status is TaskStatus.SUCCESS
    after = service.look_at(image.id)
    assert (after.checksum, after.os_hash_value, after.virtual_size) == (MD5, SHA512, len(DATA))
    assert PROPERTY not in after.properties


def test_data_that_is_not_what_it_should_be_fails_before_it_is_read(service: Service) -> None:
    image = staged(service, disk_format="qcow2")
    assert image.status is Status.UPLOADING
    unread = MemoryStream(memoryview(DATA))
    service.staged.open = lambda *args: unread  # type: ignore[method-assign]
    for driver in (service.fast, service.cheap):
        driver.faults["create"] = AssertionError("a store was written to")
    task = imported(service, image)
    assert (task.status, service.status_of(image.id)) == (TaskStatus.FAILURE, Status.IMPORTING)
    assert "does not match disk_format 'qcow2'" in task.message
    assert len(unread.read()) == len(DATA)


@pytest.mark.parametrize(
    "fact", [{"checksum": "00"}, {"os_hash_algo": "sha512", "os_hash_value": "00"}]
)
def test_what_the_row_says_counts(service: Service, fact: dict[str, str]) -> None:
    image = staged(service)
    patch(service, image, **fact)
    service.fast.faults["create"] = AssertionError("a store was written to")
    assert imported(service, image).status is TaskStatus.FAILURE


def test_other_formats_are_judged_anew(service: Service) -> None:
    image = staged(service, disk_format="qcow2")
    assert imported(service, image).status is TaskStatus.FAILURE
    patch(service, image, disk_format="raw")
    assert imported(service, image).status is TaskStatus.SUCCESS
    assert service.look_at(image.id).virtual_size == len(DATA)


def test_formats_that_come_later_are_judged_then(service: Service) -> None:
    image = staged(service, disk_format=None, container_format=None)
    patch(service, image, disk_format="qcow2", container_format="bare")
    assert imported(service, image).status is TaskStatus.FAILURE
    patch(service, image, disk_format="raw")
    assert imported(service, image).status is TaskStatus.SUCCESS


def test_another_algorithm_is_computed_anew(service: Service) -> None:
    image = staged(service)
    value = hashlib.sha256(DATA).hexdigest()
    patch(service, image, os_hash_algo="sha256", os_hash_value=value)
    assert imported(service, image).status is TaskStatus.SUCCESS
    assert service.look_at(image.id).checksum == MD5


def test_staged_data_that_rots_is_noticed_and_not_kept(service: Service) -> None:
    image = staged(service)
    rotten = b"x" + DATA[1:]
    service.staged.open = lambda *args: MemoryStream(memoryview(rotten))  # type: ignore[method-assign]
    task = imported(service, image)
    assert (task.status, service.status_of(image.id)) == (TaskStatus.FAILURE, Status.IMPORTING)
    assert "damaged" in task.message
    assert (service.stored, list(service.staged.keys())) == ([], [])
    service.stage(image.id, DATA)
    assert service.status_of(image.id) is Status.UPLOADING


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"size": 1}', '{"colour": "red"}'])
def test_a_verdict_that_is_none_of_ours_counts_for_nothing(service: Service, text: str) -> None:
    image = staged(service)
    patch(service, image, properties={PROPERTY: text})
    assert service.look_at(image.id).verdict is None
    assert imported(service, image).status is TaskStatus.SUCCESS

"""Images of other services (import-and-tasks §11)."""

import hashlib
import json
from typing import Any

import pytest

from tests.builders import a_caller
from tests.unit.application.service import Service
from tintype.domain.errors import Conflict, Invalid
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.ports.remote_images import RemoteImage
from tintype.domain.service_catalogue import endpoint_of, image_endpoints
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskStatus

THERE = "11111111-2222-4333-8444-555555555555"
ENDPOINT = "http://image.north"
DATA = b"a remote disk " * 99_000
SHA512 = hashlib.sha512(DATA).hexdigest()
CATALOGUE = json.dumps(
    [
        {"type": "compute", "endpoints": [{"region": "North", "publicURL": "http://no"}]},
        {
            "type": "image",
            "endpoints": [
                {"region": "South", "publicURL": "http://image.south"},
                {"region": "North", "publicURL": ENDPOINT, "internalURL": "http://inside"},
            ],
        },
    ]
)
CALLER = a_caller(auth_token="secret-token", service_catalog=CATALOGUE)


def a_remote(**facts: Any) -> RemoteImage:
    default = {"disk_format": "raw", "container_format": "bare", "size": len(DATA)}
    return RemoteImage(**{**default, **facts})


def request(**method: str) -> ImportRequest:
    body = {
        "name": "glance-download",
        "glance_region": "north",
        "glance_image_id": THERE,
        "glance_service_interface": "public",
        **method,
    }
    return ImportRequest(
        Method.REMOTE,
        region=body["glance_region"],
        remote_id=body["glance_image_id"],
        stores=("fast",),
        body={"method": body},
    )


def imported(service: Service, image: Image, **method: str) -> Task:
    """Import, and return the task at its end."""
    task = service.start_import(CALLER, image.id, request(**method))
    assert isinstance(task, Task)
    service.work_off()
    return service.task(task.id)


@pytest.fixture
def there(service: Service) -> Service:
    service.elsewhere.images[f"{ENDPOINT}/{THERE}"] = a_remote(
        os_hash_algo="sha512",
        os_hash_value=SHA512,
        properties={"hw_disk_bus": "scsi", "colour": "blue", "os_glance_x": "no"},
    )
    service.web.data[f"{ENDPOINT}/{THERE}"] = DATA
    return service


def test_data_formats_and_some_properties_come_over(there: Service) -> None:
    image = there.has_queued(disk_format="qcow2", container_format="ova")
    task = imported(there, image)
    after = there.look_at(image.id)
    assert (task.status, after.status) == (TaskStatus.SUCCESS, Status.ACTIVE), task.message
    assert (after.disk_format, after.container_format) == ("raw", "bare")
    assert (after.properties["hw_disk_bus"], "colour" in after.properties) == ("scsi", False)
    assert (after.os_hash_value, there.read(image.id)) == (SHA512, DATA)
    assert there.elsewhere.tokens == ["secret-token"]


def test_neither_token_nor_catalogue_outlives_the_task(there: Service) -> None:
    image = there.has_queued()
    task = there.start_import(CALLER, image.id, request())
    assert isinstance(task, Task)
    assert there.task(task.id).secrets["token"] == "secret-token"
    there.work_off()
    assert there.task(task.id).secrets == {}
    assert "secret-token" not in repr(task)


def test_a_digest_whose_length_nobody_said_is_passed_over(there: Service) -> None:
    there.elsewhere.images[f"{ENDPOINT}/{THERE}"] = a_remote(
        os_hash_algo="shake_128", os_hash_value="00"
    )

    assert imported(there, there.has_queued()).status is TaskStatus.SUCCESS


FAILURES: dict[str, dict[str, Any]] = {
    "other data": {"os_hash_algo": "sha512", "os_hash_value": "00" * 64},
    "other data, by another digest": {"os_hash_algo": "sha256", "os_hash_value": "00" * 32},
    "more than there is": {"size": len(DATA) + 1},
    "less than there is": {"size": len(DATA) - 1},
    "another format": {"disk_format": "qcow2"},
    "a format that is not taken": {"disk_format": "floppy"},
}


@pytest.mark.parametrize("case", FAILURES)
def test_after_a_failure_the_image_is_as_it_was(there: Service, case: str) -> None:
    there.elsewhere.images[f"{ENDPOINT}/{THERE}"] = a_remote(
        **FAILURES[case], properties={"hw_disk_bus": "scsi"}
    )
    image = there.has_queued(disk_format="iso", properties={"mine": "1"})
    task = imported(there, image)
    after = there.look_at(image.id)
    assert (task.status, after.status, after.size) == (TaskStatus.FAILURE, Status.QUEUED, None)
    assert (after.disk_format, after.properties["mine"]) == ("iso", "1")
    assert "hw_disk_bus" not in after.properties
    assert after.properties["os_glance_failed_import"] == "fast"
    assert there.stored == []


@pytest.mark.parametrize(
    "method",
    [
        {"glance_region": "west"},
        {"glance_service_interface": "admin"},
        {"glance_service_interface": "of my own"},
        {"glance_region": "south"},
    ],
    ids=["no such region", "no such interface", "an odd interface", "no such image"],
)
def test_what_is_not_there_fails_the_task(there: Service, method: dict[str, str]) -> None:
    image = there.has_queued()
    task = imported(there, image, **method)
    assert (task.status, there.status_of(image.id)) == (TaskStatus.FAILURE, Status.QUEUED)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ({"glance_region": ""}, "glance_region"),
        ({"glance_image_id": ""}, "glance_image_id"),
        ({"glance_image_id": "latest"}, "image id does not look like a UUID"),
        ({"glance_image_id": f"{THERE}/file"}, "image id does not look like a UUID"),
    ],
)
def test_requests_that_name_no_image_are_refused(
    there: Service, method: dict[str, str], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        there.start_import(CALLER, there.has_queued().id, request(**method))


def test_the_state_comes_before_the_names(there: Service) -> None:
    with pytest.raises(Conflict):
        there.start_import(CALLER, there.has_active().id, request(glance_region=""))


@pytest.mark.parametrize(
    ("region", "interface", "expected"),
    [
        ("NORTH", "public", ENDPOINT),
        ("north", "internal", "http://inside"),
        ("north", "admin", None),
        ("east", "public", None),
    ],
)
def test_regions_have_no_case(region: str, interface: str, expected: str | None) -> None:
    assert endpoint_of(image_endpoints(CATALOGUE), region, interface) == expected


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "1", "{}", "[1]", '[{"type": "image"}]', '[{"type":"image","endpoints":[7]}]'],
)
def test_a_catalogue_of_any_kind_is_read(text: str | None) -> None:
    assert image_endpoints(text) == []

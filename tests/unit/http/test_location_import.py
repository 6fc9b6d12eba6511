"""Locations as other services send and read them (images-api §9.2)."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.service import wait_until
from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    OWNER,
    READER,
    Answer,
    Headers,
    Service,
    each,
    identity,
)
from tintype.domain.status import Status

SERVICE = identity("services", "service")
SERVICE_AND_OWNER = identity(roles="member,reader,service")
DATA = b"bytes that were there before"
SHA256 = hashlib.sha256(DATA).hexdigest()
WEB = "http://192.0.2.1/image"

STORES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory, web:http
    {defaults}
    [glance_store]
    default_backend = ram
"""


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application with a store of the web, whose tasks nobody works on."""
    service = Service.configured(tmp_path, STORES)
    service.container.task_queue().stop(0)
    return service


@pytest.fixture
def at_work(tmp_path: Path) -> Service:
    """The application with its tasks worked on."""
    return Service.configured(tmp_path, STORES)


def path(image_id: str) -> str:
    """Return the path of the locations of an image."""
    return f"/v2/images/{image_id}/locations"


def send(
    service: Service, image_id: str | None = None, url: Any = "memory://ram/there", **more: Any
) -> Answer:
    """Send a URL for an image, a new one if not said otherwise."""
    image_id = image_id or service.seen_by(OWNER).an_image()
    return service.send("POST", path(image_id), {"url": url, **more})


def by(caller: Headers, url: str = "memory://ram/there", **attributes: Any) -> Any:
    """Return a row's request: a caller sends a URL for an image of the owner's."""
    return lambda s: send(s.seen_by(caller), s.an_image(**attributes), url)


def validated(algorithm: Any, value: Any) -> Any:
    """Return a row's request: a digest comes with the URL."""
    data = {"os_hash_algo": algorithm, "os_hash_value": value}
    return lambda s: send(s.seen_by(SERVICE), validation_data=data)


def with_validation(data: Any) -> Any:
    """Return a row's request: something comes with the URL that may be no digest."""
    return lambda s: send(s.seen_by(SERVICE), validation_data=data)


def with_service_token(roles: str) -> Headers:
    """Return the owner, with a service token of those roles."""
    return {**OWNER, "X-Service-Roles": roles, "X-Service-Token": "t"}


def locked(service: Service) -> Answer:
    """Send a second URL while the first is looked at."""
    image_id = service.an_image()
    assert send(service.seen_by(SERVICE), image_id).status == 202
    return send(service.seen_by(SERVICE), image_id)


@each(
    {
        "a service": (by(SERVICE), 202),
        "a service, for a private image": (by(SERVICE, visibility="private"), 202),
        "the owner with the role": (by(SERVICE_AND_OWNER), 202),
        "the owner by a service": (by(with_service_token("service")), 202),
        "the owner, with a URL of the web": (by(OWNER, WEB), 202),
        "an administrator, with a URL of the web": (by(ADMIN, WEB), 202),
        "a matching digest": (validated("sha256", SHA256), 202),
        "no digest": (with_validation({}), 202),
        "something else beside": (lambda s: send(s.seen_by(SERVICE), colour="red"), 202),
        "no url": (lambda s: s.send("POST", path(s.an_image()), {}), 400),
        "an empty url": (lambda s: send(s, url=""), 400),
        "a url that is a number": (lambda s: send(s, url=1), 400),
        "no object": (lambda s: s.send("POST", path(s.an_image()), []), 400),
        "no body": (lambda s: s.ask("POST", path(s.an_image())), 400),
        "a digest that is a text": (with_validation("sha256"), 400),
        "an unknown algorithm": (validated("sha384", "0" * 96), 400),
        "half a digest": (with_validation({"os_hash_algo": "sha256"}), 400),
        "the other half": (with_validation({"os_hash_value": SHA256}), 400),
        "a checksum": (
            with_validation(
                {"os_hash_algo": "sha256", "os_hash_value": SHA256, "checksum": "0" * 32}
            ),
            400,
        ),
        "a digest too short": (validated("sha512", SHA256), 400),
        "a digest that is not hex": (validated("sha256", "g" * 64), 400),
        "a digest that is a number": (validated("sha256", 1), 400),
        "an unknown image": (lambda s: send(s.seen_by(SERVICE), NO_SUCH_ID), 404),
        "a stranger": (by(OTHER, WEB), 404),
        "a body that is wrong, for an unknown image": (
            lambda s: s.send("POST", path(NO_SUCH_ID), {}),
            400,
        ),
        "an active image": (lambda s: send(s.seen_by(SERVICE), s.an_image(b"data")), 409),
        "an active image, by one who may not": (
            lambda s: send(s.seen_by(READER), s.an_image(b"data")),
            409,
        ),
        "the owner without the role": (by(OWNER), 403),
        "an administrator without the role": (by(ADMIN), 403),
        "a service token of another role": (by(with_service_token("admin")), 403),
        "a reader": (by(READER, WEB), 403),
        "one who may only see": (by(OTHER, WEB, visibility="community"), 403),
        "the owner, with a URL that is refused": (by(OWNER, "http://127.0.0.1/"), 400),
        "a service, with a URL that is refused": (by(SERVICE, "http://169.254.169.254/"), 400),
        "an image without formats": (by(SERVICE, disk_format=None), 400),
        "a second one meanwhile": (locked, 409),
        "another verb": (lambda s: s.ask("PUT", path(s.an_image())), 405),
    }
)
def test_what_a_location_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_a_url_of_the_web_needs_a_store_that_reads_it(tmp_path: Path) -> None:
    service = Service.configured(tmp_path)
    assert by(OWNER, WEB)(service).status == 403


def test_the_answer_has_no_body_and_the_image_is_queued_as_yet(service: Service) -> None:
    image_id = service.an_image()

    answer = send(service.seen_by(SERVICE), image_id)

    assert (answer.status, answer.body) == (202, b"")
    shown = service.show(image_id)
    assert shown["status"] == "queued"
    assert shown["os_glance_import_task"]


def a_sent_image(service: Service, **more: Any) -> str:
    """Return an image whose data is taken from an object of the store, once that is done."""
    driver = service.container.stores().named("ram")
    assert driver is not None
    with driver.create("there", len(DATA)) as handle:
        handle.write(memoryview(DATA))
        location = handle.commit()
    image_id = service.an_image()
    assert send(service.seen_by(SERVICE), image_id, location.url, **more).status == 202
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the task has ended")
    return image_id


def test_the_image_becomes_active_with_data_that_is_there_already(at_work: Service) -> None:
    image_id = a_sent_image(at_work)

    shown = at_work.show(image_id)
    assert (shown["status"], shown["size"], shown["stores"]) == ("active", len(DATA), "ram")
    assert shown["os_hash_value"] == hashlib.sha512(DATA).hexdigest()
    assert shown["checksum"] == hashlib.md5(DATA).hexdigest()
    assert at_work.get(f"/v2/images/{image_id}/file").body == DATA


def test_the_task_tells_how_it_went_to_who_asked_for_it(at_work: Service) -> None:
    image_id = a_sent_image(
        at_work, validation_data={"os_hash_algo": "sha256", "os_hash_value": "0" * 64}
    )

    asked = at_work.seen_by(ADMIN).get(f"/v2/images/{image_id}/tasks").json["tasks"]
    (task,) = asked
    assert (task["type"], task["status"], task["owner"]) == (
        "location_import",
        "failure",
        "services",
    )
    assert SHA256 in task["message"]
    assert task["image_id"] == image_id
    assert at_work.show(image_id)["status"] == "queued"
    assert at_work.get(f"/v2/images/{image_id}/file").status == 204


# ---------------------------------------------------------------------- reading


def read_by(caller: Headers, **attributes: Any) -> Any:
    """Return a row's request: a caller reads the locations of an image of the owner's."""
    return lambda s: s.seen_by(caller).get(path(s.an_image(b"data", **attributes)))


@each(
    {
        "a service": (read_by(SERVICE), 200),
        "a service, of a private image": (read_by(SERVICE, visibility="private"), 200),
        "an administrator": (read_by(ADMIN), 200),
        "an administrator who is nothing else": (read_by(identity("x", "admin")), 200),
        "the owner with that role alone": (read_by(identity(roles="service")), 200),
        "the owner": (read_by(OWNER), 403),
        "one who may only see": (read_by(OTHER, visibility="community"), 403),
        "a stranger": (read_by(OTHER), 404),
        "an unknown image": (lambda s: s.seen_by(SERVICE).get(path(NO_SUCH_ID)), 404),
        "a body": (lambda s: s.seen_by(SERVICE).ask("GET", path(s.an_image()), b"{}"), 200),
    }
)
def test_who_reads_locations(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_locations_are_a_bare_list(service: Service) -> None:
    image_id = service.an_image(b"data")

    assert service.seen_by(SERVICE).get(path(image_id)).json == [
        {"url": f"memory://ram/{image_id}", "metadata": {"store": "ram"}}
    ]
    assert service.seen_by(SERVICE).get(path(service.an_image())).json == []


def test_an_image_stuck_with_a_location_serves_nothing(service: Service) -> None:
    image_id = service.an_image(b"data")
    service.put_into(image_id, Status.QUEUED)

    assert service.get(f"/v2/images/{image_id}/file").status == 204

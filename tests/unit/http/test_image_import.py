"""Staging and imports as clients see them (images-api §8.3, import-and-tasks §2 and §3)."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.service import wait_until
from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OCTETS,
    ONE_STORE,
    OTHER,
    OWNER,
    READER,
    TWO_STORES,
    Answer,
    Headers,
    Service,
    each,
)
from tintype.domain.location import Location
from tintype.domain.status import Status

DIRECT = {"method": {"name": "glance-direct"}}
COPY = {"method": {"name": "copy-image"}}
REMOTE = {
    "method": {
        "name": "glance-download",
        "glance_region": "north",
        "glance_image_id": NO_SUCH_ID,
    }
}
WEB = {"method": {"name": "web-download", "uri": "http://192.0.2.1/image"}}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application, whose tasks nobody works on."""
    service = Service.configured(tmp_path)
    started(service).container.task_queue().stop(0)
    return service


def started(service: Service) -> Service:
    """Make the directories of a service."""
    service.container.stores().start()
    return service


def stage(service: Service, image_id: str, data: bytes = b"data", **headers: str) -> Answer:
    """Stage data."""
    typed = {"Content-Type": OCTETS} | {name.replace("_", "-"): it for name, it in headers.items()}
    return service.ask("PUT", f"/v2/images/{image_id}/stage", data, typed)


def staged(service: Service, **attributes: Any) -> str:
    """Create an image whose data is staged, as the owner."""
    image_id = service.seen_by(OWNER).an_image(**attributes)
    assert stage(service.seen_by(OWNER), image_id).status == 204
    return image_id


def ask(service: Service, image_id: str, body: Any = DIRECT, **headers: str) -> Answer:
    """Ask for an import."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return service.send("POST", f"/v2/images/{image_id}/import", body, named)


def asked(body: Any, caller: Headers = OWNER, **headers: str) -> Any:
    """Return a row's request: an import of what is staged."""
    return lambda s: ask(s.seen_by(caller), staged(s), body, **headers)


def of_active(body: Any, caller: Headers = ADMIN) -> Any:
    """Return a row's request: an import of an image that has data."""
    return lambda s: ask(s.seen_by(caller), s.an_image(b"data"), body)


def of_old(body: Any) -> Any:
    """Return a row's request: an import of an image from before stores had names."""

    def send(service: Service) -> Answer:
        image_id = service.an_image(b"data")
        old = [Location(f"memory://ram/{image_id}")]
        service.put_into(image_id, Status.ACTIVE, locations=old)
        return ask(service.seen_by(ADMIN), image_id, body)

    return send


def in_status(status: Status, do: Any) -> Any:
    """Return a row's request: something is done to an image in that status."""

    def send(service: Service) -> Answer:
        image_id = service.an_image()
        service.put_into(image_id, status)
        answer: Answer = do(service, image_id)
        return answer

    return send


def twice(do: Any) -> Any:
    """Return a row's request: something is done once more."""

    def send(service: Service) -> Answer:
        image_id = staged(service)
        do(service, image_id)
        answer: Answer = do(service, image_id)
        return answer

    return send


@each(
    {
        "success": (lambda s: stage(s, s.an_image()), 204),
        "no formats": (lambda s: stage(s, s.an_image(disk_format=None)), 204),
        "nothing": (lambda s: stage(s, s.an_image(), b""), 204),
        "a size that fits": (lambda s: stage(s, s.an_image(), x_openstack_image_size="4"), 204),
        "a size that does not": (
            lambda s: stage(s, s.an_image(), x_openstack_image_size="5"),
            400,
        ),
        "a size that is none": (
            lambda s: stage(s, s.an_image(), x_openstack_image_size="many"),
            400,
        ),
        "a negative size": (lambda s: stage(s, s.an_image(), x_openstack_image_size="-1"), 400),
        "a reader": (lambda s: stage(s.seen_by(READER), s.an_image()), 403),
        "an anonymous image": (lambda s: stage(s, NO_SUCH_ID), 404),
        "a stranger": (lambda s: stage(s.seen_by(OTHER), s.an_image(visibility="private")), 404),
        "a stranger, publicly": (
            lambda s: stage(
                s.seen_by(OTHER), s.seen_by(ADMIN).an_image(visibility="public", owner="owner")
            ),
            403,
        ),
        "an active image": (lambda s: stage(s, s.an_image(b"data")), 409),
        "a saving image": (in_status(Status.SAVING, stage), 409),
        "twice": (lambda s: stage(s, staged(s)), 409),
        "another type": (
            lambda s: s.ask(
                "PUT", f"/v2/images/{s.an_image()}/stage", b"x", {"Content-Type": "a/b"}
            ),
            415,
        ),
        "another verb": (lambda s: s.get(f"/v2/images/{NO_SUCH_ID}/stage"), 405),
    }
)
def test_staging(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_data_to_stage_whose_length_no_header_tells_is_read_to_its_end(service: Service) -> None:
    image_id = service.an_image()
    path, environ = f"/v2/images/{image_id}/stage", {"wsgi.input_terminated": True}
    answer = service.ask(
        *("PUT", path, b"", {"Content-Type": OCTETS}),
        environ={**environ, "wsgi.input": io.BytesIO(b"data")},
    )
    assert (answer.status, service.show(image_id)["size"]) == (204, 4)


def test_nothing_is_staged_where_nothing_is_imported_from_there(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, ONE_STORE, "enabled_import_methods = [web-download]")
    assert stage(service, NO_SUCH_ID, Content_Type="a/b").status == 404


def test_more_than_an_image_may_have_is_not_staged(tmp_path: Path) -> None:
    service = started(Service.configured(tmp_path, ONE_STORE, "image_size_cap = 3"))
    image_id = service.an_image()
    assert stage(service, image_id).status == 413
    assert service.show(image_id)["status"] == "queued"
    assert stage(service, image_id, b"abc").status == 204


@each(
    {
        "success": (asked(DIRECT), 202),
        "another key beside": (asked({**DIRECT, "colour": 1}), 202),
        "all_stores in the method": (
            asked({"method": {"name": "glance-direct", "all_stores": True}}),
            202,
        ),
        "a store": (asked({**DIRECT, "stores": ["more"]}), 202),
        "a store and its header": (
            asked({**DIRECT, "stores": ["more"]}, x_image_meta_store="more"),
            202,
        ),
        "no body": (lambda s: s.ask("POST", f"/v2/images/{staged(s)}/import"), 400),
        "bad JSON": (lambda s: s.ask("POST", f"/v2/images/{staged(s)}/import", b"{"), 400),
        "a number": (asked(1), 400),
        "a list": (asked([]), 400),
        "no method": (asked({}), 400),
        "a method that is a text": (asked({"method": "glance-direct"}), 400),
        "no name": (asked({"method": {}}), 400),
        "an unknown name": (asked({"method": {"name": "by-pigeon"}}), 400),
        "stores that are a number": (asked({**DIRECT, "stores": 1}), 400),
        "stores that are a text": (asked({**DIRECT, "stores": "ram"}), 400),
        "no store": (asked({**DIRECT, "stores": []}), 400),
        "a store twice": (asked({**DIRECT, "stores": ["ram", "ram"]}), 400),
        "a boolean that is a text": (asked({**DIRECT, "all_stores": "yes"}), 400),
        "another that is a number": (asked({**DIRECT, "all_stores_must_succeed": 0}), 400),
        "all stores and some": (asked({**DIRECT, "all_stores": True, "stores": ["ram"]}), 400),
        "all stores and a header": (
            asked({**DIRECT, "all_stores": True}, x_image_meta_store="ram"),
            400,
        ),
        "two opinions": (asked({**DIRECT, "stores": ["ram"]}, x_image_meta_store="more"), 400),
        "an unknown store": (asked({**DIRECT, "stores": ["nowhere"]}), 409),
        "an unknown store by header": (asked(DIRECT, x_image_meta_store="nowhere"), 409),
        "a reserved store": (asked({**DIRECT, "stores": ["os_glance_staging_store"]}), 409),
        "no image": (lambda s: ask(s, NO_SUCH_ID), 404),
        "a stranger": (
            lambda s: ask(s.seen_by(OTHER), staged(s, visibility="private")),
            404,
        ),
        "a reader": (asked(DIRECT, READER), 403),
        "directly, of nothing": (lambda s: ask(s, s.an_image()), 409),
        "from the web": (lambda s: ask(s, s.an_image(), WEB), 202),
        "from the web, of what is staged": (asked(WEB), 409),
        "a uri that is a number": (
            lambda s: ask(s, s.an_image(), {"method": {"name": "web-download", "uri": 1}}),
            400,
        ),
        "no uri": (lambda s: ask(s, s.an_image(), {"method": {"name": "web-download"}}), 400),
        "no container_format": (lambda s: ask(s, staged(s, container_format=None)), 409),
        "no disk_format": (lambda s: ask(s, staged(s, disk_format=None)), 409),
        "directly, of an active image": (of_active(DIRECT), 409),
        "a copy": (of_active({**COPY, "stores": ["more"]}), 202),
        "a copy by the owner": (of_active({**COPY, "stores": ["more"]}, OWNER), 403),
        "a copy to where it is": (of_active({**COPY, "stores": ["ram"]}), 400),
        "a copy to the default, where it is": (of_active(COPY), 400),
        "a copy to where it is since before stores had names": (
            of_old({**COPY, "stores": ["ram"]}),
            400,
        ),
        "a copy of what is staged": (asked(COPY, ADMIN), 409),
        "another region, not enabled": (lambda s: ask(s, s.an_image(), REMOTE), 400),
        "twice": (twice(ask), 409),
        "another verb": (lambda s: s.get(f"/v2/images/{NO_SUCH_ID}/import"), 405),
    }
)
def test_asking_for_an_import(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_the_answer_is_empty_and_names_the_task(service: Service) -> None:
    image_id = staged(service)
    answer = ask(service, image_id)
    assert (answer.status, answer.body) == (202, b"")
    task_id = answer.headers["OpenStack-image-import-task-id"]
    assert service.show(image_id)["os_glance_import_task"] == task_id
    (task,) = service.get(f"/v2/images/{image_id}/tasks").json["tasks"]
    assert (task["id"], task["request_id"]) == (task_id, answer.headers["x-openstack-request-id"])


def test_a_refused_url_is_named_without_its_password(service: Service) -> None:
    uri = "http://me:secret@127.0.0.1/x"
    answer = ask(service, service.an_image(), {"method": {"name": "web-download", "uri": uri}})
    assert answer.status == 400
    assert "does not pass filtering: http://127.0.0.1/x" in answer.message


def test_passwords_in_urls_are_not_shown_with_the_task(service: Service) -> None:
    uri = "http://me:secret@192.0.2.1/x"
    image_id = service.an_image()
    assert ask(service, image_id, {"method": {"name": "web-download", "uri": uri}}).status == 202
    assert b"secret" not in service.get(f"/v2/images/{image_id}/tasks").body


def test_copying_to_everywhere_an_image_is_already_is_no_work(tmp_path: Path) -> None:
    service = started(Service.configured(tmp_path))
    image_id = service.an_image(b"data")
    operator = service.seen_by(ADMIN)
    assert ask(operator, image_id, {**COPY, "all_stores": True}).status == 202
    wait_until(lambda: service.show(image_id)["stores"] == "ram,more", "the copy")
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the end")
    answer = ask(operator, image_id, {**COPY, "all_stores": True})
    assert (answer.status, "OpenStack-image-import-task-id" in answer.headers) == (202, False)


def test_an_import_into_one_nameless_store(tmp_path: Path) -> None:
    service = started(Service.configured(tmp_path, ONE_STORE))
    image_id = staged(service)
    refused = ask(service, image_id, {**DIRECT, "all_stores_must_succeed": False})
    assert refused.status == 400
    assert ask(service, image_id, {**DIRECT, "stores": ["ignored"]}).status == 202
    wait_until(lambda: service.show(image_id)["status"] == "active", "the import")
    assert service.get(f"/v2/images/{image_id}/file").body == b"data"
    waiting = tmp_path / "staging"
    wait_until(lambda: list(waiting.iterdir()) == [], "staging to be empty")


def test_the_methods_that_are_offered_by_default(service: Service) -> None:
    answer = service.get("/v2/info/import")
    methods = ["glance-direct", "web-download", "copy-image"]
    assert answer.json["import-methods"]["value"] == methods


def remotely(service: Service, image_id: str, **facts: Any) -> Answer:
    """Ask for an image of another region; None takes a fact away."""
    method = {**REMOTE["method"], **facts}
    body = {"method": {name: value for name, value in method.items() if value is not None}}
    return ask(service, image_id, body)


@each(
    {
        "success": (lambda s: remotely(s, s.an_image()), 202),
        "an odd interface": (
            lambda s: remotely(s, s.an_image(), glance_service_interface="odd"),
            202,
        ),
        "no format": (lambda s: remotely(s, s.an_image(disk_format=None)), 409),
        "neither format nor region": (
            lambda s: remotely(s, s.an_image(container_format=None), glance_region=None),
            409,
        ),
        "no region": (lambda s: remotely(s, s.an_image(), glance_region=None), 400),
        "no id": (lambda s: remotely(s, s.an_image(), glance_image_id=None), 400),
        "an id that is none": (lambda s: remotely(s, s.an_image(), glance_image_id="x"), 400),
        "a region that is a number": (lambda s: remotely(s, s.an_image(), glance_region=1), 400),
        "an interface that is a list": (
            lambda s: remotely(s, s.an_image(), glance_service_interface=[]),
            400,
        ),
        "of what is staged": (lambda s: remotely(s, staged(s), glance_region=None), 409),
        "of an active image": (lambda s: remotely(s, s.an_image(b"data")), 409),
        "by a reader": (lambda s: remotely(s.seen_by(READER), s.an_image()), 403),
    }
)
def test_asking_for_an_image_of_another_region(tmp_path: Path, ask: Any, status: int) -> None:
    methods = "enabled_import_methods = [glance-direct,glance-download]"
    service = started(Service.configured(tmp_path, TWO_STORES, methods))
    service.container.task_queue().stop(0)
    assert ask(service).status == status


def expecting(service: Service, **facts: Any) -> Answer:
    """Ask for staged data that must have a digest."""
    return ask(service, staged(service), {"method": {"name": "glance-direct", **facts}})


@each(
    {
        "a digest": (
            lambda s: expecting(s, os_hash_algo="sha256", os_hash_value="0" * 64),
            202,
        ),
        "no value": (lambda s: expecting(s, os_hash_algo="sha256"), 400),
        "no algorithm": (lambda s: expecting(s, os_hash_value="0" * 64), 400),
        "too short": (lambda s: expecting(s, os_hash_algo="sha256", os_hash_value="0"), 400),
        "not hexadecimal": (
            lambda s: expecting(s, os_hash_algo="md5", os_hash_value="x" * 32),
            400,
        ),
        "a number": (lambda s: expecting(s, os_hash_algo="md5", os_hash_value=1), 400),
        "an unknown algorithm": (
            lambda s: expecting(s, os_hash_algo="crc", os_hash_value="0"),
            400,
        ),
    }
)
def test_digests_that_callers_expect(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_what_was_found_out_about_staged_data_is_not_shown(service: Service) -> None:
    image_id = staged(service)
    assert b"os_glance_staged" not in service.get(f"/v2/images/{image_id}").body
    assert b"os_glance_staged" not in service.get("/v2/images").body
    assert service.show(image_id)["checksum"] is None

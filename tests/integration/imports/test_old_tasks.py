"""Tasks of type `import`, which clients of old post (import-and-tasks §17)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.odd_server import OddServer, an_answer, odd_server
from tests.service import wait_until
from tests.unit.http.service import ADMIN, OWNER, Answer, Service

CONFIGURATION = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory, more:memory
    {defaults}
    [glance_store]
    default_backend = ram
    [import_filtering_opts]
    allowed_hosts = [127.0.0.1]
    allowed_ports = []
"""


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        server.answers["GET /disk"] = an_answer(200, "Content-Length: 4", body=b"data")
        yield server


def a_service(folder: Path, more: str = "") -> Service:
    service = Service.configured(folder, CONFIGURATION + more)
    service.container.stores().start()
    return service.seen_by(ADMIN)


def post(service: Service, url: str, properties: Any, **more: Any) -> Answer:
    given = {"import_from": url, "import_from_format": "raw", "image_properties": properties}
    return service.send("POST", "/v2/tasks", {"type": "import", "input": {**given, **more}})


def ended(service: Service, answer: Answer) -> Any:
    """Return a task at its end."""
    assert answer.status == 201, answer.body
    path = f"/v2/tasks/{answer.json['id']}"
    wait_until(lambda: service.get(path).json["status"] in ("success", "failure"), "it ends")
    return service.get(path).json


def test_an_image_is_made_of_data_from_the_web(tmp_path: Path, odd: OddServer) -> None:
    service = a_service(tmp_path)
    properties = {"name": "old", "visibility": "public", "colour": "red", "tags": ["a"]}
    answer = post(service, odd.url("/disk", credentials="me:secret@"), properties)
    assert not {"image_id", "expires_at"} & set(answer.json)
    task = ended(service, answer)
    assert (task["status"], list(task["result"])) == ("success", ["image_id"]), task["message"]
    image = service.show(task["result"]["image_id"])
    facts = [image[name] for name in ("name", "status", "visibility", "colour", "tags", "owner")]
    assert facts == ["old", "active", "public", "red", ["a"], "operators"]
    assert (image["disk_format"], image["container_format"]) == ("raw", "bare")
    assert image["stores"] == "ram"
    assert service.get(f"/v2/images/{image['id']}/file").body == b"data"
    assert "os_glance_import_task" not in image


@pytest.mark.parametrize(
    "properties",
    [
        {"name": 7},
        {"min_disk": "7"},
        {"tags": [7]},
        {"visibility": "secret"},
        {"disk_format": "floppy"},
        {"colour": 7},
        {"colour": None},
        {"os_glance_x": "1"},
        {"status": "active"},
        {"owner": "another"},
        {"": "nameless"},
    ],
    ids=repr,
)
def test_properties_that_no_image_has_fail_the_task(
    tmp_path: Path, odd: OddServer, properties: Any
) -> None:
    service = a_service(tmp_path)
    task = ended(service, post(service, odd.url("/disk"), properties))
    assert task["status"] == "failure"
    assert "nternal" not in task["message"]
    assert service.get("/v2/images").json["images"] == []


def test_what_cannot_be_fetched_leaves_a_queued_image(tmp_path: Path, odd: OddServer) -> None:
    service = a_service(tmp_path)
    task = ended(service, post(service, odd.url("/gone"), {"name": "old"}))
    assert (task["status"], task["result"]) == ("failure", None)
    (image,) = service.get("/v2/images").json["images"]
    assert (image["status"], image["os_glance_failed_import"]) == ("queued", "ram")
    assert service.ask("DELETE", f"/v2/images/{image['id']}").status == 204


def test_what_is_in_the_input_beside_is_not_believed(tmp_path: Path, odd: OddServer) -> None:
    service = a_service(tmp_path)
    evil = {"method": {"name": "glance-direct"}}
    more = {"import_req": evil, "backend": ["os_glance_staging_store"], "image_id": "x"}
    task = ended(service, post(service, odd.url("/disk"), {}, **more))
    assert task["status"] == "success", task["message"]
    assert service.show(task["result"]["image_id"])["stores"] == "ram"


@pytest.mark.parametrize("properties", [None, [], "name=old", 7])
def test_properties_must_be_an_object(tmp_path: Path, odd: OddServer, properties: Any) -> None:
    assert post(a_service(tmp_path), odd.url("/disk"), properties).status == 400


def test_members_may_not(tmp_path: Path, odd: OddServer) -> None:
    assert post(a_service(tmp_path).seen_by(OWNER), odd.url("/disk"), {}).status == 403


def test_a_site_may_turn_them_off(tmp_path: Path, odd: OddServer) -> None:
    service = a_service(tmp_path, "    [task]\n    allow_import_tasks = false\n")
    assert post(service, odd.url("/disk"), {}).status == 403
    assert odd.heard == []


def test_plugins_work_on_them_too(tmp_path: Path, odd: OddServer) -> None:
    plugins = (
        "    [image_import_opts]\n    image_import_plugins = [inject_image_metadata]\n"
        "    [inject_metadata_properties]\n    inject = origin:old\n"
        "    ignore_user_roles = nobody\n"
    )
    service = a_service(tmp_path, plugins)
    task = ended(service, post(service, odd.url("/disk"), {}))
    assert service.show(task["result"]["image_id"])["origin"] == "old"

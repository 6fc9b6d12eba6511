"""Images fetched from a second running service (import-and-tasks §11)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.api import MIB, Api, member_of, noise, sha256
from tests.integration.stores.odd_server import OddServer, a_redirect, an_answer, odd_server
from tests.service import Service, wait_until

DATA = noise(3 * MIB, "remote")
TOKEN = "the-token-of-the-caller"
MISSING = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the service that has the images, for everybody."""
    with Service(tmp_path_factory.mktemp("remote")) as service:
        yield service


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the service that fetches them."""
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {
            "auth_strategy": "trusted_headers",
            "enabled_import_methods": "[glance-direct,glance-download]",
        },
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
    }
    with Service(tmp_path_factory.mktemp("here"), options) as service:
        yield service


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


def caller(url: str) -> Mapping[str, str]:
    """Return the headers of a member whose catalogue has an image service in one region."""
    endpoints = [{"region": "North", "publicURL": url, "internalURL": f"{url}/v2/"}]
    catalogue = [{"type": "image", "name": "glance", "endpoints": endpoints}]
    return {
        **member_of("owner"),
        "X-Auth-Token": TOKEN,
        "X-Service-Catalog": json.dumps(catalogue),
    }


def fetched(
    here: Service, url: str, image_id: str, interface: str = "public"
) -> tuple[Api, dict[str, Any], dict[str, Any]]:
    """Import an image of another service; return who did it, the image, and its task."""
    api = Api(here.url, caller(url))
    own = api.create(disk_format="iso", colour="green")["id"]
    method = {
        "name": "glance-download",
        "glance_region": "north",
        "glance_image_id": image_id,
        "glance_service_interface": interface,
    }
    body = json.dumps({"method": method}).encode()
    api.request("POST", f"/v2/images/{own}/import", body).expect(202)
    wait_until(lambda: "os_glance_import_task" not in api.show(own), "the import ends")
    (task,) = api.request("GET", f"/v2/images/{own}/tasks").expect(200).json["tasks"]
    return api, api.show(own), task


@pytest.mark.parametrize("interface", ["public", "internal"])
def test_an_image_comes_over_whole(here: Service, remote: Service, interface: str) -> None:
    there = Api(remote.url)
    source = there.create(
        visibility="public", hw_disk_bus="scsi", os_type="linux", os_version="7", colour="blue"
    )["id"]
    there.upload(source, DATA).expect(204)
    api, image, task = fetched(here, remote.url, source, interface)
    assert (task["status"], image["status"]) == ("success", "active"), task["message"]
    assert (image["disk_format"], image["size"]) == ("raw", len(DATA))
    assert image["os_hash_value"] == there.show(source)["os_hash_value"]
    facts = [image.get(name) for name in ("hw_disk_bus", "os_type", "os_version", "colour")]
    assert facts == ["scsi", "linux", None, "green"]
    assert sha256(api.download(image["id"]).body) == sha256(DATA)
    assert TOKEN not in json.dumps(task) + here.output + remote.output
    api.delete(image["id"]).expect(204)
    there.delete(source).expect(204)


def test_an_image_without_data_or_none_at_all_leaves_ours_as_it_was(
    here: Service, remote: Service
) -> None:
    there = Api(remote.url)
    empty = there.create(visibility="public")["id"]
    for image_id, cause in ((empty, "queued"), (MISSING, "remote answered 404")):
        api, image, task = fetched(here, remote.url, image_id)
        assert (task["status"], image["status"]) == ("failure", "queued")
        assert cause in task["message"]
        assert (image["disk_format"], image["colour"]) == ("iso", "green")
        api.delete(image["id"]).expect(204)
    there.delete(empty).expect(204)


def description(**facts: Any) -> bytes:
    default = {"status": "active", "size": 4, "disk_format": "raw", "container_format": "bare"}
    body = json.dumps({**default, **facts}).encode()
    return an_answer(200, f"Content-Length: {len(body)}", body=body)


def test_the_token_goes_to_the_service_and_nowhere_else(here: Service, odd: OddServer) -> None:
    path = f"/v2/images/{MISSING}"
    with odd_server() as elsewhere:
        odd.answers[f"GET {path}"] = description()
        odd.answers[f"GET {path}/file"] = a_redirect(302, elsewhere.url("/data"))
        elsewhere.answers["GET /data"] = an_answer(200, "Content-Length: 4", body=b"data")
        api, image, task = fetched(here, odd.url(""), MISSING)
        assert task["status"] == "success", task["message"]
        assert [TOKEN in request for request in odd.heard] == [True, True]
        assert [TOKEN in request for request in elsewhere.heard] == [False]
    api.delete(image["id"]).expect(204)


@pytest.mark.parametrize(
    "answer",
    [
        description(size=5),
        description(size="4"),
        description(size=None),
        description(size=-1),
        description(disk_format=None),
        description(disk_format={"a": 1}),
        description(os_hash_algo="sha256", os_hash_value="00" * 32),
        an_answer(200, "Content-Length: 2", body=b"[]"),
        an_answer(200, "Content-Length: 2", body=b"{]"),
        an_answer(300, "Content-Length: 0"),
        an_answer(200, "Content-Length: 2000000", body=b" " * 2_000_000),
        a_redirect(302, "http://169.254.169.254/"),
    ],
)
def test_whatever_a_service_says_the_task_ends(
    here: Service, odd: OddServer, answer: bytes
) -> None:
    odd.answers[f"GET /v2/images/{MISSING}"] = answer
    odd.answers[f"GET /v2/images/{MISSING}/file"] = an_answer(
        200, "Content-Length: 4", body=b"data"
    )
    api, image, task = fetched(here, odd.url(""), MISSING)
    assert (task["status"], image["status"]) == ("failure", "queued")
    assert "Internal" not in task["message"]
    api.delete(image["id"]).expect(204)


def test_nothing_is_left_in_the_store(here: Service) -> None:
    assert here.stored == set()

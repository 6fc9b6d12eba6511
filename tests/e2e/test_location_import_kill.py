"""`kill -9` while an image takes its data from elsewhere: it is whole in the end, or waits."""

import hashlib
import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS
from tests.e2e.api import MIB, Answer, Api, attempted, noise
from tests.e2e.conftest import leave_nothing, served
from tests.e2e.test_kill import SETTLED_S, at_once, killed_after, start_again
from tests.service import Service, wait_until
from tests.web_server import WebServer, web_server

ROUNDS = int(os.environ.get("TINTYPE_KILL_ROUNDS", "5"))
DATA = noise(24 * MIB, "elsewhere")
SHA256 = hashlib.sha256(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
MD5 = hashlib.md5(DATA).hexdigest()
CHECKED = {"os_hash_algo": "sha256", "os_hash_value": SHA256}
AT_ONCE = 3

Sent = Callable[[], Answer]


@pytest.fixture(scope="module")
def web() -> Iterator[WebServer]:
    """Run the server that the data is at."""
    with web_server() as web:
        yield web


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """Run a service that takes data from the web; at the end of a test it is left empty."""
    state = tmp_path / "state"
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {"enabled_backends": "local:file,web:http"},
        "glance_store": {"default_backend": "local"},
        "local": {"filesystem_store_datadir": state / "images"},
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
    }
    for service in served(tmp_path, request.param, options):
        yield service
        leave_nothing(service)


@pytest.fixture
def api(service: Service) -> Api:
    """Return a client of the service."""
    return Api(service.url)


def sending(api: Api, image_id: str, url: str, checked: bool) -> Sent:
    """Return a call that sends a URL for an image."""
    body: dict[str, Any] = {"url": url} | ({"validation_data": CHECKED} if checked else {})
    path = f"/v2/images/{image_id}/locations"
    return lambda: api.request("POST", path, json.dumps(body).encode())


def tasks_of(api: Api, image_id: str) -> list[dict[str, Any]]:
    """Return the tasks of an image."""
    tasks: list[dict[str, Any]] = (
        api.request("GET", f"/v2/images/{image_id}/tasks").expect(200).json["tasks"]
    )
    return tasks


def rests(api: Api, image_id: str) -> bool:
    """Tell whether no task is at work on an image."""
    return "os_glance_import_task" not in api.show(image_id)


def assert_whole(api: Api, image_id: str, checked: bool) -> None:
    """Fail unless an image has the data, and knows of it all that it should."""
    shown = api.show(image_id)
    algorithm, value = ("sha256", SHA256) if checked else ("sha512", SHA512)
    assert (shown["status"], shown["size"], shown["checksum"]) == ("active", len(DATA), MD5)
    assert (shown["os_hash_algo"], shown["os_hash_value"]) == (algorithm, value)
    assert shown["stores"] == "web"
    assert api.download(image_id).body == DATA


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "computed"])
def test_imports_that_a_kill_hits_end_as_if_nothing_had_been(
    service: Service, api: Api, web: WebServer, checked: bool
) -> None:
    moments = random.Random(f"imports {checked}")
    url = web.put("image", DATA)
    begun = 0

    for number in range(max(2, ROUNDS // 2)):
        images = [api.create()["id"] for _ in range(AT_ONCE)]
        calls = [sending(api, image_id, url, checked) for image_id in images]
        # The steps lie apart: the request, 0.2 s of rest, the reading, and the end.
        with killed_after(service, (0.02, 0.25, 0.4)[number % 3] + moments.uniform(0, 0.3)):
            answers = at_once(calls)
        start_again(service, moments)

        for image_id, call, answer in zip(images, calls, answers, strict=True):
            assert answer is None or answer.status == 202
            wait_until(lambda: rests(api, image_id), "no task is at work", SETTLED_S)  # noqa: B023
            begun += len(tasks_of(api, image_id))
            if api.status(image_id) == "queued":
                assert answer is None, "an import was acknowledged and forgotten"
                assert tasks_of(api, image_id) == []
                call().expect(202)
                wait_until(lambda: rests(api, image_id), "the import has ended", SETTLED_S)  # noqa: B023
            (task,) = tasks_of(api, image_id)
            assert (task["status"], task["message"]) == ("success", "")
            assert_whole(api, image_id, checked)
            api.delete(image_id).expect(204)

    print(f"{begun} imports outlived their processes")


def at_work(api: Api, image_id: str) -> bool:
    """Tell whether the data of an image is being read for its digests."""
    (task,) = tasks_of(api, image_id)
    return task["status"] == "processing" and api.status(image_id) in ("importing", "active")


def being_read(api: Api, url: str, checked: bool) -> str:
    """Return an image whose data is being read; some are done before anybody sees them at it."""
    for _ in range(20):
        image_id: str = api.create()["id"]
        sending(api, image_id, url, checked)().expect(202)
        if seen_at_work(api, image_id):
            return image_id
        api.delete(image_id).expect(204)
    raise AssertionError("no image was seen while its data was being read")


def seen_at_work(api: Api, image_id: str) -> bool:
    """Wait until the data of an image is being read, or has been."""

    def begun() -> bool:
        (task,) = tasks_of(api, image_id)
        return task["status"] == "success" or at_work(api, image_id)

    wait_until(begun, "the data is being read")
    return at_work(api, image_id)


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "computed"])
def test_one_killed_process_leaves_its_import_to_the_other(
    service: Service, api: Api, web: WebServer, checked: bool
) -> None:
    wait_until(lambda: len(service.workers) == 2, "both processes have started")
    image_id = being_read(api, web.put("image", DATA), checked)

    victims = [*service.workers]
    for victim in victims:
        os.kill(victim, signal.SIGKILL)

    def ended() -> bool:
        shown = attempted(lambda: api.request("GET", f"/v2/images/{image_id}"))
        return shown is not None and "os_glance_import_task" not in shown.json

    wait_until(ended, "another process has finished the import", SETTLED_S)
    assert_whole(api, image_id, checked)
    api.delete(image_id).expect(204)


def test_an_image_whose_import_was_killed_can_be_deleted_at_once(
    service: Service, api: Api, web: WebServer
) -> None:
    image_id = being_read(api, web.put("image", DATA), True)
    service.kill()
    service.start()

    api.delete(image_id).expect(204)

    assert api.status(image_id) == "gone"


def test_a_service_that_is_stopped_hands_its_imports_back(
    service: Service, api: Api, web: WebServer
) -> None:
    images = [api.create()["id"] for _ in range(AT_ONCE)]
    url = web.put("image", DATA)
    for image_id in images:
        sending(api, image_id, url, True)().expect(202)

    assert service.stop() == 0
    service.start()

    for image_id in images:
        wait_until(lambda: rests(api, image_id), "the import has ended", SETTLED_S)  # noqa: B023
        assert_whole(api, image_id, checked=True)
        api.delete(image_id).expect(204)

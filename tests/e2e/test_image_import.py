"""Imports by the field's clients, and under `kill -9`."""

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS
from tests.e2e.api import MIB, OCTETS, Answer, Api, noise
from tests.e2e.conftest import leave_nothing, served
from tests.e2e.test_glanceclient import Glance
from tests.e2e.test_kill import SETTLED_S, at_once, killed_after, start_again
from tests.e2e.test_openstack_client import OpenStack
from tests.service import Service, wait_until

DATA = noise(24 * MIB, "imported")
SHA512 = hashlib.sha512(DATA).hexdigest()
ROUNDS = 3
AT_ONCE = 2


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """Run a service with two stores; at the end of a test it is left empty."""
    state = tmp_path / "state"
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {"enabled_backends": "local:file,other:file"},
        "glance_store": {"default_backend": "local"},
        "local": {"filesystem_store_datadir": state / "images"},
        "other": {"filesystem_store_datadir": state / "other"},
        "os_glance_staging_store": {"filesystem_store_datadir": state / "staging"},
    }
    for service in served(tmp_path, request.param, options):
        yield service
        leave_nothing(service)
        for place in ("other", "staging"):
            wait_until(lambda: list((state / place).iterdir()) == [], f"{place} is empty")  # noqa: B023


@pytest.fixture
def api(service: Service) -> Api:
    """Return a client of the service."""
    return Api(service.url)


def staged(api: Api) -> str:
    """Create an image and stage its data."""
    image_id = str(api.create()["id"])
    api.request("PUT", f"/v2/images/{image_id}/stage", DATA, OCTETS).expect(204)
    return image_id


def ask(api: Api, image_id: str) -> Answer:
    """Ask for what is staged to be put into all stores."""
    body = {"method": {"name": "glance-direct"}, "all_stores": True}
    return api.request("POST", f"/v2/images/{image_id}/import", json.dumps(body).encode())


def ended(api: Api, image_id: str) -> bool:
    """Tell whether no task is at work on an image."""
    return "os_glance_import_task" not in api.show(image_id)


def assert_whole(api: Api, image_id: str) -> None:
    """Fail unless an image is active, whole, and in both stores."""
    shown = api.show(image_id)
    facts: tuple[Any, ...] = (shown["status"], shown["size"], shown["os_hash_value"])
    assert facts == ("active", len(DATA), SHA512)
    assert shown["stores"] == "local,other"
    assert api.download(image_id).body == DATA


def test_imports_that_a_kill_hits_end_active_or_can_be_sent_again(
    service: Service, api: Api
) -> None:
    moments = random.Random("imports")
    for number in range(ROUNDS):
        images = [staged(api) for _ in range(AT_ONCE)]
        calls = [lambda image_id=image_id: ask(api, image_id) for image_id in images]
        with killed_after(service, (0.02, 0.1, 0.2)[number % 3] + moments.uniform(0, 0.1)):
            answers = at_once(calls)
        start_again(service, moments)
        for image_id, answer in zip(images, answers, strict=True):
            wait_until(lambda: ended(api, image_id), "no task is at work", SETTLED_S)  # noqa: B023
            if api.status(image_id) == "uploading":
                assert answer is None, "an import was acknowledged and forgotten"
                ask(api, image_id).expect(202)
                wait_until(lambda: ended(api, image_id), "the import has ended", SETTLED_S)  # noqa: B023
            assert_whole(api, image_id)
            api.delete(image_id).expect(204)


def test_staging_that_a_kill_hits_leaves_a_queued_image(service: Service, api: Api) -> None:
    image_id = str(api.create()["id"])
    path = f"/v2/images/{image_id}/stage"
    with killed_after(service, 0.05):
        (answer,) = at_once([lambda: api.request("PUT", path, DATA, OCTETS)])
    service.start()
    wanted = "queued" if answer is None else "uploading"
    wait_until(lambda: api.status(image_id) in ("queued", wanted), "it has been undone", SETTLED_S)
    if api.status(image_id) == "queued":
        api.request("PUT", path, DATA, OCTETS).expect(204)
    ask(api, image_id).expect(202)
    wait_until(lambda: ended(api, image_id), "the import has ended", SETTLED_S)
    assert_whole(api, image_id)
    api.delete(image_id).expect(204)


def test_the_openstack_command_stages_and_imports(
    service: Service, api: Api, tmp_path: Path
) -> None:
    file = tmp_path / "disk"
    file.write_bytes(DATA)
    image = OpenStack(service.url)
    image_id = api.create()["id"]
    image("stage", "--file", file, image_id)
    image("import", "--method", "glance-direct", "--all-stores", image_id)
    wait_until(lambda: ended(api, image_id), "the import has ended")
    assert_whole(api, image_id)
    image("delete", image_id)


def test_the_glance_command_stages_and_imports(service: Service, api: Api, tmp_path: Path) -> None:
    file = tmp_path / "disk"
    file.write_bytes(DATA)
    image_id = api.create()["id"]
    glance = Glance(service.url)
    glance("image-stage", "--file", file, image_id)
    glance("image-import", "--import-method", "glance-direct", "--stores", "local,other", image_id)
    wait_until(lambda: ended(api, image_id), "the import has ended")
    assert_whole(api, image_id)
    glance("image-delete", image_id)

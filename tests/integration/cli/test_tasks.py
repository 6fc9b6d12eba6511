"""`tintype tasks` beside a running service."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.api import MIB, Api, noise
from tests.held_source import held_source
from tests.service import Service, run, wait_until

DATA = noise(2 * MIB, "steered")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {"workers": 1, "sweep_interval": 1},
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
    }
    with Service(tmp_path, options) as service:
        yield service


def tasks(service: Service, *arguments: str) -> str:
    """Run a command to its good end, and return what it printed."""
    done = run("tasks", *arguments, *service.command[2:])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_task_is_seen_cancelled_and_tried_again(service: Service) -> None:
    api = Api(service.url)
    image_id = api.create()["id"]
    with held_source(DATA) as source:
        source.hold(MIB)
        body = json.dumps({"method": {"name": "web-download", "uri": source.url}}).encode()
        answer = api.request("POST", f"/v2/images/{image_id}/import", body).expect(202)
        task_id = answer.headers["openstack-image-import-task-id"]
        wait_until(source.reached.is_set, "the data is on its way")
        assert task_id in tasks(service, "list", "--status", "processing")
        assert "ends as soon as" in tasks(service, "cancel", task_id)
        wait_until(lambda: "os_glance_import_task" not in api.show(image_id), "it was undone")
        source.let_go()
        assert "The task was cancelled." in tasks(service, "show", task_id)
        assert api.status(image_id) == "queued"
        assert service.stored == set()
        assert "does it again" in tasks(service, "retry", task_id)
        wait_until(lambda: api.status(image_id) == "active", "it was done again")
    assert api.download(image_id).body == DATA
    unknown = run("tasks", "show", "no-such-task", *service.command[2:])
    assert (unknown.returncode, unknown.stderr.startswith("Error: ")) == (1, True)

"""Tasks on workers by way of a broker: the service accepts them, and works on none.

TINTYPE_BROKERS=all tries every kind of broker; the contract of queues does so always.
"""

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from tests.brokers import KINDS, broker_url
from tests.e2e.api import MIB, OCTETS, Api, noise
from tests.e2e.conftest import leave_nothing, served
from tests.held_source import HeldSource, held_source
from tests.service import Service, TaskWorker, wait_until
from tintype.adapters.tasks.celery_app import Broker

BROKERS = KINDS if os.environ.get("TINTYPE_BROKERS") == "all" else KINDS[:1]
DATA = noise(3 * MIB + 5, "celery")
SHA512 = hashlib.sha512(DATA).hexdigest()


class Site:
    """A service, its broker, and workers that a test starts."""

    def __init__(self, service: Service, broker: Broker, stack: ExitStack) -> None:
        self.service = service
        self.api = Api(service.url)
        self.broker = broker
        self._stack = stack
        self._count = 0

    def worker(self) -> TaskWorker:
        """Start one more worker."""
        self._count += 1
        worker = TaskWorker(self.service, f"worker-{self._count}")
        return self._stack.enter_context(worker)

    def forget_messages(self) -> int:
        """Lose every message that waits at the broker; return how many they were."""
        with self.broker.app().connection_for_write() as connection:
            return int(connection.default_channel.queue_purge(self.broker.queue) or 0)


@pytest.fixture(scope="module", params=BROKERS)
def everything(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Broker]]:
    """Run a service whose tasks go to a broker."""
    folder = tmp_path_factory.mktemp("celery")
    broker = Broker(broker_url(request.param), f"test-{uuid4()}")
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {"workers": 1, "lease_time": 5, "sweep_interval": 1},
        "task": {"task_executor": "celery"},
        "celery": {"broker_url": broker.url, "queue": broker.queue},
        "os_glance_staging_store": {"shared": "true"},
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
    }
    for service in served(folder, "sqlite", options):
        yield service, broker


@pytest.fixture
def site(everything: tuple[Service, Broker]) -> Iterator[Site]:
    """Lend the service to one test, without a worker."""
    with ExitStack() as stack:
        yield Site(*everything, stack)
        leave_nothing(everything[0])
    assert list((everything[0].state_dir / "staging").iterdir()) == []


@pytest.fixture
def source() -> Iterator[HeldSource]:
    """Run a web server."""
    with held_source(DATA) as source:
        yield source


def fetch(api: Api, source: HeldSource) -> str:
    """Create an image and ask for its data to be fetched."""
    image_id = str(api.create()["id"])
    body = {"method": {"name": "web-download", "uri": source.url}}
    path = f"/v2/images/{image_id}/import"
    api.request("POST", path, json.dumps(body).encode()).expect(202)
    return image_id


def task_of(api: Api, image_id: str) -> dict[str, object]:
    """Return the task of an image."""
    tasks = api.request("GET", f"/v2/images/{image_id}/tasks").expect(200).json["tasks"]
    task: dict[str, object] = tasks[-1]
    return task


def ended(api: Api, image_id: str) -> bool:
    """Tell whether no task is at work on an image."""
    return "os_glance_import_task" not in api.show(image_id)


def assert_whole(api: Api, image_id: str) -> None:
    """Wait for the end of an import, and fail unless the image is whole; delete it then."""
    wait_until(lambda: ended(api, image_id), "the import has ended")
    assert task_of(api, image_id)["status"] == "success", task_of(api, image_id)
    shown = api.show(image_id)
    assert (shown["status"], shown["os_hash_value"]) == ("active", SHA512)
    assert api.download(image_id).body == DATA
    api.delete(image_id).expect(204)


def test_the_service_itself_works_on_nothing_and_workers_on_what_waits(site: Site) -> None:
    api = site.api
    image_id = str(api.create()["id"])
    api.request("PUT", f"/v2/images/{image_id}/stage", DATA, OCTETS).expect(204)
    body = json.dumps({"method": {"name": "glance-direct"}}).encode()
    api.request("POST", f"/v2/images/{image_id}/import", body).expect(202)
    assert task_of(api, image_id)["status"] == "pending"
    site.worker()
    assert_whole(api, image_id)


def test_a_message_that_is_lost_is_made_up_for(site: Site, source: HeldSource) -> None:
    image_id = fetch(site.api, source)
    assert site.forget_messages() >= 1
    site.worker()
    assert_whole(site.api, image_id)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_another_worker_takes_up_what_one_left(
    site: Site, source: HeldSource, number: signal.Signals
) -> None:
    source.hold(MIB)
    first = site.worker()
    image_id = fetch(site.api, source)
    wait_until(source.reached.is_set, "the data is on its way")
    site.worker()
    os.kill(first.processes[0], number)
    first.wait()
    source.let_go()
    assert_whole(site.api, image_id)

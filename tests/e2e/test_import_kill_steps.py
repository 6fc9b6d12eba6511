"""`kill -9` at chosen steps of an import: it ends well, or can be sent again, and says why.

Each step is reached by a condition: a web server that holds the data at a byte, what the task
says of itself, what lies in the store. TINTYPE_KILL_STEPS is how many of them are tried on
each engine (20 are there).
"""

import hashlib
import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from tests.brokers import broker_url
from tests.e2e.api import MIB, OCTETS, Answer, Api, noise
from tests.e2e.conftest import leave_nothing, served
from tests.held_source import HeldSource, held_source
from tests.service import Service, TaskWorker, wait_until

SIZE = 3 * MIB + 7
DATA = noise(SIZE, "steps")
SHA512 = hashlib.sha512(DATA).hexdigest()
WANTED = int(os.environ.get("TINTYPE_KILL_STEPS", "2"))
SETTLED_S = 60
LEASE_S = 5


class Engine(Protocol):
    """Whoever works on tasks, and can be killed."""

    def kill(self) -> None:
        """End it as a loss of power would."""

    def start_again(self) -> None:
        """Let it, or another one, be there again."""


@dataclass
class WholeService:
    """All processes of a service that works on its tasks itself."""

    service: Service

    def kill(self) -> None:
        self.service.kill()

    def start_again(self) -> None:
        self.service.start()


@dataclass
class OneProcess:
    """The processes that serve, and work on tasks, while their parent lives on."""

    service: Service

    def kill(self) -> None:
        self._victims = list(self.service.workers)
        for victim in self._victims:
            os.kill(victim, signal.SIGKILL)

    def start_again(self) -> None:
        def replaced() -> bool:
            return bool(set(self.service.workers) - set(self._victims))

        wait_until(replaced, "there is another process", SETTLED_S)


@dataclass
class CeleryWorkerProcess:
    """A worker beside a service."""

    worker: TaskWorker

    def kill(self) -> None:
        self.worker.kill()

    def start_again(self) -> None:
        self.worker.start()


@dataclass
class Site:
    """A service, whoever works for it, and where its data comes from."""

    service: Service
    engine: Engine
    source: HeldSource

    @property
    def api(self) -> Api:
        return Api(self.service.url)

    @property
    def staged(self) -> set[str]:
        """The names of all that is staged."""
        return set(os.listdir(self.service.state_dir / "staging"))

    def tasks(self, image_id: str) -> list[dict[str, Any]]:
        """Return the tasks of an image, oldest first."""
        answer = self.api.request("GET", f"/v2/images/{image_id}/tasks").expect(200)
        found: list[dict[str, Any]] = answer.json["tasks"]
        return found

    # ------------------------------------------------------------------ requests

    def direct(self, image_id: str) -> Answer:
        """Ask for what is staged to be imported."""
        return self._import(image_id, {"name": "glance-direct"})

    def web(self, image_id: str) -> Answer:
        """Ask for the data to be fetched."""
        return self._import(image_id, {"name": "web-download", "uri": self.source.url})

    def _import(self, image_id: str, method: dict[str, str]) -> Answer:
        body = json.dumps({"method": method}).encode()
        return self.api.request("POST", f"/v2/images/{image_id}/import", body)

    # ------------------------------------------------------------------ conditions

    def is_processing(self, image_id: str) -> bool:
        return bool(self.tasks(image_id)[-1]["status"] != "pending")

    def store_has_begun(self, image_id: str) -> bool:
        return any(image_id in name for name in self.service.stored)

    def store_has_it(self, image_id: str) -> bool:
        return image_id in self.service.stored

    def is_active(self, image_id: str) -> bool:
        return self.api.status(image_id) == "active"

    def staging_is_empty(self, image_id: str) -> bool:
        return image_id not in self.staged


@dataclass(frozen=True)
class Step:
    """How far an import is let go: to a byte that the source holds, and until a condition."""

    name: str
    send: Callable[[Site, str], Answer]
    until: Callable[[Site, str], object] = lambda site, image_id: True
    hold: int | None = None


def _held(site: Site, image_id: str) -> bool:
    return site.source.reached.is_set()


STEPS = [
    *(
        Step(f"the source holds at {byte}", Site.web, _held, byte)
        for byte in (0, 1, 1 << 16, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB, SIZE - 1)
    ),
    Step("a download is accepted", Site.web, hold=0),
    Step("a download is processing", Site.web, Site.is_processing, MIB),
    Step("the store has begun a download", Site.web, Site.store_has_begun, 2 * MIB),
    Step("the store has a download", Site.web, Site.store_has_it),
    Step("a download is active", Site.web, Site.is_active),
    Step("an import is accepted", Site.direct),
    Step("an import is processing", Site.direct, Site.is_processing),
    Step("the store has begun an import", Site.direct, Site.store_has_begun),
    Step("the store has an import", Site.direct, Site.store_has_it),
    Step("an import is active", Site.direct, Site.is_active),
    Step("staging is empty", Site.direct, Site.staging_is_empty),
]


def chosen(engine: str) -> list[Step]:
    """Return the steps to try, others on each engine."""
    return random.Random(f"steps of {engine}").sample(STEPS, min(WANTED, len(STEPS)))


def _options(**sections: dict[str, object]) -> dict[str, dict[str, object]]:
    return {
        "DEFAULT": {"workers": 1, "lease_time": LEASE_S, "sweep_interval": 1},
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
        **sections,
    }


def _locally(engine: Callable[[Service], Engine], folder: Path) -> Iterator[tuple[Service, Engine]]:
    for service in served(folder, "sqlite", _options()):
        yield service, engine(service)


def _by_celery(folder: Path) -> Iterator[tuple[Service, Engine]]:
    options = _options(
        task={"task_executor": "celery"},
        celery={"broker_url": broker_url("redis"), "queue": f"test-{uuid4()}"},
        os_glance_staging_store={"shared": "true"},
    )
    for service in served(folder, "sqlite", options):
        with TaskWorker(service, "worker") as worker:
            yield service, CeleryWorkerProcess(worker)


ENGINES: dict[str, Callable[[Path], Iterator[tuple[Service, Engine]]]] = {
    "the service": lambda folder: _locally(WholeService, folder),
    "one process": lambda folder: _locally(OneProcess, folder),
    "a worker": _by_celery,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_import_whose_engine_is_killed_ends_well_or_can_be_sent_again(
    engine: str, tmp_path: Path
) -> None:
    for service, victim in ENGINES[engine](tmp_path):
        for step in chosen(engine):
            with ExitStack() as stack:
                source = stack.enter_context(held_source(DATA))
                _survives(Site(service, victim, source), step)
        leave_nothing(service)


def _survives(site: Site, step: Step) -> None:
    api = site.api
    image_id = str(api.create(name=step.name)["id"])
    if step.send is Site.direct:
        api.request("PUT", f"/v2/images/{image_id}/stage", DATA, OCTETS).expect(204)
    if step.hold is not None:
        site.source.hold(step.hold)
    step.send(site, image_id).expect(202)
    wait_until(lambda: step.until(site, image_id), step.name, SETTLED_S)

    site.engine.kill()
    site.source.let_go()
    site.engine.start_again()

    def ended() -> bool:
        try:
            return "os_glance_import_task" not in api.show(image_id)
        except OSError:
            return False  # its process is being replaced

    wait_until(ended, f"the import ended after: {step.name}", SETTLED_S)
    if api.status(image_id) != "active":
        last = site.tasks(image_id)[-1]
        assert (last["status"], bool(last["message"])) == ("failure", True), (step.name, last)
        step.send(site, image_id).expect(202)
        wait_until(ended, f"it was sent again after: {step.name}", SETTLED_S)
    shown = api.show(image_id)
    assert (shown["status"], shown["size"], shown["os_hash_value"]) == ("active", SIZE, SHA512)
    assert site.tasks(image_id)[-1]["status"] == "success", step.name
    assert api.download(image_id).body == DATA
    assert site.service.stored == {image_id}, step.name
    wait_until(lambda: not site.staged, f"staging is empty after: {step.name}", SETTLED_S + 30)
    api.delete(image_id).expect(204)
    assert site.service.stored == set(), step.name

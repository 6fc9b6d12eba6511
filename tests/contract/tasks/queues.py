"""Every queue of tasks, and who works on what is in it."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from tests.brokers import KINDS, broker_url
from tests.contract.tasks.recorder import Recorder
from tintype.adapters.tasks.celery_app import Broker
from tintype.adapters.tasks.celery_queue import CeleryQueue
from tintype.adapters.tasks.local_queue import LocalQueue
from tintype.domain.ports.task_queue import TaskQueue

THREADS = 2


class Served(Protocol):
    """A queue, and those who serve it from `serve` to `stop`."""

    @property
    def queue(self) -> TaskQueue:
        """The queue."""

    def serve(self) -> None:
        """Begin to work on what is in it, and on what will come."""

    def stop(self) -> None:
        """Tell all work to halt, and return when it has."""


class LocallyServed:
    """Threads of this process, which serve from the first task on."""

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        self.queue = LocalQueue(recorder, THREADS)

    def serve(self) -> None:
        pass

    def stop(self) -> None:
        self.queue.stop(30)


class ServedByCelery:
    """A process beside this one, by way of a broker."""

    def __init__(self, kind: str, recorder: Recorder, folder: Path) -> None:
        self._url, self._name = broker_url(kind), f"test-{uuid4()}"
        self._file = folder / "notes"
        self._process: subprocess.Popen[str] | None = None
        self.queue = CeleryQueue(Broker(self._url, self._name))

    def serve(self) -> None:
        arguments = (self._url, self._name, str(self._file), str(THREADS))
        module = "tests.contract.tasks.worker"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(60) == 0
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


QUEUES: Mapping[str, Callable[[Recorder, Path], Served]] = {
    "local": LocallyServed,
    **{f"celery-{kind}": partial(ServedByCelery, kind) for kind in KINDS},
}

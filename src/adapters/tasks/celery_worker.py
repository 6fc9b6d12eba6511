"""A process that works on the tasks that a broker tells of."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from tintype.adapters.tasks.celery_app import RUN_TASK, Broker

LOG = logging.getLogger(__name__)

Work = Callable[[str, threading.Event], object]
"""Works on the task of that id; stops half-way once the event is set."""


class CeleryWorker:
    """Works on so many tasks at the same time, each in a thread of this process.

    SIGTERM and Ctrl-C let it hand back what it is at, and end. A thread that notices nothing
    within `stop_s` seconds ends with the process.
    """

    def __init__(self, broker: Broker, work: Work, threads: int, stop_s: float) -> None:
        self._app = broker.app()
        self._work = work
        self._threads = threads
        self._stop_s = stop_s
        self._halt = threading.Event()

    def run(self, ready: Callable[[], object]) -> None:
        """Work until told to stop; `ready` is called once the broker was reached.

        For the main thread, whose signals it takes.
        """
        from celery import signals  # an extra, and slow to load

        self._app.task(self._run, name=RUN_TASK)
        signals.setup_logging.connect(_leave_logging, weak=False)
        signals.worker_ready.connect(lambda **_: ready(), weak=False)
        signals.worker_shutting_down.connect(self._shut_down, weak=False)
        worker = self._app.Worker(
            pool="threads",
            concurrency=self._threads,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
        )
        worker.start()

    def _run(self, task_id: str) -> None:
        try:
            self._work(task_id, self._halt)
        except Exception:
            # It is on record; the sweep takes it up again.
            LOG.exception("Task %s was left, and will be taken up again", task_id)

    def _shut_down(self, **_: Any) -> None:
        self._halt.set()
        last_resort = threading.Timer(self._stop_s, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()


def _leave_logging(**_: Any) -> None:
    """Keep Celery from setting logging up: it is."""

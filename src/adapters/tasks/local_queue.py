"""A queue within the process."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from time import monotonic

LOG = logging.getLogger(__name__)

Work = Callable[[str, threading.Event], object]
"""Works on the task of that id; stops half-way once the event is set."""


class LocalQueue:
    """Works on so many tasks at the same time, each in a thread; only ids wait in memory.

    Threads start with the first task, so that an object made before a fork is of use after
    it, and do not keep the process from ending.
    """

    lasting = False

    def __init__(self, work: Work, threads: int) -> None:
        self._work = work
        self._size = threads
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._halt = threading.Event()
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []

    def submit(self, task_id: str) -> None:
        """Pass a task on to the next thread that is free."""
        self._waiting.put(task_id)
        with self._starting:
            if len(self._threads) < self._size and not self._halt.is_set():
                thread = threading.Thread(target=self._serve, name="tintype-task", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self) -> None:
        while (task_id := self._waiting.get()) is not None:
            try:
                self._work(task_id, self._halt)
            except Exception:
                # Whatever is wrong with one must not keep the others from being worked on.
                LOG.exception("Task %s was left, and will be taken up again", task_id)

    def stop(self, timeout_s: float) -> None:
        """Let every task be handed back, also those that wait, and return when they are.

        Threads that notice nothing within that time are left to end with the process.
        """
        with self._starting:
            self._halt.set()
            threads = [*self._threads]
        for _ in threads:
            self._waiting.put(None)
        end = monotonic() + timeout_s
        for thread in threads:
            thread.join(max(0.0, end - monotonic()))

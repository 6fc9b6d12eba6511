"""Not waiting for ever for a file system that hangs."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import BoundedSemaphore, Lock, Thread
from typing import TypeVar

from tintype.domain.errors import StoreUnavailable

LOG = logging.getLogger(__name__)
T = TypeVar("T")


def _keep(_: object) -> None:
    """Have nothing to let go of."""


class TimedCalls:
    """Has other threads wait for the file system of a store, and leaves them when time is up.

    Nobody can end a call that hangs in the kernel, so its thread is lost until it comes back;
    there are never more than so many. They are daemons, which do not keep a process from ending.
    Safe between threads.

    Source: stores §6.1.
    """

    def __init__(self, store: str, timeout_s: float, threads: int, threshold: int) -> None:
        """Make it; `timeout_s` 0 has everybody wait by themselves, `threshold` is in percent."""
        self._store = store
        self._timeout_s = timeout_s
        self._threads = threads
        self._threshold = threshold
        self._free = BoundedSemaphore(threads)
        self._hanging = 0
        self._lock = Lock()

    @property
    def hanging(self) -> int:
        """How many calls were given up and have not returned yet."""
        return self._hanging

    def __call__(self, call: Callable[[], T], *, late: Callable[[T], object] = _keep) -> T:
        """Return what the call returns, or raise what it raises; what is too late goes to `late`.

        Raises:
            StoreUnavailable: it did not return in time, or no thread was free in time.
        """
        if not self._timeout_s:
            return call()
        end = time.monotonic() + self._timeout_s
        if not self._free.acquire(timeout=self._timeout_s):
            raise self._silence()
        outcome: Future[T] = Future()
        self._begin(call, outcome)
        try:
            return outcome.result(max(0, end - time.monotonic()))
        except TimeoutError:
            if outcome.done():
                return outcome.result()  # it was the call's own
        self._give_up(outcome, late)
        raise self._silence()

    def _begin(self, call: Callable[[], T], outcome: "Future[T]") -> None:
        name = f"file system of {self._store}"
        try:
            Thread(target=self._wait, args=(call, outcome), name=name, daemon=True).start()
        except RuntimeError:
            self._free.release()
            raise

    def _wait(self, call: Callable[[], T], outcome: "Future[T]") -> None:
        try:
            result = call()
        except BaseException as error:
            self._free.release()
            outcome.set_exception(error)
        else:
            self._free.release()
            outcome.set_result(result)

    def _give_up(self, outcome: "Future[T]", late: Callable[[T], object]) -> None:
        with self._lock:
            self._hanging += 1
            hanging = self._hanging
        if hanging * 100 >= self._threshold * self._threads:
            LOG.warning(
                "%d of the %d threads of store %s hang in calls of its file system.",
                *(hanging, self._threads, self._store),
            )

        def come_back(outcome: "Future[T]") -> None:
            with self._lock:
                self._hanging -= 1
            if outcome.exception() is None:
                late(outcome.result())

        outcome.add_done_callback(come_back)

    def _silence(self) -> StoreUnavailable:
        seconds = f"{self._timeout_s:g} second{'s' * (self._timeout_s != 1)}"
        return StoreUnavailable(
            f"Store {self._store} cannot do its work: "
            f"its file system does not answer within {seconds}."
        )

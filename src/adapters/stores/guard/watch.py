"""Looking at how a store is doing."""

import logging
import os
import random
import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import Final

from tintype.domain.errors import StorageFull, StoreUnavailable, StoreWriteDenied
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.store import Condition, Health

LOG = logging.getLogger(__name__)

JITTER: Final = 0.1
"""The part of the interval by which looks are spread, so that processes do not all look at once."""

NO_CHANGES: Final = Capability.WRITE | Capability.DELETE | Capability.EXCLUSIVE_DELETE
LOST: Final = {
    Condition.OK: Capability(0),
    Condition.FULL: Capability.WRITE,
    Condition.READ_ONLY: NO_CHANGES,
    Condition.UNREACHABLE: NO_CHANGES,
}
"""What a store cannot do in each condition; reading may always be tried."""


def look(probe: Callable[[], None]) -> Health:
    """Ask a driver how its store is doing."""
    try:
        probe()
    except StorageFull as error:
        return Health(Condition.FULL, str(error))
    except StoreWriteDenied as error:
        return Health(Condition.READ_ONLY, str(error))
    except StoreUnavailable as error:
        return Health(Condition.UNREACHABLE, str(error))
    return Health()


class Watch:
    """Remembers how a store is doing, and has it looked at from time to time.

    Nobody waits for a look: it has a thread of its own, at most one at a time. Safe between
    threads; in a forked process the looks of the parent do not count.
    """

    def __init__(
        self,
        store: str,
        probe: Callable[[], None] | None,
        interval_s: float,
        seen: Callable[[Health], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make it; `seen` is told of every look."""
        self._store = store
        self._probe = probe
        self._interval_s = interval_s
        self._seen = seen
        self._now = now
        self._due: float | None = None
        self._looking: int | None = None
        self._lock = Lock()
        self.health = Health()

    @property
    def lost(self) -> Capability:
        """What the store cannot do as it is doing now."""
        return LOST[self.health.condition]

    def look_at_the_start(self) -> None:
        """Look once, at once, if looks are wanted at all."""
        if self._interval_s and self._probe is not None:
            self._look(self._probe)

    def tick(self) -> None:
        """Have the store looked at if it is time to; the first time is only remembered."""
        if not self._interval_s or self._probe is None:
            return
        now = self._now()
        if self._due is None:
            self._due = self._next(now)
        elif now >= self._due:
            self.look_soon()

    def look_soon(self) -> None:
        """Have the store looked at by another thread, if none is at it."""
        probe = self._probe
        with self._lock:
            if probe is None or self._looking == os.getpid():
                return
            self._looking = os.getpid()
            self._due = self._next(self._now())
        Thread(
            target=self._look_once, args=(probe,), name=f"look at {self._store}", daemon=True
        ).start()

    def _next(self, now: float) -> float:
        return now + self._interval_s * (1 + random.uniform(0, JITTER))

    def _look_once(self, probe: Callable[[], None]) -> None:
        try:
            self._look(probe)
        finally:
            self._looking = None

    def _look(self, probe: Callable[[], None]) -> None:
        try:
            health = look(probe)
        except Exception:
            LOG.exception("Store %s cannot be looked at.", self._store)
            return
        self._seen(health)
        if not self._interval_s:
            return  # nobody would find out when it is well again
        if health.condition is not self.health.condition:
            LOG.warning(
                "Store %s is %s. %s", self._store, health.condition.value, health.reason or ""
            )
        self.health = health

"""Not asking again and again what does not answer."""

import math
import time
from collections.abc import Callable
from threading import Lock

from tintype.domain.errors import StoreSuspended


class Circuit:
    """Counts failures in a row; after too many it refuses for a while, then lets one try.

    Safe between threads. Any success ends it all, also that of an operation begun earlier.
    """

    def __init__(
        self,
        store: str,
        max_failures: int,
        rest_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._max = max_failures
        self._rest_s = rest_s
        self._now = now
        self._failures = 0
        self._opened: float | None = None
        self._reason = ""
        self._lock = Lock()

    @property
    def reason(self) -> str | None:
        """Why operations are refused; None if they are not."""
        return None if self._opened is None else self._reason

    def admit(self) -> None:
        """Let an operation begin.

        Raises:
            StoreSuspended: not now; says for how long.
        """
        if self._opened is None:
            return
        with self._lock:
            if self._opened is None:
                return
            left = self._opened + self._rest_s - self._now()
            if left > 0:
                raise StoreSuspended(self._store, self._reason, math.ceil(left))
            # This one tries. Until it is known what comes of it, the others go on waiting.
            self._opened = self._now()

    def succeed(self) -> None:
        """Note that the store answered."""
        if self._failures or self._opened is not None:
            with self._lock:
                self._failures = 0
                self._opened = None

    def fail(self, reason: str) -> bool:
        """Note that the store did not answer; say whether it is therefore not asked from now on."""
        with self._lock:
            self._failures += 1
            self._reason = reason
            was_open = self._opened is not None
            if self._max and (was_open or self._failures >= self._max):
                self._opened = self._now()
            return self._opened is not None and not was_open

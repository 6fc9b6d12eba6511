"""How many wait for a store at the same time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from tintype.adapters.stores.guard.settings import GuardSettings
from tintype.domain.errors import StoreSuspended


class Crowd:
    """The operations that a store is at work on, of one process; safe between threads.

    Operations that begin something are many in a store that is slow, and then no more of them
    are let in. Pieces of transfers under way always are, and count only when they take too long:
    a busy store is no dead one.
    """

    def __init__(self, store: str, settings: GuardSettings) -> None:
        self._store = store
        self._settings = settings
        self._operations = 0
        self._pieces: dict[object, float] = {}
        self._changed = Condition()

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Begin something, when not too many wait.

        Raises:
            StoreSuspended: they still do after a while.
        """
        with self._changed:
            if not self._changed.wait_for(self._has_room, self._settings.patience_s):
                raise StoreSuspended(self._store, "too many operations wait for it to answer.", 1)
            self._operations += 1
        try:
            yield
        finally:
            with self._changed:
                self._operations -= 1
                self._changed.notify()

    @contextmanager
    def piece(self) -> Iterator[None]:
        """Go on with what was begun."""
        mark = object()
        self._pieces[mark] = time.monotonic()
        try:
            yield
        finally:
            del self._pieces[mark]

    def _has_room(self) -> bool:
        limit = self._settings.max_operations
        return not limit or self._operations + self._standing_still() < limit

    def _standing_still(self) -> int:
        since = time.monotonic() - self._settings.standstill_s
        return sum(begun < since for begun in list(self._pieces.values()))

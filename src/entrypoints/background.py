"""What a process does beside answering requests."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chore:
    """Something to do again and again; `interval_s` is from one end to the next beginning."""

    name: str
    interval_s: float
    do: Callable[[], object]


class Background:
    """Does the chores of one process from `start` on, for as long as it lives.

    Each has a thread of its own: leases must be renewed in time whatever the others wait for.
    """

    def __init__(self, *chores: Chore) -> None:
        self._threads = [
            threading.Thread(target=_repeat, args=(chore,), name=chore.name, daemon=True)
            for chore in chores
        ]

    def start(self) -> None:
        """Begin; each chore is first done after its interval."""
        for thread in self._threads:
            thread.start()


def _repeat(chore: Chore) -> None:
    while True:
        time.sleep(chore.interval_s)
        try:
            chore.do()
        except Exception:
            # It must go on: leases that nobody renews are taken for abandoned.
            LOG.exception("Background work failed and will be tried again: %s", chore.name)

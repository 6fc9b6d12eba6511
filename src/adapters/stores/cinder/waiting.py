"""How long to wait, and how often to look."""

import time
from collections.abc import Iterator
from typing import Final

FIRST: Final = 0.25
LONGEST: Final = 15.0


def pauses(limit_s: float) -> Iterator[float]:
    """Give the seconds that have gone by: now, and after ever longer pauses up to a limit."""
    began = time.monotonic()
    pause = FIRST
    while (gone := time.monotonic() - began) < limit_s:
        yield gone
        time.sleep(min(pause, max(0.0, limit_s - gone)))
        pause = min(1.6 * pause, LONGEST)

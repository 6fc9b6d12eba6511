"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, so that rules about time can be tested."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime with microseconds."""

"""The time of the machine."""

from datetime import UTC, datetime


class SystemClock:
    """Reads the clock of the machine."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime with microseconds."""
        return datetime.now(UTC)

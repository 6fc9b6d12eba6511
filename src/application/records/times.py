"""The time, as rows have it: UTC, without saying so."""

from datetime import datetime, timedelta

from tintype.domain.ports.clock import Clock


def naive_now(clock: Clock) -> datetime:
    """Return the present."""
    return clock.now().replace(tzinfo=None)


def later(clock: Clock, before: datetime | None) -> datetime:
    """Return the present, or a moment after `before`: who compares sees that a row changed."""
    now = naive_now(clock)
    return now if before is None else max(now, before + timedelta(microseconds=1))

"""Telling others what happened."""

from collections.abc import Iterable
from typing import Protocol

from tintype.domain.events import Event
from tintype.domain.metadef.event import MetadefEvent


class Notifier(Protocol):
    """Passes facts on once they are true for good; never fails the caller."""

    def tell(self, events: Iterable[Event | MetadefEvent]) -> None:
        """Pass the events on, oldest first."""

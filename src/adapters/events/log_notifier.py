"""Events as lines in the log."""

import logging
from collections.abc import Iterable
from contextlib import suppress

from tintype.domain.events import Event
from tintype.domain.metadef.event import MetadefEvent

_logger = logging.getLogger("tintype.events")


class LogNotifier:
    """Writes each event as one line at level INFO to the logger `tintype.events`.

    The line is the event's repr, which escapes line breaks in what callers sent.
    """

    def tell(self, events: Iterable[Event | MetadefEvent]) -> None:
        """Pass the events on, oldest first; a log that fails is the operator's matter."""
        for event in events:
            # What happened is true already, and a broken filter or handler cannot be logged.
            with suppress(Exception):
                _logger.info("%r", event)

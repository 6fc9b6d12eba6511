"""Connections of urllib3 that a deadline can cut; loaded only where a request is sent."""

from typing import Any

from urllib3.connection import HTTPConnection

from tintype.adapters.stores.http.deadline import Deadline


def watched_by(deadline: Deadline, kind: Any) -> Any:
    """Return a kind of connection that tells a deadline of its socket."""

    class Watched(kind):  # type: ignore[misc]
        def _new_conn(self: HTTPConnection) -> Any:
            # What follows may take as long as the peer likes: a handshake, for one.
            connected = kind._new_conn(self)
            deadline.watch(connected)
            return connected

        def connect(self: HTTPConnection) -> None:
            kind.connect(self)
            deadline.watch(self.sock)

    return Watched

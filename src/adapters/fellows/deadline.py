"""An end to a call, however slowly its answer comes."""

import socket
import threading
from contextlib import suppress
from typing import Any, Self

from urllib3.connection import HTTPConnection


class Deadline:
    """Cuts the connection that it watches once the time is over, whatever the peer does.

    Time-outs of a socket begin anew with every byte: who sends one now and then could hold the
    caller for ever. The web store has its own one: adapters do not know one another.

    A context manager, for one call; left, it cuts nothing any more.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Begin to count."""
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Let there be no deadline any more."""
        self._timer.cancel()

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self._over

    def watched(self, kind: Any) -> Any:
        """Return a kind of connection whose sockets are watched."""
        deadline = self

        class Watched(kind):  # type: ignore[misc]
            def _new_conn(self: HTTPConnection) -> Any:
                # What follows may take as long as the peer likes: a handshake, for one.
                connected = kind._new_conn(self)
                deadline._watch(connected)
                return connected

            def connect(self: HTTPConnection) -> None:
                kind.connect(self)
                deadline._watch(self.sock)

        return Watched

    def _watch(self, connected: socket.socket | None) -> None:
        with self._lock:
            self._watched = connected
        if self._over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            if self._watched is not None:
                with suppress(OSError):
                    self._watched.shutdown(socket.SHUT_RDWR)

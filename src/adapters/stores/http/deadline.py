"""An end to every exchange with a server that a caller named."""

import socket
import threading
from contextlib import suppress


class Deadline:
    """Cuts the connections that it watches once the time is over, whatever their peers do.

    Time-outs of a socket begin anew with every byte: who sends one now and then could go on for
    ever. Safe between threads.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self._over

    def watch(self, connected: socket.socket | None) -> None:
        """Watch a connection, in place of the one before."""
        with self._lock:
            self._watched = connected
        if self._over:
            self._cut()

    def lift(self) -> None:
        """Let there be none any more."""
        self._timer.cancel()

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            if self._watched is not None:
                with suppress(OSError):
                    self._watched.shutdown(socket.SHUT_RDWR)

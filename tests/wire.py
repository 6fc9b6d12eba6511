"""A way to a server that can be cut, for tests of what happens then."""

import socket
import struct
import threading
from contextlib import suppress
from typing import Self

_PIECE = 1 << 16
_RESET = struct.pack("ii", 1, 0)


class Wire:
    """Passes on what comes to a port of its own; `cut` breaks all connections that there are."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = self._listen(0)
        self.port: int = self._listening.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def _listen(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
        return listening

    def cut(self) -> None:
        """Break all connections, as a network or a server does that fails."""
        with self._lock:
            cut, self._open = self._open, set()
        for each in cut:
            with suppress(OSError):
                # Both sides are told at once, and nothing that was under way arrives.
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        """Refuse connections from now on, and break those that there are."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def open(self) -> None:
        """Take connections again."""
        self._listening = self._listen(self.port)
        threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def __enter__(self) -> Self:
        """Serve."""
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        self.close()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                try:
                    server = socket.create_connection(self._server)
                except OSError:
                    client.close()
                    continue
                with self._lock:
                    self._open |= {client, server}
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=[source, sink], daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                sink.sendall(piece)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open -= {source, sink}

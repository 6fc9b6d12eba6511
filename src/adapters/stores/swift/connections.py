"""Connections to one service, kept for the next request."""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tintype.adapters.stores.swift.settings import SwiftSettings

IDLE: Final = 64


class Connections:
    """Lends each connection to one thread at a time; a forked process makes its own."""

    def __init__(self, settings: SwiftSettings) -> None:
        self._settings = settings
        self._idle: deque[tuple[int, str, Any]] = deque(maxlen=IDLE)

    def take(self, url: str) -> Any:
        """Return a connection to the server of a URL, for nobody else until it is given back."""
        from swiftclient.client import HTTPConnection

        while True:
            try:
                owner, place, connection = self._idle.pop()
            except IndexError:
                break
            if (owner, place) == (os.getpid(), url):
                return connection
        own = self._settings
        return HTTPConnection(
            url,
            cacert=own.ca_file,
            insecure=own.insecure,
            timeout=(own.connect_timeout_s, own.read_timeout_s),
        )

    def give_back(self, connection: Any) -> None:
        """Take back one whose last answer was read to its end."""
        self._idle.append((os.getpid(), connection.url, connection))

    @contextmanager
    def lent(self, url: str) -> Iterator[Any]:
        """Lend one for a block; if something goes wrong in it, it is not used again."""
        connection = self.take(url)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self.give_back(connection)


class Body:
    """The bytes of an answer, and the connection on which they come."""

    def __init__(self, body: Any, connection: Any, connections: Connections) -> None:
        self._body = body
        self._connection = connection
        self._connections = connections
        self.drained = False

    def read(self, size: int) -> bytes:
        """Return the next bytes; none at the end."""
        piece: bytes = self._body.read(size)
        return piece

    def close(self) -> None:
        """Keep the connection if all was read, else hang up; twice is as good as once."""
        if self._connection is None:
            return
        if self.drained:
            self._connections.give_back(self._connection)
        else:
            self._connection.close()
        self._connection = None

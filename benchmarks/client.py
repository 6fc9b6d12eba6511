"""A client that costs little: HTTP/1.1 over one kept-alive socket.

It runs beside the service on the same processors, so what it wastes the service lacks.
"""

import json
import random
import socket
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

PROJECT = "11111111-1111-4111-8111-111111111111"
"""The project that the load comes from, and that owns a quarter of the seeded images."""

IDENTITY = {
    "X-Identity-Status": "Confirmed",
    "X-User-Id": "benchmark",
    "X-Project-Id": PROJECT,
    "X-Roles": "member,reader",
}
"""For services with auth_strategy = trusted_headers; others do not look at them."""

MIB = 1 << 20
NOISE = random.Random(7).randbytes(MIB)
CHUNK = 1 << 16
"""Bytes in a chunk of a chunked upload, as the common clients send."""


class Answer(NamedTuple):
    """A response; `length` is that of its body in bytes, which is kept only if it is JSON."""

    status: int
    length: int
    body: bytes

    def json(self) -> Any:
        """Return the body as the JSON value that it holds."""
        return json.loads(self.body)


class Failed(Exception):
    """The service answered something else than success."""


class Connection:
    """One connection to the service; for one thread."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), 600)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = memoryview(bytearray(MIB))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        """Return the first part of a request, to be sent any number of times."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in {**IDENTITY, **headers}.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def ask(self, request: bytes, pieces: Iterable[bytes] = ()) -> Answer:
        """Send a request, piece by piece, and read the answer to its end.

        Raises:
            Failed: it is no success.
        """
        self._socket.sendall(request)
        for piece in pieces:
            self._socket.sendall(piece)
        answer = self._answer()
        if answer.status >= 400:
            raise Failed(f"{request.split(b' HTTP')[0]!r}: {answer.status} {answer.body[:500]!r}")
        return answer

    def call(self, method: str, path: str, body: Any = None, media_type: str = "") -> Answer:
        """Send a request with a JSON body, if any.

        Raises:
            Failed: the answer is no success.
        """
        return self.ask(self.request(method, path, body, media_type))

    def request(self, method: str, path: str, body: Any = None, media_type: str = "") -> bytes:
        """Return a whole request, to be sent any number of times."""
        if body is None:
            return self.head(method, path, {})
        data = json.dumps(body).encode()
        headers = {
            "Content-Type": media_type or "application/json",
            "Content-Length": str(len(data)),
        }
        return self.head(method, path, headers) + data

    def _answer(self) -> Answer:
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise Failed("the connection was closed before the answer")
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        status, headers = _parse(head)
        length = int(headers.get(b"content-length", 0))
        if headers.get(b"content-type", b"").startswith(b"application/json"):
            return Answer(status, length, self._rest(body, length))
        self._skip(length - len(body))
        return Answer(status, length, body)

    def _rest(self, body: bytes, length: int) -> bytes:
        pieces, missing = [body], length - len(body)
        while missing > 0:
            pieces.append(bytes(self._receive(missing)))
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def _skip(self, missing: int) -> None:
        while missing > 0:
            missing -= len(self._receive(missing))

    def _receive(self, most: int) -> memoryview:
        count = self._socket.recv_into(self._buffer, min(most, MIB))
        if count == 0:
            raise Failed("the connection was closed in the middle of the answer")
        return self._buffer[:count]


def _parse(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = head.split(b"\r\n")
    pairs = (line.partition(b":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}

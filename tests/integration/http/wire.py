"""Requests byte by byte, for tests that care how they come over the wire."""

import json
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.service import Service

TIMEOUT_S = 30
OCTETS = "application/octet-stream"
CHUNKED = {"Transfer-Encoding": "chunked"}


@dataclass(frozen=True)
class Answer:
    """One answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Wire:
    """One connection to a service, on which the test alone decides what is sent when."""

    def __init__(self, service: Service) -> None:
        self._socket = socket.create_connection(("127.0.0.1", service.port), TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._socket.close()

    def send(self, *pieces: bytes) -> None:
        """Send each piece by itself."""
        for piece in pieces:
            self._socket.sendall(piece)

    def answer(self, *, without_body: bool = False) -> Answer:
        """Read one answer, be it an interim one; that to HEAD has no body."""
        status = self._reader.readline()
        assert status.startswith(b"HTTP/1.1 "), f"{status!r} is no answer"
        headers = dict(self._headers())
        size = 0 if without_body else int(headers.get("content-length", 0))
        body = self._reader.read(size)
        return Answer(int(status.split()[1]), headers, body)

    def _headers(self) -> Iterator[tuple[str, str]]:
        while (line := self._reader.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            yield name.lower(), value.strip()

    def read(self, size: int) -> bytes:
        """Read so many bytes of whatever comes."""
        return self._reader.read(size)

    def read_all(self) -> bytes:
        """Read until the server hangs up."""
        return self._reader.read()

    def has_ended(self) -> bool:
        """Wait for the next byte; tell whether the server hung up instead of sending one."""
        try:
            return self._reader.read(1) == b""
        except ConnectionResetError:
            return True


def head(method: str, path: str, **headers: object) -> bytes:
    """Return a request without its body; underscores in names stand for hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: images"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def upload_of(image_id: str, **headers: object) -> bytes:
    """Return the beginning of an upload."""
    return head("PUT", f"/v2/images/{image_id}/file", Content_Type=OCTETS, **headers)


def known(image_id: str, data: bytes, **headers: object) -> bytes:
    """Return an upload whose length is announced."""
    return upload_of(image_id, Content_Length=len(data), **headers) + data


def chunked(image_id: str, *chunks: bytes, **headers: object) -> bytes:
    """Return an upload in these chunks, and the one that ends it."""
    return upload_of(image_id, Transfer_Encoding="chunked", **headers) + framed(*chunks)


def framed(*chunks: bytes) -> bytes:
    """Return chunks as they stand on the wire."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def parts(data: bytes, sizes: Iterable[int]) -> Sequence[bytes]:
    """Cut data into parts of these sizes, and what is left."""
    found: list[bytes] = []
    for size in sizes:
        found.append(data[:size])
        data = data[size:]
    return [part for part in (*found, data) if part]


def ask(service: Service, method: str, path: str, value: Any = None) -> Answer:
    """Send a request on a connection of its own."""
    body = b"" if value is None else json.dumps(value).encode()
    with Wire(service) as wire:
        wire.send(head(method, path, Content_Length=len(body)) + body)
        return wire.answer()


def an_image(service: Service, data: bytes | None = None) -> str:
    """Create an image that takes any data, and return its id."""
    formats = {"disk_format": "raw", "container_format": "bare"}
    image_id = str(ask(service, "POST", "/v2/images", formats).json["id"])
    if data is not None:
        with Wire(service) as wire:
            wire.send(known(image_id, data))
            assert wire.answer().status == 204
    return image_id


def status_of(service: Service, image_id: str) -> str:
    """Return the status of an image."""
    return str(ask(service, "GET", f"/v2/images/{image_id}").json["status"])


def data_of(service: Service, image_id: str) -> bytes:
    """Return the data of an image."""
    return ask(service, "GET", f"/v2/images/{image_id}/file").body

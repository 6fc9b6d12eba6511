"""A small client of the Images API, for what the field's clients would not do."""

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

PIECE = 1 << 20
MIB = 1 << 20
OCTETS = {"Content-Type": "application/octet-stream"}
PATCH_TYPE = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
ADMIN = {
    "X-Identity-Status": "Confirmed",
    "X-User-Id": "operator",
    "X-Project-Id": "operators",
    "X-Roles": "admin,member,reader",
}


def member_of(project: str) -> dict[str, str]:
    """Return the headers by which a proxy confirms a plain member of a project."""
    return {
        "X-Identity-Status": "Confirmed",
        "X-User-Id": f"user-of-{project}",
        "X-Project-Id": project,
        "X-Roles": "member,reader",
    }


def noise(size: int, seed: object = None) -> bytes:
    """Return bytes that no format inspector takes for anything; the same for the same seed."""
    return random.Random(seed if seed is None else repr(seed)).randbytes(size)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hex."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def expect(self, *statuses: int) -> "Answer":
        """Return itself if the status is one of those; fail with all that came if not."""
        assert self.status in statuses, f"{self.status} instead of {statuses}: {self.body!r}"
        return self


@dataclass(frozen=True)
class Api:
    """Sends each request on a connection of its own; safe between threads."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 120

    @contextmanager
    def connection(self) -> Iterator[HTTPConnection]:
        """Open a connection for the time of a block."""
        parts = urlsplit(self.url)
        assert parts.hostname and parts.port
        connection = HTTPConnection(parts.hostname, parts.port, timeout=self.timeout_s)
        try:
            yield connection
        finally:
            connection.close()

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request; a body that comes in pieces goes out in chunks."""
        with self.connection() as connection:
            # A server may answer, and hang up, before it has read all of a body.
            with suppress(BrokenPipeError):
                connection.request(method, path, body, {**self.headers, **(headers or {})})
            return read(connection)

    # ------------------------------------------------------------------ images

    def create(self, **attributes: Any) -> dict[str, Any]:
        """Create an image, raw and bare if not said otherwise."""
        default = {"disk_format": "raw", "container_format": "bare"}
        body = json.dumps(default | attributes).encode()
        image: dict[str, Any] = self.request("POST", "/v2/images", body).expect(201).json
        return image

    def show(self, image_id: str) -> dict[str, Any]:
        """Look an image up."""
        image: dict[str, Any] = self.request("GET", f"/v2/images/{image_id}").expect(200).json
        return image

    def status(self, image_id: str) -> str:
        """Return the status of an image; `gone` if it is not found."""
        answer = self.request("GET", f"/v2/images/{image_id}").expect(200, 404)
        return str(answer.json["status"]) if answer.status == 200 else "gone"

    def images(self) -> list[dict[str, Any]]:
        """List every image there is, page by page."""
        found: list[dict[str, Any]] = []
        path: str | None = "/v2/images?limit=100"
        while path is not None:
            page = self.request("GET", path).expect(200).json
            found += page["images"]
            path = page.get("next")
        return found

    def patch(self, image_id: str, *operations: Mapping[str, Any]) -> Answer:
        """Change an image."""
        body = json.dumps(operations).encode()
        return self.request("PATCH", f"/v2/images/{image_id}", body, PATCH_TYPE)

    def set(self, image_id: str, **properties: str) -> Answer:
        """Give properties values."""
        changes = [
            {"op": "add", "path": f"/{name}", "value": value} for name, value in properties.items()
        ]
        return self.patch(image_id, *changes)

    def upload(
        self, image_id: str, data: bytes | Iterable[bytes], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send the data of an image."""
        path = f"/v2/images/{image_id}/file"
        return self.request("PUT", path, data, {**OCTETS, **(headers or {})})

    def download(self, image_id: str) -> Answer:
        """Fetch the data of an image."""
        return self.request("GET", f"/v2/images/{image_id}/file")

    def delete(self, image_id: str) -> Answer:
        """Delete an image."""
        return self.request("DELETE", f"/v2/images/{image_id}")


def read(connection: HTTPConnection) -> Answer:
    """Read the answer to a request."""
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


class HalfUpload:
    """An upload that stops in the middle until it is told to go on."""

    def __init__(self, api: Api, image_id: str, data: bytes, sent: int) -> None:
        self._data = memoryview(data)
        self._sent = sent
        self._opened = api.connection()
        self._connection = self._opened.__enter__()
        self._connection.putrequest("PUT", f"/v2/images/{image_id}/file")
        headers = {**api.headers, **OCTETS, "Content-Length": str(len(data))}
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        self._connection.send(self._data[:sent])

    def finish(self) -> Answer:
        """Send the rest and return the answer."""
        try:
            self._connection.send(self._data[self._sent :])
            return read(self._connection)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Hang up."""
        self._opened.__exit__(None, None, None)


def in_pieces(data: bytes, size: int = 1 << 16) -> Iterator[bytes]:
    """Cut data into pieces, for a body of unknown length."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


def attempted(call: Callable[[], Answer]) -> Answer | None:
    """Return the answer of a call; None if the connection broke first."""
    try:
        return call()
    except OSError:
        return None

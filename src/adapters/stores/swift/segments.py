"""How an object is cut into segments, and what they are called."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedRandom, BytesIO
from tempfile import TemporaryFile
from typing import Any, Final

from tintype.adapters.stores.swift.settings import MB

IN_FLIGHT: Final = 64 * MB
"""Bytes that an upload may have on their way."""

SENDERS: Final = 4

GROUP: Final = 1000
"""Segments that one manifest may have, where the service does not say."""

MAX_SIZE: Final = 10_000 * GROUP * MB
"""Most bytes of an object; no service takes that many."""

_PART: Final = re.compile(r"(?P<mark>[0-9a-f]{32})(?:/.+|\.upload)")


@dataclass(frozen=True, slots=True)
class Names:
    """What an upload calls the objects that it makes: all begin with that of the final one.

    No key has a slash, so that none of them can be taken for an image.
    """

    name: str
    mark: str

    @property
    def sign(self) -> str:
        """There from the beginning; who removes it calls the upload off."""
        return f"{self.name}/{self.mark}.upload"

    @property
    def segments(self) -> str:
        """What the names of all segments begin with."""
        return f"{self.name}/{self.mark}/"

    def segment(self, number: int) -> str:
        """Return the name of a segment; the first one has number 1."""
        return f"{self.segments}{number:05d}"

    def group(self, number: int) -> str:
        """Return the name of the manifest of a group of segments."""
        return f"{self.segments}group-{number:05d}"


def parts_of(name: str) -> str:
    """Return what the names of all that uploads make for an object begin with."""
    return f"{name}/"


def mark_in(part: str) -> str | None:
    """Return the mark of the upload that made a part of an object, None if none did."""
    found = _PART.fullmatch(part.partition("/")[2])
    return found and found["mark"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A segment that the service has, or a group of them, of which it alone knows the digest."""

    name: str
    digest: str | None
    size: int

    def entry(self, container: str) -> dict[str, Any]:
        """Return its line in a manifest."""
        path = f"/{container}/{self.name}"
        known = {"etag": self.digest} if self.digest else {}
        return {"path": path, "size_bytes": self.size, **known}


@dataclass
class Buffer:
    """Bytes on their way to become a segment, in memory or, with a directory, in a file."""

    directory: str | None
    size: int = 0
    _file: BytesIO | BufferedRandom = field(init=False)

    def __post_init__(self) -> None:
        if self.directory is None:
            self._file = BytesIO()
        else:
            self._file = TemporaryFile(dir=self.directory)  # noqa: SIM115

    def write(self, piece: memoryview) -> None:
        """Append the bytes."""
        self._file.write(piece)
        self.size += len(piece)

    @property
    def body(self) -> Any:
        """What is to be sent: bytes, or a file of them."""
        return self._file.getvalue() if isinstance(self._file, BytesIO) else self._file

    def digest(self) -> str:
        """Return the MD5 of the bytes, which tells the service whether it got them all right."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "md5").hexdigest()

    def close(self) -> None:
        """Give up what holds them."""
        self._file.close()


def window(size: int, directory: str | None) -> int:
    """Return how many segments of that size an upload may have on their way."""
    return SENDERS if directory else max(1, min(SENDERS, IN_FLIGHT // size - 1))


def groups(sent: list[Sent], most: int) -> Iterator[list[Sent]]:
    """Cut a list into pieces of at most so many."""
    for begin in range(0, len(sent), most):
        yield sent[begin : begin + most]

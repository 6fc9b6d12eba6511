"""What the storage library takes and gives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol

from tintype.domain.ports.byte_source import ByteSource
from tintype.domain.ports.storage_driver import ReadStream
from tintype.entrypoints.python.exceptions import BackendException
from tintype.entrypoints.python.storage_errors import translated

PIECE: Final = 1 << 20


class Readable(Protocol):
    """A source of bytes that is asked for them."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""


class Verifier(Protocol):
    """Looks at bytes on their way; its verdict is the caller's to ask for."""

    def update(self, chunk: bytes, /) -> object:
        """Take the next bytes."""


class StoredData(NamedTuple):
    """Where data is now, and what it is; `checksum` is its MD5 and both digests are in hex."""

    url: str
    size: int
    checksum: str
    multihash: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What is to be known of a store.

    `read_only` says what it is, `capabilities` are bits of what it can do now (stores §3), and
    `health` is how it is doing: ok, full, read-only, unreachable or out-of-service, and why. Its
    locations lie under `url_prefixes`, if those are known before there is one (stores §4).
    """

    id: str
    type: str
    schemes: tuple[str, ...]
    default: bool
    read_only: bool
    weight: int
    description: str | None
    capabilities: int
    properties: Mapping[str, Any]
    health: str = "ok"
    reason: str | None = None
    url_prefixes: tuple[str, ...] = ()


class StoredStream:
    """Data on its way out, in pieces of at most 1 MiB; for one thread. Close it when done."""

    def __init__(self, stream: ReadStream, store: str) -> None:
        self._stream = stream
        self._store = store
        self._pieces: Iterator[bytes] | None = None

    @property
    def size(self) -> int:
        """How many bytes it gives; 0 also if the store does not say."""
        return self._stream.size or 0

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        with translated(self._store):
            if self._pieces is None:
                self._pieces = iter(self._stream)
            return next(self._pieces)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        with translated(self._store):
            return self._stream.read(size)

    def close(self) -> None:
        """Let go of what is held; twice is as good as once."""
        self._stream.close()

    def __enter__(self) -> "StoredStream":
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


class IncomingBytes:
    """Fills buffers from what callers hand over: something to read, or pieces of any size."""

    def __init__(self, data: Readable | Iterable[bytes]) -> None:
        read = getattr(data, "read", None)
        self._pieces = iter(lambda: read(PIECE), b"") if read else iter(data)  # type: ignore[arg-type]
        self._rest = memoryview(b"")

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start; 0 only at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def source_of(data: Readable | Iterable[bytes]) -> ByteSource:
    """Make a source for the data path of what a caller hands over."""
    return IncomingBytes(data)


def check_location_metadata(val: object, key: str = "") -> None:
    """Raise BackendException unless every leaf is text; mappings and lists hold them.

    Source: stores §2.
    """
    if isinstance(val, dict):
        for name, value in val.items():
            check_location_metadata(value, key=str(name))
    elif isinstance(val, list):
        for place, value in enumerate(val):
            check_location_metadata(value, key=f"{key}[{place}]")
    elif not isinstance(val, str):
        raise BackendException(
            f"The location metadata {key or 'itself'} is of type {type(val).__name__}: "
            "only texts, lists and mappings are allowed."
        )

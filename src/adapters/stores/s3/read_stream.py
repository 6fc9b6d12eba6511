"""The body of an answer on its way out."""

from collections.abc import Iterator
from typing import Any, Final

from tintype.adapters.stores.s3.faults import reading

PIECE: Final = 1 << 20


class S3Stream:
    """`size` bytes of an answer; of none if nothing was asked for."""

    def __init__(self, store: str, body: Any | None, size: int) -> None:
        self._store = store
        self._body = body
        self._size = self._left = size

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the service broke off, or fell silent.
        """
        if size < 0:
            return b"".join(self)
        wanted = min(size, self._left)
        if not wanted or self._body is None:
            return b""
        with reading(self._store):
            piece: bytes = self._body.read(wanted)
            if not piece:
                raise ConnectionAbortedError("the answer is too short")
        self._left -= len(piece)
        return piece

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB.

        Raises:
            StoreUnavailable: as `read`.
        """
        while piece := self.read(PIECE):
            yield piece

    def close(self) -> None:
        """Hang up; twice is as good as once."""
        if self._body is not None:
            self._body.close()

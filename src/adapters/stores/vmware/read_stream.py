"""The body of an answer on its way out."""

from collections.abc import Iterator
from typing import Any, Final

from tintype.adapters.stores.vmware.faults import reading

PIECE: Final = 1 << 20


class VmwareStream:
    """`size` bytes of an answer, after `skip` that are left out; of none if none were asked for."""

    def __init__(
        self, store: str, size: int, skip: int = 0, connection: Any = None, answer: Any = None
    ) -> None:
        self._store = store
        self._size = self._left = size
        self._skip = skip
        self._connection = connection
        self._answer = answer

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the server broke off, or fell silent.
        """
        if size < 0:
            return b"".join(self)
        wanted = min(size, self._left, PIECE)
        if not wanted or self._answer is None:
            return b""
        while self._skip:
            self._skip -= len(self._take(min(self._skip, PIECE)))
        piece = self._take(wanted)
        self._left -= len(piece)
        return piece

    def _take(self, size: int) -> bytes:
        with reading(self._store):
            piece: bytes = self._answer.read(size)
            if not piece:
                raise ConnectionAbortedError("the answer is too short")
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
        if self._connection is not None:
            self._connection.close()

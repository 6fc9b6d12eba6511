"""Streams whose first bytes are there already, so that it is not too late to try another copy."""

from collections.abc import Iterator

from tintype.application.data_path import PIECE
from tintype.domain.errors import StoreUnavailable
from tintype.domain.ports.storage_driver import ReadStream

FIRST = 64 << 10
"""Bytes that are waited for before an answer begins."""


def begun(stream: ReadStream) -> ReadStream:
    """Return the stream, once it is known to give at least its first bytes.

    One that is backed by a file is returned as it is. One that fails is closed.

    Raises:
        StoreUnavailable, DataNotFound: it gives none.
    Source: spec images-api §8.2 (only errors before the first byte fall through).
    """
    if hasattr(stream, "fileno") or stream.size == 0:
        return stream
    try:
        return BegunStream(stream.read(FIRST), stream)
    except BaseException:
        stream.close()
        raise


class BegunStream:
    """A stream that goes on after bytes that were read from it before."""

    def __init__(self, first: bytes, rest: ReadStream) -> None:
        self._first = first
        self._rest = rest
        self._size = rest.size

    @property
    def size(self) -> int | None:
        """How many bytes it gives, those read before included, if the store says so."""
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order."""
        if self._first:
            first, self._first = self._first, b""
            yield first
        yield from self._rest

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        if not self._first:
            return self._rest.read(size)
        end = len(self._first) if size < 0 else size
        piece, self._first = self._first[:end], self._first[end:]
        return piece + self._rest.read() if size < 0 else piece

    def close(self) -> None:
        """Let go of what the stream holds."""
        self._rest.close()


def measured(stream: ReadStream, size: int | None) -> tuple[ReadStream, int]:
    """Return the stream and how many bytes it gives: `size`, if its store does not say.

    Raises:
        StoreUnavailable: `size` is not known either. The stream is closed.
    """
    if stream.size is not None:
        return stream, stream.size
    if size is None:
        stream.close()
        raise StoreUnavailable("The store does not say how long the data is, nor is it on record.")
    return MeasuredStream(stream, size), size


class MeasuredStream:
    """A stream without a length of its own, held to one that was announced."""

    def __init__(self, stream: ReadStream, size: int) -> None:
        self._stream = stream
        self._size = self._left = size

    @property
    def size(self) -> int:
        """How many bytes it gives."""
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order.

        Raises:
            StoreUnavailable: as `read`.
        """
        while piece := self.read(PIECE):
            yield piece

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: they are fewer than was announced.
        """
        if size < 0:
            return b"".join(self)
        wanted = min(size, self._left)
        piece = self._stream.read(wanted) if wanted else b""
        if wanted and not piece:
            done = self._size - self._left
            raise StoreUnavailable(f"The data ended after {done} of {self._size} bytes.")
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let go of what the stream holds."""
        self._stream.close()

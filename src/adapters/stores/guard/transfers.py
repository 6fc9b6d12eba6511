"""Transfers whose every step is watched."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import OfFile, ReadStream, WriteHandle

Step = Callable[[], AbstractContextManager[None]]


class GuardedHandle:
    """An object in the making."""

    def __init__(self, handle: AbstractContextManager[WriteHandle], step: Step) -> None:
        self._making = handle
        self._handle: WriteHandle
        self._step = step

    def __enter__(self) -> "GuardedHandle":
        """Begin."""
        with self._step():
            self._handle = self._making.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Take back what was not committed."""
        with self._step():
            self._making.__exit__(*error)  # type: ignore[arg-type]

    def write(self, piece: memoryview) -> None:
        """Append the bytes."""
        with self._step():
            self._handle.write(piece)

    def commit(self) -> Location:
        """Make the object durable and visible."""
        with self._step():
            return self._handle.commit()


class GuardedStream:
    """An object on its way out."""

    def __init__(self, stream: ReadStream, step: Step) -> None:
        self._stream = stream
        self._step = step

    @property
    def size(self) -> int | None:
        """How many bytes it will give, if the store says so."""
        return self._stream.size

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB."""
        pieces = iter(self._stream)
        while True:
            with self._step():
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        with self._step():
            return self._stream.read(size)

    def close(self) -> None:
        """Let go of what is held; twice is as good as once."""
        self._stream.close()


class GuardedFile(GuardedStream):
    """An object on its way out that is backed by a real file, which the server may send by itself.

    What the kernel sends is out of sight; what is read here is not.
    """

    def fileno(self) -> int:
        """Return the descriptor, for the kernel to send `size` bytes from."""
        assert isinstance(self._stream, OfFile)
        return self._stream.fileno()

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start, and return how far; 0 at the end."""
        with self._step():
            if isinstance(self._stream, _Fills):
                return self._stream.readinto(buffer)
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@runtime_checkable
class _Fills(Protocol):
    """A stream that spares a copy."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start, and return how far; 0 at the end."""

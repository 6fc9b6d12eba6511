"""A file on its way out."""

import os
import stat
from collections.abc import Iterator
from io import FileIO
from typing import Final

from tintype.adapters.stores.filesystem.faults import reading
from tintype.domain.errors import Invalid, StoreUnavailable

PIECE: Final = 1 << 20

# A symbolic link could lead anywhere, and opening a pipe would wait for its writer.
READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class FileStream:
    """`size` bytes of an open file, which is positioned at the first of them."""

    def __init__(self, store: str, path: str, offset: int, length: int | None) -> None:
        """Open the file; an offset past the end gives nothing.

        Raises:
            OSError: it cannot be opened.
            Invalid: it is not a regular file.
        """
        self._store = store
        self._file = FileIO(path, opener=_opener)
        try:
            self._size = self._left = self._seek(offset, length)
        except BaseException:
            self._file.close()
            raise

    def _seek(self, offset: int, length: int | None) -> int:
        status = os.fstat(self.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Invalid(f"The location is none of store {self._store}'s: it is no file.")
        rest = max(0, status.st_size - offset)
        if offset == 0 and length is None:
            os.posix_fadvise(self.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        else:
            self._file.seek(offset)
        return rest if length is None else min(length, rest)

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return self._size

    def fileno(self) -> int:
        """Return the descriptor, for the kernel to send `size` bytes from."""
        return self._file.fileno()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the disk failed, or somebody cut the file short.
        """
        if size < 0:
            return b"".join(self)
        wanted = min(size, self._left)
        if not wanted:
            return b""
        with reading(self._store):
            piece = os.read(self.fileno(), wanted)
        self._count(len(piece))
        return piece

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start, and return how far; 0 at the end.

        Raises:
            StoreUnavailable: as `read`.
        """
        wanted = min(len(buffer), self._left)
        if not wanted:
            return 0
        with reading(self._store):
            count = os.readv(self.fileno(), [buffer[:wanted]])
        self._count(count)
        return count

    def _count(self, count: int) -> None:
        if not count:
            raise StoreUnavailable(f"Store {self._store} lacks the last {self._left} bytes.")
        self._left -= count

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB.

        Raises:
            StoreUnavailable: as `read`.
        """
        while piece := self.read(PIECE):
            yield piece

    def close(self) -> None:
        """Close the file; twice is as good as once."""
        self._file.close()


def _opener(path: str, _: int) -> int:
    return os.open(path, READ)

"""How an object is cut into parts, and where they wait until they are sent."""

from tempfile import TemporaryFile
from typing import IO, Final

MAX_PARTS: Final = 10_000
MAX_PART: Final = 5 << 30
MAX_SIZE: Final = MAX_PARTS * MAX_PART
"""Most bytes of an object: as many parts as there may be, each as large as it may be."""

IN_FLIGHT: Final = 64 << 20
"""Bytes that an upload may have on their way, unless one part is larger."""

IN_MEMORY: Final = 64 << 20
"""Bytes of the largest part that waits in memory. One of them fills while others are sent."""

MIN_PART: Final = 5 << 20
"""Services refuse smaller parts, but for the last one."""

_STEP: Final = MAX_PARTS // 10


def part_size(number: int, configured: int, size: int | None) -> int:
    """Return the size in bytes of a part; the first one has number 1.

    Where the size of the whole is not known, every thousandth part doubles that of the next ones:
    with the smallest size to begin with, ten thousand of them are 5 TiB.

    Source: stores §6.3.
    """
    if size:
        return min(MAX_PART, max(configured, -(-size // MAX_PARTS)))
    return min(MAX_PART, configured << (number - 1) // _STEP)


def is_one_request(size: int | None, limit: int) -> bool:
    """Tell whether an object is sent whole: its size is known, below the limit, and fits in memory.

    Source: stores §6.3.
    """
    return size is not None and size < limit and size <= IN_MEMORY


def window(size: int, threads: int) -> int:
    """Return how many parts of that size an upload may have on their way."""
    return max(1, min(threads, IN_FLIGHT // size))


class Buffer:
    """Bytes on their way to become a part.

    They are in memory or, if there may be too many for that, in a file without a name: what is
    sent again is needed again, so that they cannot just pass through.
    """

    def __init__(self, capacity: int, directory: str | None) -> None:
        """Make room for so many bytes, if need be in a directory; None: that of temporary files.

        Raises:
            OSError: the directory takes no file.
        """
        self.capacity = capacity
        self.in_memory = capacity if capacity <= IN_MEMORY else 0
        self.size = 0
        self._bytes = bytearray()
        self._file: IO[bytes] | None = None
        if not self.in_memory:
            self._file = TemporaryFile(dir=directory)  # noqa: SIM115

    @property
    def is_full(self) -> bool:
        """Whether no more bytes fit in."""
        return self.size == self.capacity

    def write(self, piece: memoryview) -> None:
        """Append the bytes."""
        if self._file is None:
            self._bytes += piece
        else:
            self._file.write(piece)
        self.size += len(piece)

    @property
    def body(self) -> bytearray | IO[bytes]:
        """What is to be sent: the bytes, or a file that stands at the first one."""
        if self._file is None:
            return self._bytes
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Let go of the bytes; twice is as good as once."""
        self._bytes = bytearray()
        if self._file is not None:
            self._file.close()

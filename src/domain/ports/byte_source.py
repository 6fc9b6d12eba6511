"""Bytes on their way in."""

from typing import Protocol


class ByteSource(Protocol):
    """Something to read from into one's own buffer: a request body, an open file, a BytesIO."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer from its start, as far as is cheap; 0 only at the end.

        Raises:
            BrokenSource: the bytes broke off before their announced end.
        """

"""The bytes of a volume on their way out."""

from collections.abc import Callable, Iterator
from typing import Final

from tintype.adapters.stores.cinder.faults import moving
from tintype.adapters.stores.cinder.volume_file import VolumeFile

PIECE: Final = 1 << 20


class CinderStream:
    """`size` bytes of a volume; of none if nothing was asked for."""

    def __init__(
        self, store: str, size: int, file: VolumeFile | None, leave: Callable[[], None]
    ) -> None:
        """Make it; `leave` closes the file."""
        self._store = store
        self._size = self._left = size
        self._file = file
        self._leave = leave

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the volume cannot be read, or is shorter than it was said to be.
        """
        if size < 0:
            return b"".join(self)
        wanted = min(size, self._left, PIECE)
        if not wanted or self._file is None:
            return b""
        with moving(self._store):
            piece = self._file.read(wanted)
            if not piece:
                raise EOFError("the volume is too short")
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
        """Let go of the volume; twice is as good as once."""
        file, self._file = self._file, None
        if file is not None:
            self._leave()

"""Room on a local disk for data that is changed before it is stored."""

from collections.abc import Set
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Sink(Protocol):
    """A file in the making."""

    def write(self, piece: bytes | memoryview) -> None:
        """Append the bytes; those that are zero may take no room.

        Raises:
            StorageFull, StoreUnavailable: as the disk says.
        """


class Source(Protocol):
    """A file that is read from its start."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""

    def close(self) -> None:
        """Let go of it; twice is as good as once."""


class Workbench(Protocol):
    """The local files of one import at work, for one thread; `data` is the one that counts."""

    @property
    def data(self) -> Path:
        """The data as it is now."""

    def link(self, stream: object) -> bool:
        """Take the whole file that a stream reads from for the data, without copying it.

        False where there is no such file, or it lies on another disk.
        """

    def filling(self, kind: str) -> AbstractContextManager[Sink]:
        """Give a file that becomes the data when the block ends well, and goes if it does not.

        `kind` is a short word that tells it from the others. The former data goes.
        """

    def beside(self, kind: str) -> AbstractContextManager[Path]:
        """Give the name of a file that somebody else writes; as `filling` otherwise."""

    def require_room(self, size: int) -> None:
        """Raise StorageFull unless so many bytes are free."""

    def open(self) -> Source:
        """Read the data."""


class Workbenches(Protocol):
    """Where they stand."""

    def open(self, image_id: str, run_id: str) -> AbstractContextManager[Workbench]:
        """Set one up for a task at work on an image; at the end its files are gone."""

    def runs(self) -> Set[str]:
        """Return the `run_id` of every one that has left files."""

    def remove(self, runs: Set[str]) -> None:
        """Remove the files of these."""

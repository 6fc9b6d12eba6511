"""The data of an import on its way in."""

from collections.abc import Sequence
from typing import Protocol

from tintype.application.tasks.run import Run


class Readable(Protocol):
    """Bytes from staging, from a store or from the web."""

    @property
    def size(self) -> int | None:
        """How many there are, if that is known."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""

    def close(self) -> None:
        """Let go of what is held."""


class Counted:
    """The bytes of an import for the data path, only as long as they are wanted.

    How many went to each of the `places` is noted in the task.
    """

    def __init__(self, source: Readable, size: int | None, run: Run, places: Sequence[str]) -> None:
        self.size = size
        self._source = source
        self._run = run
        self._places = places
        self._done = 0

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start; 0 at the end."""
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._done += len(data)
        for place in self._places:
            self._run.progress(place, self._done, self.size)
        return len(data)

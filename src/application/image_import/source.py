"""The data of an import on its way in."""

import hashlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tintype.application.tasks.run import Run
from tintype.domain.errors import SizeMismatch, WrongDigest


class Readable(Protocol):
    """Bytes from staging, from a store or from the web."""

    @property
    def size(self) -> int | None:
        """How many there are, if that is known."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""

    def close(self) -> None:
        """Let go of what is held."""


@runtime_checkable
class Fills(Protocol):
    """Bytes that come straight into a buffer."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start, and return how far; 0 at the end."""


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
        if isinstance(self._source, Fills):
            count = self._source.readinto(buffer)
        else:
            data = self._source.read(len(buffer))
            buffer[: len(data)] = data
            count = len(data)
        self._done += count
        for place in self._places:
            self._run.progress(place, self._done, self.size)
        return count


class Verified:
    """Bytes that must be of a size and have a digest, which shows when the last has come.

    What is not known is not asked for.
    """

    def __init__(
        self, source: Readable, size: int | None, algorithm: str | None, value: str | None
    ) -> None:
        self._source = source
        self._expected = size
        self._value = value
        self._digest = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None
        self._done = 0

    @property
    def size(self) -> int | None:
        """How many bytes there must be, if that is known."""
        return self._source.size if self._expected is None else self._expected

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            SizeMismatch, WrongDigest: they are others than they must be.
        """
        piece = self._source.read(size)
        self._done += len(piece)
        if piece and self._digest is not None:
            self._digest.update(piece)
        if not piece:
            self._require_whole()
        return piece

    def _require_whole(self) -> None:
        if self._expected not in (None, self._done):
            raise SizeMismatch(self._expected or 0, self._done)
        if self._digest is not None and self._value is not None:
            found = self._digest.hexdigest()
            if found != self._value.lower():
                raise WrongDigest(f"the data has another os_hash_value: {found}")

    def close(self) -> None:
        """Let go of what is held."""
        self._source.close()

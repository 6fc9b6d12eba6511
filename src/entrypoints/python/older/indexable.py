"""Bytes on their way, of which the number is known."""

from collections.abc import Iterable, Iterator


class Indexable:
    """An iterator over pieces of bytes that has a length and gives parts by slicing.

    It keeps nothing: what was passed over cannot be had again.
    """

    def __init__(self, wrapped: Iterable[bytes], size: int) -> None:
        self.wrapped = wrapped
        self._pieces = iter(wrapped)
        self._size = int(size)
        self._position = 0
        self._rest = b""

    def __len__(self) -> int:
        """Return how many bytes there are in all."""
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        """Give the rest of the bytes, in order."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        piece, self._rest = self._rest or next(self._pieces), b""
        self._position += len(piece)
        return piece

    def __getitem__(self, part: slice) -> bytes:
        """Return the bytes of a slice without step, none of which was given before.

        Raises:
            IndexError: it begins before what comes next.
        """
        start, stop, _ = part.indices(self._size)
        if start < self._position:
            raise IndexError(f"Bytes before {self._position} were given already.")
        self._take(start - self._position)
        return self._take(stop - start)

    def _take(self, size: int) -> bytes:
        taken = bytearray()
        while len(taken) < size and (piece := next(self, b"")):
            wanted = size - len(taken)
            taken += piece[:wanted]
            self._rest = piece[wanted:]
            self._position -= len(self._rest)
        return bytes(taken)

    def close(self) -> None:
        """Let go of what is held; twice is as good as once."""
        close = getattr(self.wrapped, "close", None)
        if close is not None:
            close()

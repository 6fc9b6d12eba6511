"""The body of an answer on its way out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from tintype.adapters.stores.http.client import HttpClient

PIECE: Final = 1 << 20


class HttpStream:
    """`size` bytes of an answer, or all of it; of no answer if nothing was asked for."""

    def __init__(
        self, client: "HttpClient", answer: "BaseHTTPResponse | None", size: int | None
    ) -> None:
        self._client = client
        self._answer = answer
        self._size = self._left = size

    @property
    def size(self) -> int | None:
        """How many bytes it will give; None if the server does not say."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes that have come, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the server broke off, or fell silent.
        """
        if size < 0:
            return b"".join(self)
        return self._next(size, whole=False)

    def _next(self, size: int, *, whole: bool) -> bytes:
        wanted = size if self._left is None else min(size, self._left)
        if not wanted or self._answer is None:
            return b""
        with self._client.translated():
            # Of chunks it is known which one is the last; their reader fails without it.
            piece = self._answer.read(wanted) if whole else self._answer.read1(wanted)
            if self._left is not None:
                self._left -= len(piece)
                if not piece:
                    raise ConnectionAbortedError("the answer is too short")
        return piece

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB.

        Raises:
            StoreUnavailable: as `read`.
        """
        while piece := self._next(PIECE, whole=True):
            yield piece

    def close(self) -> None:
        """Hang up; twice is as good as once."""
        if self._answer is not None:
            self._answer.close()

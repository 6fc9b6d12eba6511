"""A snapshot of a block device on its way out."""

from collections import deque
from collections.abc import Iterator
from errno import EIO
from typing import Any, Final

from tintype.adapters.stores.rbd.cluster import Cluster, Pool
from tintype.adapters.stores.rbd.faults import Failed

PIECE: Final = 1 << 20
AHEAD: Final = 16
"""How many pieces are asked for before they are needed."""


class RbdStream:
    """`size` bytes of a device from `offset`; the next ones come while these are handed out.

    The device stays open, and others can tell: it cannot be removed meanwhile.
    """

    def __init__(self, cluster: Cluster, pool: Pool, image: Any, offset: int, size: int) -> None:
        self._cluster = cluster
        self._pool = pool
        self._image = image
        self._size = size
        self._next = offset
        self._end = offset + size
        self._on_their_way: deque[_Piece] = deque()
        self._left = b""
        self._closed = False

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the cluster does not give them.
        """
        if size < 0:
            return b"".join(self)
        if not self._left:
            self._left = self._piece()
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB.

        Raises:
            StoreUnavailable: as `read`.
        """
        while piece := self.read(PIECE):
            yield piece

    def _piece(self) -> bytes:
        with self._cluster.reading():
            while self._next < self._end and len(self._on_their_way) < AHEAD:
                size = min(PIECE - self._next % PIECE, self._end - self._next)
                self._on_their_way.append(_Piece(self._image, self._next, size))
                self._next += size
            return self._on_their_way.popleft().result() if self._on_their_way else b""

    def close(self) -> None:
        """Let go of the device; twice is as good as once."""
        import rbd

        if self._closed:
            return
        self._closed = True
        while self._on_their_way:
            self._on_their_way.popleft().wait()
        try:
            self._image.close()
        except rbd.Error:
            pass  # the cluster is gone, and finds out by itself that nobody reads any more
        finally:
            self._pool.close()


class _Piece:
    """Bytes that were asked for."""

    def __init__(self, image: Any, offset: int, size: int) -> None:
        self._size = size
        # The completion must not lead back to this: such a circle would keep bytes for long.
        self._data: list[bytes | None] = []
        data = self._data
        self._completion = image.aio_read(offset, size, lambda _, piece: data.append(piece))

    def result(self) -> bytes:
        """Return them when they are there."""
        self.wait()
        number = self._completion.get_return_value()
        if number < 0:
            raise Failed(number)
        piece = self._data.pop()
        if piece is None or len(piece) != self._size:
            raise Failed(EIO)
        return piece

    def wait(self) -> None:
        """Return when they are there, or cannot be had."""
        self._completion.wait_for_complete_and_cb()

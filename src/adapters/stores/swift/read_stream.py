"""An object on its way out."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from tintype.adapters.stores.swift.connections import Body
from tintype.adapters.stores.swift.faults import faults, reading, status_of, unavailable
from tintype.adapters.stores.swift.places import Place
from tintype.adapters.stores.swift.service import PIECE, Headers
from tintype.domain.errors import CannotSeek

Reopen = Callable[[int], Body]
"""Gives the same bytes again, without the first so many."""

UNSATISFIABLE: Final = 416

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(?:\d+|\*)", re.ASCII)


class SwiftStream:
    """`size` bytes of an object; what breaks off is taken up again `retries` times."""

    def __init__(
        self,
        store: str,
        body: Body | None,
        size: int,
        reopen: Reopen,
        retries: int,
        leave: Callable[[], None],
    ) -> None:
        self._store = store
        self._body = body
        self._size = size
        self._given = 0
        self._reopen = reopen
        self._retries = retries
        self._leave = leave

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            StoreUnavailable: the service broke off, or fell silent, once too often.
        """
        if size < 0:
            return b"".join(self)
        wanted = min(size, self._size - self._given)
        while wanted and self._body is not None:
            try:
                return self._next(self._body, wanted)
            except faults() as error:
                self._take_up_again(error)
        return b""

    def _next(self, body: Body, wanted: int) -> bytes:
        piece = body.read(wanted)
        if not piece:
            raise ConnectionAbortedError("the answer is too short")
        self._given += len(piece)
        if self._given == self._size:
            body.drained = True
        return piece

    def _take_up_again(self, error: Exception) -> None:
        self._hang_up()
        if not self._retries:
            raise unavailable(self._store, error) from error
        self._retries -= 1
        self._body = self._reopen(self._given)

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB.

        Raises:
            StoreUnavailable: as `read`.
        """
        while piece := self.read(PIECE):
            yield piece

    def close(self) -> None:
        """Let the connection go; twice is as good as once."""
        self._hang_up()
        self._leave()

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def open_stream(
    place: Place, store: str, offset: int, length: int | None, retries: int
) -> SwiftStream:
    """Begin reading an object, from `offset`, `length` bytes or to the end.

    Raises:
        CannotSeek: the service gives nothing but the whole.
        and what the client libraries do.
    """
    try:
        told, body = _get(place, store, offset, length, {})
    except faults() as error:
        if status_of(error) != UNSATISFIABLE:
            raise
        place.service.leave()
        return no_stream(store)
    size = int(told["content-length"])
    rest = partial(_rest, place, store, offset, size, told.get("etag", ""))
    return SwiftStream(store, body, size, rest, retries, place.service.leave)


def no_stream(store: str) -> SwiftStream:
    """Return a stream of no bytes."""

    def nothing(_: int) -> Body:
        raise AssertionError("there is nothing to go on with")

    return SwiftStream(store, None, 0, nothing, 0, lambda: None)


def _rest(place: Place, store: str, offset: int, size: int, etag: str, given: int) -> Body:
    with reading(store):
        return _get(place, store, offset + given, size - given, {"If-Match": etag})[1]


def _get(
    place: Place, store: str, offset: int, length: int | None, headers: Headers
) -> tuple[Headers, Body]:
    ranged = offset > 0 or length is not None
    if ranged:
        last = "" if length is None else offset + length - 1
        headers = {**headers, "Range": f"bytes={offset}-{last}"}
    told, body = place.service.get(place.container, place.name, headers)
    if ranged and int(told["content-length"]):
        found = _CONTENT_RANGE.fullmatch(told.get("content-range", ""))
        if found is None or int(found[1]) != offset:
            body.close()
            raise CannotSeek(store)
    return told, body

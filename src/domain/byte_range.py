"""A part of the data, as a caller asks for it."""

from dataclasses import dataclass
from typing import NamedTuple

from tintype.domain.errors import Invalid, RangeNotSatisfiable


class Span(NamedTuple):
    """Bytes from `offset` on, `length` of them."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`first`-`last` inclusive; without `last` to the end, without `first` the last bytes.

    Without both it is a text that nobody understands: who may have the data is told so.

    `several` are asked for where its text has more of them than one.
    `exact` refuses a `last` beyond the data instead of clipping it (the older request header
    `Content-Range`, images-api §8.2).
    """

    first: int | None
    last: int | None
    text: str
    exact: bool = False
    several: bool = False

    def within(self, size: int) -> Span:
        """Say which bytes of data of that size are meant.

        Raises:
            Invalid: several ranges are asked for; RangeNotSatisfiable: no bytes are meant.
        """
        if self.several:
            raise Invalid("Only one range can be asked for at a time.")
        if self.first is None:
            return self._suffix(size)
        if self.first >= size or (self.exact and self.last is not None and self.last >= size):
            raise RangeNotSatisfiable(self.text, size)
        last = size - 1 if self.last is None else min(self.last, size - 1)
        if last < self.first:
            raise RangeNotSatisfiable(self.text, size)
        return Span(self.first, last - self.first + 1)

    def _suffix(self, size: int) -> Span:
        if self.last is None or size == 0:
            raise RangeNotSatisfiable(self.text, size)
        # `-0` means the whole for clients of this API (images-api §8.2).
        wanted = self.last or size
        return Span(max(0, size - wanted), min(wanted, size))

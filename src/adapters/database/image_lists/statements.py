"""The statements for lists, kept by the shape of the question."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from tintype.adapters.database.image_lists.anchors import (
    FEW,
    MANY,
    RARELY,
    count_offers,
    counts,
    few_of,
    meetings,
)
from tintype.adapters.database.image_lists.page import boundary, page
from tintype.adapters.database.image_lists.question import Shape, take_apart
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import TIE_BREAKERS, ImageQuery

_REMEMBERED = 512
"""Statements kept; callers choose the shapes, so there must be a bound."""

_Statement = TypeVar("_Statement")

Values = dict[str, Any]
Ask = Callable[[Select[Any], Values], Sequence[Any]]
"""Runs a statement and returns its first row, or nothing."""


class ListStatements:
    """The statements for the pages of one kind of database; safe between threads."""

    def __init__(self, dialect: str, few: int = FEW) -> None:
        """Make pages from the matches of a filter where these are not more than `few`."""
        self._dialect = dialect
        self._few = few
        self._pages = _Kept(partial(page, dialect=dialect))
        self._boundaries = _Kept(partial(boundary, dialect=dialect))
        self._counts = _Kept(partial(counts, dialect=dialect, few=few))
        self._meetings = _Kept(partial(meetings, dialect=dialect))
        self._offers = _Kept(partial(count_offers, few=few))
        self._further_counts = _Kept(partial(counts, dialect=dialect, few=MANY))

    def pages(
        self, query: ImageQuery, caller: Caller, after: Image | None, ask: Ask
    ) -> Iterator[tuple[Select[Any], Values]]:
        """Yield the statement for one page and the values that it takes.

        Another one follows for the case that the first finds less than a page.
        """
        shape, values = take_apart(query, caller, after)
        shape = replace(shape, start=self._start(shape, values, ask))
        if shape.start is None and self._has_few_offers(shape, values, ask):
            shape = replace(shape, from_offers=True)
        if shape.start is not None or not _turns(shape):
            yield self._pages.of(_cut_at_marker(shape)), values
            return
        found = ask(self._boundaries.of(shape), values)
        cut = replace(shape, boundary=bool(found))
        yield self._pages.of(cut), values | {"boundary": found[0] if found else None}
        if found:
            # Images went since the boundary was looked up.
            yield self._pages.of(shape), values

    def _has_few_offers(self, shape: Shape, values: Values, ask: Ask) -> bool:
        """Tell whether what is shared with the caller is better found by the offers to it.

        Other databases find that out by themselves.
        """
        if self._dialect != "sqlite" or shape.from_offers or not shape.shows_shared:
            return False
        return bool(ask(self._offers.of(shape), values)[0] <= self._few)

    def _start(self, shape: Shape, values: Values, ask: Ask) -> int | None:
        counting = self._counts.of(shape)
        if counting is None:
            return None
        start = self._fewest(ask(counting, values), self._few)
        meeting = self._meetings.of(shape)
        if start is not None or meeting is None or max(ask(meeting, values)) >= RARELY:
            return start
        further = self._further_counts.of(shape)
        assert further is not None
        return self._fewest(ask(further, values), MANY)

    def _fewest(self, matches: Sequence[int], few: int) -> int | None:
        bound = few_of(len(matches), few)
        fewest = min(matches, default=bound + 1)
        return matches.index(fewest) if fewest <= bound else None


def _cut_at_marker(shape: Shape) -> Shape:
    # A planner knows how many are equal to a value, but not how many come after one of a few
    # values together with a time.
    has_own_index = shape.sort[0].name not in TIE_BREAKERS
    if shape.continued and has_own_index and shape.start is None:
        return replace(shape, boundary=False)
    return shape


def _turns(shape: Shape) -> bool:
    """Tell whether what is equal in the first key comes in the other direction."""
    return len({key.descending for key in shape.sort[:2]}) == 2


class _Kept(Generic[_Statement]):
    """Statements by shape, made when first asked for."""

    def __init__(self, make: Callable[[Shape], _Statement]) -> None:
        self._make = make
        self._known: OrderedDict[Shape, _Statement] = OrderedDict()

    def of(self, shape: Shape) -> _Statement:
        try:
            return self._known[shape]
        except KeyError:
            statement = self._known[shape] = self._make(shape)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return statement

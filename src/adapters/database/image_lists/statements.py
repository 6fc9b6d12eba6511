"""The statements for lists, kept by the shape of the question."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Select

from tintype.adapters.database.image_lists.anchors import (
    FEW,
    FEWER,
    MANY,
    RARELY,
    count_offers,
    counts,
    few_of,
    meetings,
    other_counts,
)
from tintype.adapters.database.image_lists.labels import (
    LACKING,
    REACH,
    are_in_order,
    reaches,
)
from tintype.adapters.database.image_lists.page import boundary, first_time, page
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

    def __init__(self, dialect: str, few: int = FEW, reach: int = REACH) -> None:
        """Make pages from the matches of a filter where these are not more than `few`.

        Of a label, look at `reach` images for each of a page before that; 0 for none.
        """
        self._dialect = dialect
        self._few = few
        self._reach = reach
        self._pages = _Kept(partial(page, dialect=dialect))
        self._boundaries = _Kept(partial(boundary, dialect=dialect))
        self._counts = _Kept(partial(counts, dialect=dialect, few=few))
        self._other_counts = _Kept(partial(other_counts, few=FEWER))
        self._meetings = _Kept(partial(meetings, dialect=dialect))
        self._reaches = _Kept(partial(reaches, dialect=dialect))
        self._first_times = _Kept(partial(first_time, dialect=dialect))
        self._offers = _Kept(partial(count_offers, few=few))
        self._further_counts = _Kept(partial(counts, dialect=dialect, few=MANY))

    def pages(
        self, query: ImageQuery, caller: Caller, after: Image | None, ask: Ask
    ) -> Iterator[tuple[Select[Any], Values]]:
        """Yield the statement for one page and the values that it takes.

        Another one follows for the case that the first finds less than a page.
        """
        shape, values = take_apart(query, caller, after)
        goes_along = bool(self._reach and shape.labels) and are_in_order(shape)
        start = self._start_beside_labels(shape, values, ask) if goes_along else None
        if start is None and goes_along:
            label = self._label(shape, values, ask)
            if label is not None:
                yield self._pages.of(replace(shape, along=label.number)), values | label.values
                if label.end is None:
                    return
        if start is None:
            start = self._start(shape, values, ask)
        shape = replace(shape, start=start)
        if start is None and self._has_few_offers(shape, values, ask):
            shape = replace(shape, from_offers=True)
        if start is not None or not _turns(shape):
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

    def _start_beside_labels(self, shape: Shape, values: Values, ask: Ask) -> int | None:
        """Return an anchor that matches fewer images than may be looked at along a label."""
        counting = self._other_counts.of(shape)
        if counting is None:
            return None
        matches = ask(counting, values)
        fewest = min(matches)
        return shape.labels + matches.index(fewest) if fewest <= FEWER else None

    def _start(self, shape: Shape, values: Values, ask: Ask) -> int | None:
        """Return the anchor that matches fewest images, if these are few.

        Or if labels are among them that rarely meet, and it is better to fetch more.
        """
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

    def _label(self, shape: Shape, values: Values, ask: Ask) -> "_Label | None":
        """Return the label that fewest have, as far as can be told from those next in order.

        In most clouds the newest images are others', so those that no image comes before which
        the caller sees are left out, unless the others are few.
        """
        found = self._rarest_from(_LAST[not shape.sort[0].descending], shape, values, ask)
        if found is None or found.end is None or shape.admin:
            return found
        # Otherwise SQLite would ask of all shared images whether the caller is a member.
        offered = self._dialect == "sqlite" and shape.shows_shared
        scope = replace(shape, from_offers=shape.from_offers or offered)
        begin = ask(self._first_times.of(scope), values | {"page_size": 1})
        return self._rarest_from(begin[0], shape, values, ask) if begin else None

    def _rarest_from(
        self, begin: datetime, shape: Shape, values: Values, ask: Ask
    ) -> "_Label | None":
        reach = self._reach * values["page_size"]
        # More may come between this statement and the next.
        within = {"begin": begin, "reach": 2 * reach}
        found = ask(self._reaches.of(shape), values | within | {"reach_but_one": reach - 1})
        known = [
            _Label(number, end, within | {"end": end or _LAST[shape.sort[0].descending]})
            for number, (lacking, end) in enumerate(zip(found[::2], found[1::2], strict=True))
            if lacking <= LACKING
        ]
        for label in known:
            if label.end is None:
                return label
        farthest = min if shape.sort[0].descending else max
        return farthest(known, key=_by_end, default=None)

    def _fewest(self, matches: Sequence[int], few: int) -> int | None:
        bound = few_of(len(matches), few)
        fewest = min(matches, default=bound + 1)
        return matches.index(fewest) if fewest <= bound else None


_LAST = {True: datetime.min, False: datetime.max}
"""Times that no image comes after, by whether they go down."""


class _Label(NamedTuple):
    """A label by its number, the time at which the reach ends, and the values that set it.

    No time if all of its images are within reach.
    """

    number: int
    end: datetime | None
    values: Values


_by_end = attrgetter("end")


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

"""Anchors: filters that a page can be made from, where they match few images of all.

Walking a range past all that does not match takes the longer, the fewer match; fetching all that
match takes the longer, the more they are. So the matches are counted, up to a bound, and a page
begins from the fewest of them if they stay below it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from tintype.adapters.database.image_lists.conditions import (
    condition,
    has,
    property_begins,
    property_is,
    tag_is,
    there,
)
from tintype.adapters.database.image_lists.question import Filter, Shape
from tintype.adapters.database.image_lists.ranges import offers, whatever_visibility
from tintype.adapters.database.indexes import SORTED_BY
from tintype.adapters.database.tables import image_properties, image_tags, images
from tintype.domain.image_query import Comparison

FEW = 2000
"""Matches that are fetched rather than walked to (decision 0015)."""

MANY = 20_000
"""The same, where filters were found to meet rarely: a walk would be long."""

SAMPLE, RARELY = 1000, 50
"""Filters meet rarely where of a sample of each of them fewer have all the others."""

_FEW_OF_SEVERAL = 3
"""As many times more where several filters meet: what matches all of them is still rarer."""

_INDEXED_WITH_RANGES = frozenset(SORTED_BY)
"""Attributes that indexes have between what makes a range and the default order."""

INDEXED_ALONE = frozenset(
    {"checksum", "os_hash_value", "os_hash_algo"}
    | {"virtual_size", "min_disk", "min_ram", "protected"}
)


def anchors(shape: Shape, dialect: str) -> list[Select[Any]]:
    """Return for each filter that can be one the ids that it matches, twice where it does so."""
    return _anchors(shape, partial(property_is, dialect=dialect))


def few_of(anchors: int, few: int) -> int:
    """Return how many matches of one of so many anchors are few."""
    return few if anchors == 1 else few * _FEW_OF_SEVERAL


def counts(shape: Shape, dialect: str, few: int) -> Select[Any] | None:
    """Count what each anchor matches, and stop where it is not few; None without anchors."""
    found = _countable(shape, dialect)
    bound: Any = literal_column(str(few_of(len(found), few) + 1))
    counted = [
        select(func.count())
        .select_from(anchor.limit(bound).subquery(f"anchor_{number}"))
        .scalar_subquery()
        for number, anchor in enumerate(found)
    ]
    return select(*counted) if counted else None


def count_offers(shape: Shape, few: int) -> Select[Any]:
    """Count the images that were offered to the caller, and stop where these are not few."""
    bound: Any = literal_column(str(few + 1))
    return select(func.count()).select_from(offers(shape).limit(bound).subquery("offers"))


def _countable(shape: Shape, dialect: str) -> list[Select[Any]]:
    # Values that only begin alike are counted too, lest the planner take two conditions on
    # one value for independent, and the matches for a few.
    found = _anchors(shape, partial(property_begins, dialect=dialect))
    if dialect == "postgresql":
        # In the order of their indexes, lest all rows be looked up before the first is counted.
        for number in range(shape.tags + shape.properties):
            found[number] = found[number].order_by(found[number].selected_columns.image)
    return found


def meetings(shape: Shape, dialect: str) -> Select[Any] | None:
    """Count for each tag and property what of a sample of it has all the others.

    None where there are no others.
    """
    tags = [(image_tags, tag_is(number)) for number in range(shape.tags)]
    properties = [
        (image_properties, property_is(number, dialect)) for number in range(shape.properties)
    ]
    rows = [*tags, *properties]
    if len(rows) < 2:
        return None
    counted = []
    for number, sampled in enumerate(_countable(shape, dialect)[: len(rows)]):
        sample = sampled.limit(literal_column(str(SAMPLE))).subquery(f"sample_{number}")
        others = [has(*row, sample.c.image) for row in rows[:number] + rows[number + 1 :]]
        meeting = select(func.count()).select_from(sample).where(*others)
        counted.append(meeting.scalar_subquery())
    return select(*counted)


def _anchors(
    shape: Shape, property_matches: Callable[[int], ColumnElement[bool]]
) -> list[Select[Any]]:
    tag, owner = image_tags.c.image_id.label("image"), image_properties.c.image_id.label("image")
    return [
        *(select(tag).where(tag_is(number)) for number in range(shape.tags)),
        *(select(owner).where(property_matches(number)) for number in range(shape.properties)),
        *(
            _matching(shape, filter_, number)
            for number, filter_ in enumerate(shape.filters)
            if _is_anchor(filter_, shape)
        ),
    ]


def _is_anchor(filter_: Filter, shape: Shape) -> bool:
    match filter_.comparison:
        case None | Comparison.NEQ:
            return False
        case Comparison.EQ if shape.sort[0].name == "created_at":
            # Of those in the indexes of the ranges exactly the matches are walked.
            return filter_.attribute in INDEXED_ALONE
    return filter_.attribute in INDEXED_ALONE | _INDEXED_WITH_RANGES


def _matching(shape: Shape, filter_: Filter, number: int) -> Select[Any]:
    found = select(images.c.id.label("image")).where(condition(filter_, number))
    if filter_.attribute in _INDEXED_WITH_RANGES:
        found = found.where(whatever_visibility(), *there(shape))
    return found

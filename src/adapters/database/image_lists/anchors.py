"""Anchors: filters that a page can be made from, where they match few images of all.

Walking a range past all that does not match takes the longer, the fewer match; fetching all that
match takes the longer, the more they are. So the matches are counted, up to a bound, and a page
begins from the fewest of them if they stay below it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, literal_column, select

from tintype.adapters.database.image_lists.conditions import condition, there
from tintype.adapters.database.image_lists.labels import labels
from tintype.adapters.database.image_lists.question import Filter, Shape
from tintype.adapters.database.image_lists.ranges import offers, whatever_visibility
from tintype.adapters.database.indexes import SORTED_BY
from tintype.adapters.database.label_times import TIME, properties
from tintype.adapters.database.tables import images
from tintype.domain.image_query import Comparison

FEW = 2000
"""Matches that are fetched rather than walked to (decision 0015)."""

FEWER = 500
"""The same, where a page can be read along a label as well."""

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
    """Return for each filter that can be one the ids that it matches, twice where it does so.

    Labels come first; where there are several, the images that have all of them.
    """
    known = labels(shape, dialect)
    found = []
    for number, label in enumerate(known):
        others = (*known[:number], *known[number + 1 :])
        meeting = [label.table.c.image_id.in_(it.images()) for it in others]
        found.append(label.images().where(*meeting))
    return [*found, *_matching(shape)]


def few_of(anchors: int, few: int) -> int:
    """Return how many matches of one of so many anchors are few."""
    return few if anchors == 1 else few * _FEW_OF_SEVERAL


def counts(shape: Shape, dialect: str, few: int) -> Select[Any] | None:
    """Count what each anchor matches, and stop where it is not few; None without anchors."""
    found = _countable(shape, dialect)
    return _counted(found, few_of(len(found), few)) if found else None


def other_counts(shape: Shape, few: int) -> Select[Any] | None:
    """Count what those anchors match that are no labels, and stop where it is not few."""
    found = _matching(shape)
    return _counted(found, few) if found else None


def _counted(found: Sequence[Select[Any]], few: int) -> Select[Any]:
    bound: Any = literal_column(str(few + 1))
    parts = [anchor.limit(bound).subquery(f"anchor_{n}") for n, anchor in enumerate(found)]
    return select(*(select(func.count()).select_from(part).scalar_subquery() for part in parts))


def count_offers(shape: Shape, few: int) -> Select[Any]:
    """Count the images that were offered to the caller, and stop where these are not few."""
    bound: Any = literal_column(str(few + 1))
    return select(func.count()).select_from(offers(shape).limit(bound).subquery("offers"))


def _countable(shape: Shape, dialect: str) -> list[Select[Any]]:
    found = []
    for label in labels(shape, dialect):
        if label.table is properties:
            # Values that only begin alike are counted too, lest the planner take two conditions
            # on one value for independent, and the matches for a few.
            label = label._replace(condition=label.begins)
        counted = label.images()
        if dialect != "sqlite":
            # As their index has them, lest all rows be looked up before the first is counted. From
            # the newest on: a sample of these tells best what a list begins with.
            columns = label.table.c
            counted = counted.order_by(columns[TIME].desc(), columns.image_id.desc())
        found.append(counted)
    return [*found, *_matching(shape)]


def meetings(shape: Shape, dialect: str) -> Select[Any] | None:
    """Count for each tag and property what of a sample of it has all the others.

    None where there are no others.
    """
    known = labels(shape, dialect)
    if len(known) < 2:
        return None
    counted = []
    for number, sampled in enumerate(_countable(shape, dialect)[: len(known)]):
        sample = sampled.limit(literal_column(str(SAMPLE))).subquery(f"sample_{number}")
        others = (*known[:number], *known[number + 1 :])
        meets = [label.is_of(sample.c.image) for label in others]
        meeting = select(func.count()).select_from(sample).where(*meets)
        counted.append(meeting.scalar_subquery())
    return select(*counted)


def _matching(shape: Shape) -> list[Select[Any]]:
    """Return what each of the filters by attributes matches that can be an anchor."""
    return [
        _matches(shape, filter_, number)
        for number, filter_ in enumerate(shape.filters)
        if _is_anchor(filter_, shape)
    ]


def _is_anchor(filter_: Filter, shape: Shape) -> bool:
    match filter_.comparison:
        case None | Comparison.NEQ:
            return False
        case Comparison.EQ if shape.sort[0].name == "created_at" and not shape.labels:
            # Of those in the indexes of the ranges exactly the matches are walked.
            return filter_.attribute in INDEXED_ALONE
    return filter_.attribute in INDEXED_ALONE | _INDEXED_WITH_RANGES


def _matches(shape: Shape, filter_: Filter, number: int) -> Select[Any]:
    found = select(images.c.id.label("image")).where(condition(filter_, number))
    if filter_.attribute in _INDEXED_WITH_RANGES:
        found = found.where(whatever_visibility(), *there(shape))
    return found

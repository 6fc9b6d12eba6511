"""The statement for one page."""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    true,
    union,
)

from tintype.adapters.database.image_lists.anchors import anchors
from tintype.adapters.database.image_lists.conditions import (
    NULLABLE,
    Keys,
    all_conditions,
    comes_after,
    comes_after_stepwise,
    nothing,
    sort_column,
)
from tintype.adapters.database.image_lists.labels import (
    Label,
    before_end,
    labels,
    unplaced,
    within_reach,
)
from tintype.adapters.database.image_lists.question import Shape
from tintype.adapters.database.image_lists.ranges import (
    Range,
    offers,
    ranges,
    shared_with_project,
    walked_ranges,
)
from tintype.adapters.database.image_lists.walk import (
    along,
    directed,
    first_of,
    ids_with_keys,
    in_order,
)
from tintype.adapters.database.image_rows import whole_images
from tintype.adapters.database.tables import images
from tintype.domain.image_query import SortKey

_PAGE_SIZE: Any = bindparam("page_size", type_=BigInteger)
_LAST: Any = bindparam("all_but_one", type_=BigInteger)
_ONE: Any = literal_column("1")
_ALL: Any = literal_column(str((1 << 63) - 1))


def page(shape: Shape, dialect: str) -> Select[Any]:
    """Return the statement that reads a page of such a question."""
    builder = _Builder(shape, dialect)
    if shape.along is not None:
        ids = builder.labelled(labels(shape, dialect)[shape.along])
    else:
        ids = builder.walked() if shape.start is None else builder.gathered(shape.start)
    return (
        whole_images(dialect)
        .join_from(ids, images, images.c.id == ids.c.image)
        .order_by(*in_order(builder.keys))
    )


def first_time(shape: Shape, dialect: str) -> Select[Any]:
    """Return the statement for the time of the first image that the caller sees, filters apart.

    The shape is one in the default order. There is no row if it sees none beyond the marker.
    """
    ids = _Builder(replace(shape, filters=(), tags=0, properties=0), dialect).walked()
    return select(ids.c.key_0)


def boundary(shape: Shape, dialect: str) -> Select[Any]:
    """Return the statement for the first key of the last image of a page, beyond the marker.

    It has no row if there are not as many images beyond it.
    """
    key = shape.sort[0]
    column = images.c[key.name]
    parts = [
        select(images.c.id.label("image"), column.label("key"))
        .where(scope.condition, *all_conditions(shape, dialect), _beyond_marker(shape))
        .order_by(directed(column, key))
        .limit(_PAGE_SIZE)
        .with_hint(images, along(scope, shape), "mysql")
        .subquery(f"range_{number}")
        for number, scope in enumerate(walked_ranges(shape))
    ]
    found = union(*map(select, parts)).subquery("ranges")
    return select(found.c.key).order_by(directed(found.c.key, key)).offset(_LAST).limit(_ONE)


def _beyond_marker(shape: Shape) -> ColumnElement[bool]:
    key = shape.sort[0]
    column = images.c[key.name]
    if not shape.continued:
        return column.is_not(None)
    marker = bindparam(f"after_{key.name}", type_=column.type)
    return column < marker if key.descending else column > marker


class _Builder:
    """Puts the ids of one page together."""

    def __init__(self, shape: Shape, dialect: str) -> None:
        self.keys: Keys = [(sort_column(key.name), key) for key in shape.sort]
        self._shape = shape
        self._dialect = dialect
        self._conditions = and_(*all_conditions(shape, dialect))

    # -------------------------------------------------------------- along the ranges

    def walked(self) -> FromClause:
        """Take the next of each range, and of these the first."""
        parts = [part for scope in walked_ranges(self._shape) for part in self._parts(scope)]
        if self._shape.from_offers:
            offered = offers(self._shape).subquery("offers")
            parts.append(self._first_of(offered, shared_with_project(self._shape)))
        return first_of(parts, self.keys, _PAGE_SIZE)

    def _parts(self, scope: Range) -> list[Select[Any]]:
        if self._shape.boundary is not None:
            return self._cut_parts(scope)
        (_, first), *rest = self.keys
        if first.name not in NULLABLE:
            return [self._part(scope, self.keys, self._after(self.keys))]
        # Indexes have NULL for what is sorted as '' or 0, so it is a range of its own.
        column = images.c[first.name]
        order = [(column, first), *rest]
        return [
            self._part(scope.where(column.is_not(None)), order, self._after(order)),
            self._absent(scope, first, rest),
        ]

    def _cut_parts(self, scope: Range) -> list[Select[Any]]:
        """Cut a range where it can be read along an index though directions differ.

        These are the images like the marker in the first key, those between it and the
        boundary, of which there are less than a page, and those at the boundary.
        """
        (_, first), *rest = self.keys
        column = images.c[first.name]
        order = [(column, first), *rest]
        between = _beyond_marker(self._shape)
        found = []
        if self._shape.continued:
            like_marker = column == bindparam(f"after_{first.name}", type_=column.type)
            found.append(self._part(scope.where(like_marker), rest, self._after(rest)))
        if self._shape.boundary:
            boundary = bindparam("boundary", type_=column.type)
            found.append(self._part(scope.where(column == boundary), rest, true()))
            before = column > boundary if first.descending else column < boundary
            between = and_(between, before)
        found.append(self._part(scope, order, between))
        if first.name == "updated_at":
            # What was never changed is sorted by another time, in the direction of this one.
            lacking = scope.where(column.is_(None))
            found.append(self._part(lacking, self.keys, self._absent_after()))
        elif first.name in NULLABLE:
            # As one value, of which the index has the rows in the order of the rest.
            found.append(self._absent(scope, rest[0][1], rest))
        return found

    def _absent(self, scope: Range, direction: SortKey, rest: Keys) -> Select[Any]:
        """Take the images that lack the first key, along the index that has them together."""
        column = images.c[self._shape.sort[0].name]
        # They are alike in the key. PostgreSQL does not see that without being told to sort by it,
        # and MySQL sorts by it if it is told.
        order = [] if self._dialect == "mysql" else [(column, direction)]
        lacking = scope.where(column.is_(None))
        return self._part(lacking, [*order, *rest], self._absent_after())

    def _absent_after(self) -> ColumnElement[bool]:
        if not self._shape.continued:
            return true()
        (_, first), *rest = self.keys
        return comes_after_stepwise([(nothing(first.name), first), *rest])

    def _after(self, keys: Keys) -> ColumnElement[bool]:
        return comes_after(keys, self._dialect) if self._shape.continued else true()

    def _part(self, scope: Range, order: Keys, after: ColumnElement[bool]) -> Select[Any]:
        return (
            ids_with_keys(self.keys)
            .where(scope.condition, self._conditions, after)
            .order_by(*in_order(order))
            .limit(_PAGE_SIZE)
            .with_hint(images, along(scope, self._shape), "mysql")
        )

    # -------------------------------------------------------------- along a label

    def labelled(self, label: Label) -> FromClause:
        """Take the next that have a label, in the order of its index, and that the caller sees."""
        scope, rows = or_(*ranges(self._shape)), within_reach(label, self._shape, self._dialect)
        order = zip((rows.c.time, rows.c.image), self._shape.sort, strict=False)
        found = self._looked_up(rows, scope).order_by(*in_order([*order])).limit(_PAGE_SIZE)
        others = unplaced(label).distinct().subquery("unplaced")
        # Beyond the reach there may be images that come before these.
        there = and_(scope, before_end(images.c.created_at, self._shape))
        return first_of([found, self._first_of(others, there)], self.keys, _PAGE_SIZE)

    # -------------------------------------------------------------- from an anchor

    def gathered(self, start: int) -> FromClause:
        """Take all that an anchor matches, and of these the first that the caller sees."""
        matches = anchors(self._shape, self._dialect)[start].distinct().subquery("matches")
        return self._first_of(matches, or_(*ranges(self._shape))).subquery("page")

    def _first_of(self, matches: FromClause, scope: ColumnElement[bool]) -> Select[Any]:
        """Look up images by their ids, and take the first of those that are asked for."""
        found = self._looked_up(matches, and_(scope, self._after(self.keys)))
        keys = [(found.selected_columns[f"key_{n}"], key) for n, (_, key) in enumerate(self.keys)]
        return found.order_by(*in_order(keys)).limit(_PAGE_SIZE)

    def _looked_up(self, matches: FromClause, scope: ColumnElement[bool]) -> Select[Any]:
        image = ids_with_keys(self.keys).where(
            images.c.id == matches.c.image, scope, self._conditions
        )
        return self._one_by_one(image, matches)

    def _one_by_one(self, image: Select[Any], matches: FromClause) -> Select[Any]:
        """Have each image looked up by its id, whatever the database thinks of that."""
        if self._dialect == "postgresql":
            # The limit keeps it from being made a join, which might read the whole table.
            found = image.correlate(matches).limit(_ALL).lateral("found")
            return select(found).select_from(matches.join(found, true()))
        return image.prefix_with("STRAIGHT_JOIN", dialect="mysql").select_from(matches)

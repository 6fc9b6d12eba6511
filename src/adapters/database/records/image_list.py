"""Lists of the rows of images: deleted ones too, by any column (database §2.1)."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    exists,
    false,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from tintype.adapters.database import exactly
from tintype.adapters.database.image_lists.anchors import INDEXED_ALONE
from tintype.adapters.database.image_lists.conditions import (
    Keys,
    comes_after,
    comes_after_stepwise,
)
from tintype.adapters.database.image_lists.question import Filter, Shape
from tintype.adapters.database.image_lists.ranges import (
    offers,
    ranges,
    shared_with_project,
    walked_ranges,
)
from tintype.adapters.database.image_lists.walk import along, first_of, ids_with_keys, in_order
from tintype.adapters.database.indexes import SORTED_BY
from tintype.adapters.database.records.order import counted_as, page, place_of, sort_keys
from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_properties, image_tags, images
from tintype.adapters.database.values import storable
from tintype.domain.image_query import Comparison
from tintype.domain.record.image_query import ColumnIs, ImageRecordQuery
from tintype.domain.record.viewer import Viewer
from tintype.domain.visibility import Visibility

_COMPARE: dict[Comparison, Callable[[Any, Any], ColumnElement[bool]]] = {
    Comparison.EQ: lambda column, value: column == value,
    # What is not set is unequal to everything.
    Comparison.NEQ: lambda column, value: or_(column != value, column.is_(None)),
    Comparison.GT: lambda column, value: column > value,
    Comparison.GTE: lambda column, value: column >= value,
    Comparison.LT: lambda column, value: column < value,
    Comparison.LTE: lambda column, value: column <= value,
    Comparison.IN: lambda column, value: column.in_(value),
}


_WITH_INDEXES = frozenset({"created_at", *SORTED_BY})


class SqlImageRows(SqlRows):
    """The table `images`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, images)

    def list(
        self, query: ImageRecordQuery, viewer: Viewer, marker: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        """Return a page, which begins after the marker, in one statement."""
        texts = [*query.tags, *(text for pair in query.properties for text in pair)]
        if query.limit == 0 or not all(map(storable, texts)):
            return []
        scope = _scope(query, viewer)
        if _is_walked(query):
            statement, place = _walk(query, scope, marker, self._session.dialect)
        else:
            matching = select(images).where(or_(*ranges(scope)), *_public(query), *_matches(query))
            statement, place = page(matching, images, query.sort, marker, self._session.dialect)
            statement = statement.limit(query.limit)
        asker = {"project": viewer.caller.project_id or "", "member_status": query.member_status}
        return [dict(row._mapping) for row in self._session.find(statement, asker | place)]


def _scope(query: ImageRecordQuery, viewer: Viewer) -> Shape:
    caller = viewer.caller
    return Shape(
        sort=query.sort,
        continued=False,
        admin=caller.is_admin,
        has_project=caller.project_id is not None and storable(caller.project_id),
        visibility=query.visibility,
        any_visibility=query.any_visibility,
        any_member_status=query.member_status is None,
        os_hidden=False,
        filters=tuple(Filter(it.column, it.comparison) for it in query.conditions),
        tags=0,
        properties=0,
    )


def _public(query: ImageRecordQuery) -> list[ColumnElement[bool]]:
    if query.public is None:
        return []
    public = Visibility.PUBLIC.value
    visibility = images.c.visibility
    return [visibility == public if query.public else visibility != public]


# ------------------------------------------------------------------ along the ranges


def _is_walked(query: ImageRecordQuery) -> bool:
    """Tell whether the page is read along the indexes of the ranges.

    Where few match, that would be a long way past all that do not.
    """
    if query.limit is None or query.public is not None:
        return False
    if query.sort[0].name not in _WITH_INDEXES or len({it.descending for it in query.sort}) > 1:
        return False
    if query.tags or query.properties:
        return False
    return not any(
        it.column in INDEXED_ALONE and it.comparison is Comparison.EQ for it in query.conditions
    )


def _walk(
    query: ImageRecordQuery, scope: Shape, marker: dict[str, Any] | None, dialect: str
) -> tuple[Select[Any], dict[str, Any]]:
    """Return a statement for the ids of a page, and for their rows, and the values it takes."""
    keys = sort_keys(images, query.sort, dialect)
    conditions = _matches(query)
    # SQLite would ask of all shared images whether the caller is a member.
    scope = replace(scope, from_offers=dialect == "sqlite" and scope.shows_shared)
    parts = [
        ids_with_keys(keys)
        .where(each.condition, *state, *conditions, present)
        .where(true() if marker is None else after)
        .order_by(*in_order(order))
        .limit(query.limit)
        .with_hint(images, along(each, scope), "mysql")
        for each in walked_ranges(scope)
        for state in _states(query)
        for present, order, after in _parts(keys, dialect)
    ]
    if scope.from_offers:
        offered = offers(scope).subquery("offers")
        parts.append(
            ids_with_keys(keys)
            .join_from(offered, images, images.c.id == offered.c.image)
            .where(shared_with_project(scope), *conditions)
            .where(true() if marker is None else comes_after(keys, dialect))
            .order_by(*in_order(keys))
            .limit(query.limit)
        )
    ids = first_of(parts, keys, query.limit)
    rows = select(images).join_from(ids, images, images.c.id == ids.c.image)
    place = {} if marker is None else place_of(marker, images, query.sort)
    return rows.order_by(*in_order(keys)), place


def _states(query: ImageRecordQuery) -> list[tuple[ColumnElement[bool], ...]]:
    """Return the ways to be deleted and hidden that are asked for: indexes have each apart."""
    asked = {
        it.column: [it.value]
        for it in query.conditions
        if it.comparison is Comparison.EQ and it.value is not None
    }
    ways = [
        [column == (true() if value else false()) for value in asked.get(name, [False, True])]
        for name, column in (("deleted", images.c.deleted), ("os_hidden", images.c.os_hidden))
    ]
    return list(product(*ways))


def _parts(keys: Keys, dialect: str) -> list[tuple[ColumnElement[bool], Keys, ColumnElement[bool]]]:
    """Return how each part of a range is read: what makes it, its order, what is after a marker.

    Indexes have NULL for what is sorted as something else, so it is a part of its own.
    """
    (_, first), *rest = keys
    column = images.c[first.name]
    if not column.nullable:
        return [(true(), keys, comes_after(keys, dialect))]
    order = [(column, first), *rest]
    counted = literal(counted_as(column, None), column.type)
    return [
        (column.is_not(None), order, comes_after(order, dialect)),
        (column.is_(None), order, comes_after_stepwise([(counted, first), *rest])),
    ]


# ------------------------------------------------------------------ filters


def _matches(query: ImageRecordQuery) -> list[ColumnElement[bool]]:
    return [
        *map(_column_is, query.conditions),
        *map(_has_tag, query.tags),
        *(_has_property(name, value) for name, value in query.properties),
    ]


def _column_is(condition: ColumnIs) -> ColumnElement[bool]:
    name, comparison, value = condition
    column: ColumnElement[Any] = images.c[name]
    if value is None:
        return column.is_(None)
    if isinstance(value, tuple):
        texts = [text for text in value if storable(text)]
        return exactly.is_one_of(type_coerce(column, String), texts)
    if isinstance(value, str):
        if not storable(value):
            return true() if comparison is Comparison.NEQ else false()
        column = cast(column, String(255)) if name == "visibility" else column
        if comparison is Comparison.EQ:
            return exactly.equals(column, value)
    return _COMPARE[comparison](column, value)


def _has_tag(tag: str) -> ColumnElement[bool]:
    c = image_tags.c
    this = exactly.equals(c.value, tag)
    return exists().where(c.image_id == images.c.id, this, c.deleted == false())


def _has_property(name: str, value: str) -> ColumnElement[bool]:
    c = image_properties.c
    this = exactly.equals(c.name, name), exactly.equals(c.value, value)
    return exists().where(c.image_id == images.c.id, *this, c.deleted == false())

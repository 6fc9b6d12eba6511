"""Lists of the rows of images: deleted ones too, by any column (database §2.1)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    cast,
    exists,
    false,
    or_,
    select,
    true,
    type_coerce,
)

from tintype.adapters.database import exactly
from tintype.adapters.database.image_lists.question import Shape
from tintype.adapters.database.image_lists.ranges import ranges
from tintype.adapters.database.records.order import page
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
        matching = select(images).where(*_scope(query, viewer), *_matches(query))
        statement, place = page(matching, images, query.sort, marker, self._session.dialect)
        asker = {"project": viewer.caller.project_id or "", "member_status": query.member_status}
        rows = self._session.find(statement.limit(query.limit), asker | place)
        return [dict(row._mapping) for row in rows]


def _scope(query: ImageRecordQuery, viewer: Viewer) -> list[ColumnElement[bool]]:
    caller = viewer.caller
    shape = Shape(
        sort=(),
        continued=False,
        admin=caller.is_admin,
        has_project=caller.project_id is not None and storable(caller.project_id),
        visibility=query.visibility,
        any_visibility=query.any_visibility,
        any_member_status=query.member_status is None,
        os_hidden=False,
        filters=(),
        tags=0,
        properties=0,
    )
    found = [or_(*ranges(shape))]
    if query.public is not None:
        is_public = images.c.visibility == Visibility.PUBLIC.value
        found.append(is_public if query.public else images.c.visibility != Visibility.PUBLIC.value)
    return found


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

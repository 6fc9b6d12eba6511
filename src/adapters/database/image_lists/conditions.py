"""What a row must be like: the filters of a question, and its place after the marker."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    String,
    Table,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)

from tintype.adapters.database.exactly import equals, is_one_of
from tintype.adapters.database.image_lists.question import Filter, Shape
from tintype.adapters.database.image_rows import live
from tintype.adapters.database.label_times import properties, tags
from tintype.adapters.database.tables import images, prefix, sortable
from tintype.domain.image_query import Comparison, SortKey

_KILLED = "killed"
_NULLABLE_TEXTS = frozenset({"name", "disk_format", "container_format"})
NULLABLE = _NULLABLE_TEXTS | {"size", "updated_at"}
"""Keys that an image may lack; it then counts as '' or 0 (images-api §7)."""

_DIRECTLY = {
    Comparison.EQ: "__eq__",
    Comparison.NEQ: "__ne__",
    Comparison.GT: "__gt__",
    Comparison.GTE: "__ge__",
    Comparison.LT: "__lt__",
    Comparison.LTE: "__le__",
}

Keys = Sequence[tuple[ColumnElement[Any], SortKey]]
"""What is sorted by, and the key that it stands for."""


def sort_column(name: str) -> ColumnElement[Any]:
    """Return what is sorted by, in which NULL equals '' or 0."""
    column: ColumnElement[Any] = images.c[name]
    if name in _NULLABLE_TEXTS:
        return sortable(column)
    if name in NULLABLE:
        return func.coalesce(column, nothing(name), type_=column.type)
    return column


def nothing(name: str) -> ColumnElement[Any]:
    """Return what an image counts as that lacks a key."""
    if name == "size":
        return literal_column("0", type_=BigInteger)
    return images.c.created_at if name == "updated_at" else literal_column("''", type_=String)


# ------------------------------------------------------------------ filters


def there(shape: Shape) -> list[ColumnElement[bool]]:
    """Say that an image is not gone, and hidden or not as was asked."""
    return [
        images.c.deleted == false(),
        images.c.os_hidden == (true() if shape.os_hidden else false()),
    ]


def all_conditions(shape: Shape, dialect: str) -> list[ColumnElement[bool]]:
    """Return what must hold for an image, whoever asks and wherever the page begins."""
    return [
        *there(shape),
        images.c.status != literal_column(f"'{_KILLED}'"),
        *(condition(filter_, number) for number, filter_ in enumerate(shape.filters)),
        *(has(tags, tag_is(number)) for number in range(shape.tags)),
        *(has(properties, property_is(number, dialect)) for number in range(shape.properties)),
    ]


def has(
    table: Table, this: ColumnElement[bool], image: ColumnElement[Any] = images.c.id
) -> ColumnElement[bool]:
    """Say that the image of that id has such a row, so that it is asked of each image."""
    # Not EXISTS, which databases may turn round: they would read all that match first.
    found: Select[Any] = (
        select(literal_column("1")).where(table.c.image_id == image, this).limit(_ONE)
    )
    return found.correlate(image.table).scalar_subquery().is_not(None)


_ONE: Any = literal_column("1")


def tag_is(number: int, table: FromClause = tags) -> ColumnElement[bool]:
    """Say that a row of a tag is the one asked for."""
    c = table.c
    value = bindparam(f"tag_{number}", type_=String)
    return and_(equals(c.value, value), c.deleted == false())


def property_is(number: int, dialect: str) -> ColumnElement[bool]:
    """Say that a row of a property has the name and value asked for."""
    value = bindparam(f"value_{number}", type_=String)
    return and_(property_begins(number, dialect), properties.c.value == value)


def property_begins(number: int, dialect: str) -> ColumnElement[bool]:
    """Say the same as far as the index of properties goes, except on MySQL."""
    c = properties.c
    name = bindparam(f"property_{number}", type_=String)
    value = bindparam(f"value_{number}", type_=String)
    begins = equals(c.value, value) if dialect == "mysql" else prefix(c.value) == prefix(value)
    return and_(equals(c.name, name), begins, live(properties, dialect))


def condition(filter_: Filter, number: int) -> ColumnElement[bool]:
    """Return one of the filters by base attributes."""
    column: ColumnElement[Any] = images.c[filter_.attribute]
    parameter = f"condition_{number}"
    if filter_.comparison is None:
        return column.is_not(None) if filter_.holds else false()
    if filter_.comparison is Comparison.IN:
        return is_one_of(column, bindparam(parameter, type_=String, expanding=True))
    value = bindparam(parameter, type_=_parameter_type(column))
    if filter_.comparison is Comparison.EQ and isinstance(value.type, String):
        return equals(column, value)
    compared: ColumnElement[bool] = getattr(column, _DIRECTLY[filter_.comparison])(value)
    return compared


def _parameter_type(column: ColumnElement[Any]) -> Any:
    if isinstance(column.type, Boolean | DateTime):
        return column.type
    # A number may be larger than the column takes.
    return BigInteger() if column.type.python_type is int else String()


# ------------------------------------------------------------------ the marker


def comes_after(keys: Keys, dialect: str) -> ColumnElement[bool]:
    """Say that a row comes later in the order than the marker."""
    if len({key.descending for _, key in keys}) == 1 and dialect != "mysql":
        row = tuple_(*(column for column, _ in keys))
        place = tuple_(*(_marker(column, key) for column, key in keys))
        return row < place if keys[0][1].descending else row > place
    # Implied by the rest, and what the database finds its place in the index by.
    column, key = keys[0]
    marker = _marker(column, key)
    return and_(
        column <= marker if key.descending else column >= marker, comes_after_stepwise(keys)
    )


def comes_after_stepwise(keys: Keys) -> ColumnElement[bool]:
    """Say the same key by key."""
    later: ColumnElement[bool] = false()
    for column, key in reversed(keys):
        marker = _marker(column, key)
        beyond = column < marker if key.descending else column > marker
        later = or_(beyond, and_(column == marker, later))
    return later


def _marker(column: ColumnElement[Any], key: SortKey) -> ColumnElement[Any]:
    return bindparam(f"after_{key.name}", type_=column.type)

"""Pages of rows in any order, in which what is not set has its place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Enum,
    Integer,
    Select,
    String,
    Table,
    cast,
    func,
    literal,
)
from sqlalchemy.dialects import mysql

from tintype.adapters.database.image_lists.conditions import Keys, comes_after_stepwise
from tintype.adapters.database.image_lists.walk import in_order
from tintype.domain.image_query import SortKey

_EPOCH = datetime(1970, 1, 1)


def page(
    statement: Select[Any],
    table: Table,
    sort: Sequence[SortKey],
    marker: Mapping[str, Any] | None,
    dialect: str,
) -> tuple[Select[Any], dict[str, Any]]:
    """Sort a statement, and have it begin after the marker; return the values that it takes."""
    keys = sort_keys(table, sort, dialect)
    statement = statement.order_by(*in_order(keys))
    if marker is None:
        return statement, {}
    return statement.where(comes_after_stepwise(keys)), place_of(marker, table, sort)


def sort_keys(table: Table, sort: Sequence[SortKey], dialect: str) -> Keys:
    """Return what rows are sorted by."""
    return [(_sorted_by(table.c[key.name], dialect), key) for key in sort]


def place_of(marker: Mapping[str, Any], table: Table, sort: Sequence[SortKey]) -> dict[str, Any]:
    """Return the values that a condition on the marker takes."""
    return {f"after_{key.name}": counted_as(table.c[key.name], marker[key.name]) for key in sort}


def _sorted_by(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    kind = column.type
    if isinstance(kind, Enum):
        # Databases sort an enumeration each in its own way.
        return cast(column, String(255))
    if not column.nullable:
        return column
    set_or_least = func.coalesce(column, literal(counted_as(column, None), kind), type_=kind)
    if dialect == "mysql" and isinstance(kind, DateTime):
        # It takes such a mixture for text.
        return cast(set_or_least, mysql.DATETIME(fsp=6))
    return set_or_least


def counted_as(column: Column[Any], value: Any) -> Any:
    """Return what a value counts as: '' or 0 if it is not set."""
    if value is not None:
        return value
    match column.type:
        case DateTime():
            return _EPOCH
        case Boolean():
            return False
        case Integer():
            return 0
    return ""

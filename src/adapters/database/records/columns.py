"""What a column can hold, told before the database is asked: they do not all refuse it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    String,
    Table,
)

from tintype.adapters.database import exactly
from tintype.adapters.database.values import naive, require_storable, storable
from tintype.domain.errors import Invalid

_BITS: dict[type[Integer], int] = {BigInteger: 63, Integer: 31}


def fitting(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values for columns of a table, each in the form of its column.

    Raises:
        Invalid: a column cannot hold its value.
    """
    return {name: _fitted(table.c[name], values[name]) for name in values if name in table.c}


def can_match(equal: Mapping[str, Any]) -> bool:
    """Tell whether a column can hold what it is compared with."""
    return not any(
        (isinstance(value, str) and not storable(value))
        or (isinstance(value, int) and abs(value) >= 1 << 63)
        for value in equal.values()
    )


def equals(column: Column[Any], value: Any) -> ColumnElement[bool]:
    """Say that a column equals a value: None is NULL, and of a list any will do."""
    if isinstance(value, list):
        return column.in_(value)
    if value is not None and isinstance(column.type, String | Boolean):
        if isinstance(column.type, String):
            return exactly.equals(column, str(value))
        value = bool(value)
    # None becomes IS NULL.
    same: ColumnElement[bool] = column == value
    return same


def require_whole(table: Table, row: Mapping[str, Any]) -> None:
    """Refuse a new row that lacks what every row must have.

    Raises:
        Invalid: it does.
    """
    for column in table.c:
        if not (column.nullable or column.primary_key or column.server_default is not None):
            _fitted(column, row.get(column.name))


def _fitted(column: Column[Any], value: Any) -> Any:
    if value is None:
        if column.nullable:
            return None
        raise Invalid(f"{column.name} must have a value.")
    match column.type:
        case Boolean():
            return bool(value)
        case Integer() as kind:
            return _integer(column.name, value, _BITS.get(type(kind), 63))
        case DateTime():
            return _time(column.name, value)
        case String() as kind:
            return _text(column.name, value, kind.length)
    return value


def _integer(name: str, value: Any, bits: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise Invalid(f"{name} must be an integer, not {value!r}.") from None
    if not -(1 << bits) <= number < 1 << bits:
        raise Invalid(f"{name} is out of range: {number}.")
    return number


def _time(name: str, value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise Invalid(f"{name} must be a datetime, not {value!r}.")
    return value if value.tzinfo is None else naive(value)


def _text(name: str, value: Any, length: int | None) -> str:
    text = str(value)
    require_storable(text)
    if length is not None and len(text) > length:
        raise Invalid(f"{name} has at most {length} characters, this one has {len(text)}.")
    return text

"""The filters of `image_get_all`, read (database §2.1)."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tintype.domain.errors import Invalid
from tintype.domain.image_query import Comparison
from tintype.domain.record.image_query import ColumnIs
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility
from tintype.entrypoints.http.schemas.query import TEXT_WITH_OPERATORS, TIMES, parse_time
from tintype.entrypoints.python import exceptions

INTEGERS = ("size", "virtual_size", "min_disk", "min_ram")
_BOOLEANS = ("protected", "os_hidden")
_TEXTS = ("checksum", "os_hash_algo", "os_hash_value", "owner", "visibility")
_MAY_BE_NONE = ("checksum", "os_hash_value", "os_hidden")
_MORE_TIMES = ("deleted_at",)
_RANGES = {"_min": Comparison.GTE, "_max": Comparison.LTE}
_OPERATOR = re.compile(r"^([a-z]+):(.*)$", re.DOTALL)
_ITEM = re.compile(r'"((?>\\"|[^"])*+)"(?=,|\Z)|([^",]*)(?=,|\Z)', re.DOTALL)
_BIGGEST = (1 << 63) - 1


def read_filters(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what filters say, as arguments of `ImageRecordQuery`.

    Raises:
        InvalidFilterOperatorValue: a filter has an unknown operator.
        InvalidFilterRangeValue: a bound is no integer, or not one of a column of integers.
        InvalidParameterValue: a value cannot be read.
    """
    rest = dict(filters)
    for name in rest:
        if not isinstance(name, str):
            raise exceptions.InvalidParameterValue(
                value=name, param="filters", extra_msg="the name of a filter must be a text."
            )
    found: dict[str, Any] = {}
    conditions = _deleted(rest.pop("deleted", None))
    since = rest.pop("changes-since", None)
    if since is not None:
        conditions.append(ColumnIs("updated_at", Comparison.GT, _time("changes-since", since)))
    visibility = rest.pop("visibility", None)
    if visibility == "all":
        found["any_visibility"] = True
    elif visibility is not None:
        found["visibility"] = _visibility(visibility)
    tags = rest.pop("tags", None) or ()
    if not isinstance(tags, Iterable):
        raise exceptions.InvalidParameterValue(
            value=tags, param="tags", extra_msg="it must be a list of texts."
        )
    found["tags"] = tuple(str(tag) for tag in tags)
    # Pairs: a property that is named in both ways has to be equal to both values.
    given = rest.pop("properties", None) or {}
    if not isinstance(given, Mapping):
        raise exceptions.InvalidParameterValue(
            value=given, param="properties", extra_msg="it must be a mapping of names to texts."
        )
    properties = [(name, str(value)) for name, value in given.items()]
    for name, value in rest.items():
        condition = _condition(name, value)
        if condition is not None:
            conditions.append(condition)
        elif value is not None:
            properties.append((name, str(value)))
    return {**found, "conditions": tuple(conditions), "properties": tuple(properties)}


def shows_deleted(filters: Mapping[str, Any]) -> bool:
    """Tell whether filters ask for deleted rows."""
    return bool(filters.get("deleted")) or filters.get("changes-since") is not None


def _deleted(value: Any) -> list[ColumnIs]:
    if value is None:
        return []
    conditions = [ColumnIs("deleted", Comparison.EQ, bool(value))]
    if not value:
        conditions.append(ColumnIs("status", Comparison.NEQ, Status.KILLED.value))
    return conditions


def _visibility(value: Any) -> Visibility:
    try:
        return Visibility(value)
    except ValueError:
        raise exceptions.InvalidParameterValue(
            value=value, param="visibility", extra_msg=f"use {', '.join(Visibility)}, all."
        ) from None


def _condition(name: str, value: Any) -> ColumnIs | None:
    """Return a condition on a column, None if the filter is about a property or about nothing."""
    if value is None:
        return ColumnIs(name, Comparison.EQ, None) if name in _MAY_BE_NONE else None
    if name[-4:] in _RANGES:
        return ColumnIs(name[:-4], _RANGES[name[-4:]], _bound(name, value))
    if name in TEXT_WITH_OPERATORS:
        return _text_condition(name, value)
    if name in TIMES:
        return _time_condition(name, value)
    if name in _MORE_TIMES:
        return ColumnIs(name, Comparison.EQ, _time(name, value))
    if name in INTEGERS:
        return ColumnIs(name, Comparison.EQ, _integer(name, value))
    if name in _BOOLEANS:
        return ColumnIs(name, Comparison.EQ, _boolean(name, value))
    if name in _TEXTS:
        return ColumnIs(name, Comparison.EQ, str(value))
    return None


def _bound(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or name[:-4] not in INTEGERS or abs(number) > _BIGGEST:
        raise exceptions.InvalidFilterRangeValue(
            f"The filter {name} must be an integer, for one of the columns "
            f"{', '.join(INTEGERS)}; it is '{value}'."
        )
    return number


def _integer(name: str, value: Any) -> int:
    try:
        return max(-_BIGGEST, min(int(value), _BIGGEST))
    except (TypeError, ValueError, OverflowError):
        raise exceptions.InvalidParameterValue(
            value=value, param=name, extra_msg="it must be an integer."
        ) from None


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise exceptions.InvalidParameterValue(
                value=value, param=name, extra_msg="it must be true or false."
            )
        return value.lower() == "true"
    return bool(value)


def _text_condition(name: str, value: Any) -> ColumnIs:
    operator, colon, text = str(value).partition(":")
    if not colon:
        return ColumnIs(name, Comparison.EQ, str(value))
    if operator == "eq":
        return ColumnIs(name, Comparison.EQ, text)
    if operator == "in":
        return ColumnIs(name, Comparison.IN, split_values(name, text))
    raise exceptions.InvalidFilterOperatorValue(
        f"Unknown operator '{operator}' of the filter {name}: use in:, or eq: before a value "
        "that has a colon."
    )


def split_values(name: str, text: str) -> tuple[str, ...]:
    r"""Split values at commas; a value in quotes may hold commas, and quotes as `\\"`.

    A value with `\\"` stands for itself and for what it is without the backslashes: older
    programs found the one, and meant the other.

    Raises:
        InvalidParameterValue: a quote stands elsewhere than around a value, or is not closed.
    """
    values: list[str] = []
    at = 0
    while match := _ITEM.match(text, at):
        quoted, plain = match.groups()
        values.append(plain if quoted is None else quoted)
        if quoted is not None and '\\"' in quoted:
            values.append(quoted.replace('\\"', '"'))
        at = match.end() + 1
        if at > len(text):
            return tuple(values)
    raise exceptions.InvalidParameterValue(
        value=text, param=name, extra_msg="quotes must stand around whole values."
    )


def _time_condition(name: str, value: Any) -> ColumnIs:
    if isinstance(value, datetime):
        return ColumnIs(name, Comparison.EQ, _time(name, value))
    match = _OPERATOR.match(str(value))
    operator, text = match.groups() if match else ("eq", str(value))
    if operator == Comparison.IN or operator not in [*Comparison]:
        raise exceptions.InvalidFilterOperatorValue(
            f"Unknown operator '{operator}' of the filter {name}: use gt, gte, lt, lte, eq, neq."
        )
    return ColumnIs(name, Comparison(operator), _time(name, text))


def _time(name: str, value: Any) -> datetime:
    try:
        time = value if isinstance(value, datetime) else parse_time(name, str(value))
    except Invalid as error:
        raise exceptions.InvalidParameterValue(
            value=value, param=name, extra_msg=str(error)
        ) from error
    return time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)

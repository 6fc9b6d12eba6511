"""What callers of the database functions may give for an image, and what of it they see."""

from collections.abc import Mapping
from typing import Any

from tintype.domain.errors import Invalid
from tintype.domain.status import GONE, Status
from tintype.domain.visibility import Visibility

MARKED = frozenset(status.value for status in GONE)
"""Statuses of locations that are marked as deleted."""

_PROTECTED = ("id", "created_at", "updated_at", "deleted", "deleted_at")
_ZERO = ("min_disk", "min_ram")
_FALSE = ("protected", "os_hidden")
_STATUSES = frozenset(status.value for status in Status)


def changes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that an update writes; what it may not touch is left out.

    Raises:
        Invalid: a column cannot have its value.
    """
    columns = _columns(values)
    if columns.get("visibility", "") is None:
        del columns["visibility"]
    return {name: value for name, value in columns.items() if name not in _PROTECTED}


def new(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a new image, but for id and times if they are not given.

    Raises:
        Invalid: a column cannot have its value, or there is no status.
    """
    if values.get("status") is None:
        raise Invalid("An image must have a status.")
    columns = {name: value for name, value in _columns(values).items() if value is not None}
    defaults = {name: 0 for name in _ZERO} | {name: False for name in _FALSE}
    return {**defaults, "visibility": Visibility.SHARED.value, "deleted": False, **columns}


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: values[name] for name in values if name not in ("properties", "locations")}
    if "is_public" in columns:
        if "visibility" in columns:
            raise Invalid("Give visibility or is_public, not both.")
        public = columns.pop("is_public")
        columns["visibility"] = (Visibility.PUBLIC if public else Visibility.SHARED).value
    if columns.get("visibility") is not None:
        columns["visibility"] = _one_of("visibility", columns["visibility"], [*Visibility])
    if "status" in columns:
        columns["status"] = _one_of("status", columns["status"], _STATUSES)
    if "owner" in columns:
        columns["owner"] = columns["owner"] or None
    for name in _ZERO:
        if name in columns:
            columns[name] = columns[name] or 0
    for name in _FALSE:
        if name in columns:
            columns[name] = bool(columns[name])
    return columns


def _one_of(what: str, value: Any, known: Any) -> str:
    if not isinstance(value, str) or value not in known:
        raise Invalid(f"Invalid {what} '{value}' for an image: use {', '.join(sorted(known))}.")
    return str(value)


def location_columns(location: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a location gives: `value`, `metadata` and `status`.

    Raises:
        Invalid: it has a status that no image has either.
    """
    columns = {}
    if "url" in location:
        columns["value"] = location["url"]
    if "metadata" in location:
        columns["metadata"] = location["metadata"]
    if location.get("status") is not None:
        columns["status"] = _one_of("status", location["status"], _STATUSES)
    return columns


def require_mark(status: str) -> None:
    """Refuse to delete a location into another status.

    Raises:
        Invalid: it is neither deleted nor pending_delete.
    """
    if not isinstance(status, str) or status not in MARKED:
        raise Invalid(
            f"The status of a deleted location must be {' or '.join(sorted(MARKED))}, "
            f"not '{status}'."
        )

"""Metadata definitions as rows: the columns of each kind of thing (database §12)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tintype.domain.errors import Invalid
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Association, Object, Part, ResourceType
from tintype.domain.visibility import Visibility

Row = dict[str, Any]

_FIELDS: Mapping[str, Mapping[str, str]] = {
    Kind.NAMESPACE: {
        "namespace": "name",
        "display_name": "display_name",
        "description": "description",
        "visibility": "visibility",
        "protected": "protected",
        "owner": "owner",
    },
    Kind.OBJECT: {
        "name": "name",
        "description": "description",
        "required": "required",
        "json_schema": "properties",
    },
    Kind.PROPERTY: {"name": "name", "json_schema": "schema"},
    Kind.TAG: {"name": "name"},
    Kind.ASSOCIATION: {
        "name": "name",
        "prefix": "prefix",
        "properties_target": "properties_target",
    },
    Kind.RESOURCE_TYPE: {"name": "name", "protected": "protected"},
}
"""The columns that callers may write, and the fields that they are in the domain."""

_MUST_BE_SET = ("name", "json_schema", "namespace")


def fields_of(kind: Kind, values: Mapping[str, Any]) -> Row:
    """Return the fields that columns give; times, numbers and what is no column are left out.

    Raises:
        Invalid: a column cannot have its value.
    """
    known = _FIELDS[kind]
    for column in _MUST_BE_SET:
        if column in known and column in values and values[column] is None:
            raise Invalid(f"The column {column} of a {kind} must have a value.")
    fields = {field: values[column] for column, field in known.items() if column in values}
    if "visibility" in fields:
        given = fields["visibility"] or Visibility.PRIVATE
        if given not in (Visibility.PRIVATE, Visibility.PUBLIC):
            raise Invalid(f"A {kind} is public or private, not '{given}'.")
        fields["visibility"] = Visibility(given)
    if "protected" in fields:
        fields["protected"] = bool(fields["protected"])
    if kind is Kind.OBJECT and not _are_names(fields.get("required")):
        raise Invalid(f"What is required must be a list of names, not {fields['required']!r}.")
    if kind is Kind.NAMESPACE and not fields.get("owner", "none"):
        del fields["owner"]
    return fields


def _are_names(required: Any) -> bool:
    if isinstance(required, list | tuple):
        return all(isinstance(name, str) for name in required)
    # Other programs give a text, which is theirs to read.
    return required is None or isinstance(required, str)


def new_fields(kind: Kind, values: Mapping[str, Any]) -> Row:
    """Return the fields of something new. Raises as `fields_of`, also for what is missing."""
    fields = fields_of(kind, {**dict.fromkeys(_must_have(kind)), **values})
    if kind is Kind.OBJECT:
        fields.setdefault("required", None)
    return fields


def _must_have(kind: Kind) -> list[str]:
    return [column for column in _FIELDS[kind] if column in _MUST_BE_SET]


def row_of(thing: Namespace | Part | ResourceType, namespace: Namespace | None = None) -> Row:
    """Return the columns of something, as callers read them."""
    if isinstance(thing, Namespace):
        return _columns(Kind.NAMESPACE, thing) | {"visibility": thing.visibility.value}
    if isinstance(thing, ResourceType):
        return _columns(Kind.RESOURCE_TYPE, thing)
    row = _columns(thing.KIND, thing)
    if isinstance(thing, Object) and isinstance(row["required"], tuple):
        row["required"] = [*row["required"]]
    if isinstance(thing, Association):
        row["resource_type_id"] = row.pop("id")
    return row | {"namespace_id": namespace.id if namespace else None}


def _columns(kind: Kind, thing: Namespace | Part | ResourceType) -> Row:
    row = {column: getattr(thing, field) for column, field in _FIELDS[kind].items()}
    times = {
        "created_at": thing.created_at.astimezone(UTC).replace(tzinfo=None),
        "updated_at": thing.updated_at.astimezone(UTC).replace(tzinfo=None),
    }
    return {"id": thing.id, **row, **times}


def times_of(values: Mapping[str, Any]) -> Row:
    """Return the times that are given for something new."""
    given = {name: values.get(name) for name in ("created_at", "updated_at")}
    return {
        name: time.replace(tzinfo=UTC) if time.tzinfo is None else time
        for name, time in given.items()
        if isinstance(time, datetime)
    }

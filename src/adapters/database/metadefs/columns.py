"""What is in the columns of the definitions' tables."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, MetaData, Text, and_, case, func, or_, true

from tintype.adapters.database import stored_json
from tintype.adapters.database.tables import (
    metadef_namespace_resource_types,
    metadef_namespaces,
    metadef_objects,
    metadef_resource_types,
)

OWN_REQUIRED = "tintype_required"
"""The column that we add to objects: the names that are required, as JSON."""

namespaces = metadef_namespaces
resource_types = metadef_resource_types
ties = metadef_namespace_resource_types
objects = metadef_objects.to_metadata(MetaData())
"""The table of objects as it is after our own migration."""
objects.append_column(Column(OWN_REQUIRED, Text))

BATCH = 1000
"""Values in one statement; SQLite takes thirty times as many."""

_n = namespaces.c
SORT: dict[str, ColumnElement[Any]] = {
    "id": _n.id,
    "namespace": _n.namespace,
    "display_name": func.coalesce(_n.display_name, ""),
    "description": func.coalesce(_n.description, ""),
    "visibility": func.coalesce(_n.visibility, "private"),
    "protected": case((_n.protected == true(), 1), else_=0),
    "owner": _n.owner,
    "created_at": _n.created_at,
    "updated_at": func.coalesce(_n.updated_at, _n.created_at),
}
"""By what namespaces are sorted; never NULL, so that a page can begin after any of them."""


def after(
    keys: Sequence[ColumnElement[Any]], values: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    """Return what holds for the rows behind the one that has these values, in order of the keys."""
    alternatives = []
    for at, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = (earlier == known for earlier, known in zip(keys[:at], values[:at], strict=True))
        alternatives.append(and_(*same, key < value if descending else key > value))
    return or_(*alternatives)


def ordered(
    keys: Sequence[ColumnElement[Any]], *, descending: bool
) -> Sequence[ColumnElement[Any]]:
    """Return what sorts by all keys in one direction."""
    return [key.desc() if descending else key.asc() for key in keys]


def batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Split names, of which a request may have more than a statement can hold."""
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]


def encode(value: Any) -> str:
    """Write a JSON value; the text is ASCII, which every database holds."""
    return json.dumps(value)


def decode(text: str | None) -> Any:
    """Read what is in a column for JSON; text that no answer can show as such stays as it is."""
    if text is None:
        return None
    try:
        return stored_json.read(text)
    except ValueError:
        return text


def encode_required(required: Sequence[str] | None) -> dict[str, str | None]:
    """Return the columns that say what is required: the field's, with commas, and our own."""
    if required is None:
        return {"required": None, OWN_REQUIRED: None}
    plain = required if isinstance(required, str) else ",".join(required)
    return {"required": plain or None, OWN_REQUIRED: encode(required)}


def decode_required(plain: str | None, own: str | None) -> Sequence[str] | None:
    """Read both columns; ours counts unless the field's was changed by one who does not know it."""
    required = decode(own)
    if isinstance(required, str) and required == (plain or ""):
        return required
    if isinstance(required, list) and ",".join(required) == (plain or ""):
        return tuple(required)
    if plain is None and own is None:
        return None
    return tuple(plain.split(",")) if plain else ()

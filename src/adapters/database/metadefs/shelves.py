"""How each kind of part is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, Table, select

from tintype.adapters.database.metadefs.columns import (
    OWN_REQUIRED,
    decode,
    decode_required,
    encode,
    encode_required,
    objects,
    resource_types,
    ties,
)
from tintype.adapters.database.tables import metadef_properties, metadef_tags
from tintype.adapters.database.values import aware
from tintype.domain.metadef.part import Association, Object, Part, Property, Tag

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class Shelf(Generic[P]):
    """A table of parts: what is read from it, and what is written besides name and times."""

    kind: type[P]
    table: Table
    number: Any
    name: Any
    rows: Select[Any]
    part: Callable[[Row[Any]], P]
    columns: Callable[[P], dict[str, Any]]


def _times(row: Row[Any]) -> dict[str, Any]:
    return {
        "created_at": aware(row.created_at),
        "updated_at": aware(row.updated_at or row.created_at),
    }


def _shelf(
    kind: type[P],
    table: Table,
    part: Callable[[Row[Any]], P],
    columns: Callable[[P], dict[str, Any]],
) -> Shelf[P]:
    return Shelf(kind, table, table.c.id, table.c.name, select(table), part, columns)


def _object(row: Row[Any]) -> Object:
    return Object(
        id=row.id,
        name=row.name,
        description=row.description,
        required=decode_required(row.required, row._mapping[OWN_REQUIRED]),
        properties=decode(row.json_schema),
        **_times(row),
    )


def _object_columns(part: Object) -> dict[str, Any]:
    return {
        "description": part.description,
        "json_schema": encode(part.properties),
        **encode_required(part.required),
    }


def _property(row: Row[Any]) -> Property:
    return Property(id=row.id, name=row.name, schema=decode(row.json_schema), **_times(row))


def _tag(row: Row[Any]) -> Tag:
    return Tag(id=row.id, name=row.name, **_times(row))


def association(row: Row[Any]) -> Association:
    """Read a row of `ASSOCIATIONS.rows`; its number is that of the resource type."""
    return Association(
        id=row.resource_type_id,
        name=row.name,
        prefix=row.prefix,
        properties_target=row.properties_target,
        **_times(row),
    )


OBJECTS = _shelf(Object, objects, _object, _object_columns)
PROPERTIES = _shelf(
    Property, metadef_properties, _property, lambda part: {"json_schema": encode(part.schema)}
)
TAGS = _shelf(Tag, metadef_tags, _tag, lambda part: {})
ASSOCIATIONS = Shelf(
    Association,
    ties,
    ties.c.resource_type_id,
    resource_types.c.name,
    select(ties, resource_types.c.name).join_from(
        ties, resource_types, ties.c.resource_type_id == resource_types.c.id
    ),
    association,
    lambda part: {"prefix": part.prefix, "properties_target": part.properties_target},
)
SHELVES: dict[type[Part], Shelf[Any]] = {
    shelf.kind: shelf for shelf in (OBJECTS, PROPERTIES, TAGS, ASSOCIATIONS)
}

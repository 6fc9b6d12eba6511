"""What callers read."""

from collections.abc import Mapping, Sequence
from typing import Any

from tintype.domain.metadef.namespace import Definitions
from tintype.domain.metadef.part import Association, Object, Part, Property, ResourceType, Tag

ROOT = "/v2/metadefs/namespaces"


def _without_gaps(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _times(thing: Part | ResourceType) -> dict[str, Any]:
    return {"created_at": thing.created_at, "updated_at": thing.updated_at}


def definition(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schema says; a plain default is text to clients (metadefs §4)."""
    shown = _without_gaps(schema)
    if isinstance(shown.get("default"), (bool, int, float)):
        shown["default"] = str(shown["default"])
    return shown


def dump_property(part: Property) -> dict[str, Any]:
    """Return the JSON object of a property."""
    return {"name": part.name, **definition(part.stated_schema)}


def dump_properties(parts: Sequence[Property]) -> dict[str, Any]:
    """Return the JSON object of properties by name."""
    return {part.name: dump_property(part) for part in parts}


def dump_object(part: Object, namespace: str) -> dict[str, Any]:
    """Return the JSON object of an object."""
    properties = part.stated_properties
    shown: dict[str, Any] = {"name": part.name}
    if part.description is not None:
        shown["description"] = part.description
    if part.required_names:
        shown["required"] = list(part.required_names)
    if properties:
        shown["properties"] = {name: definition(schema) for name, schema in properties.items()}
    return shown | {
        **_times(part),
        "self": f"{ROOT}/{namespace}/objects/{part.name}",
        "schema": "/v2/schemas/metadefs/object",
    }


def dump_tag(part: Tag) -> dict[str, Any]:
    """Return the JSON object of a tag."""
    return {"name": part.name, **_times(part)}


def dump_tags(parts: Sequence[Tag]) -> list[dict[str, str]]:
    """Return the JSON array of tags, which have nothing but names there."""
    return [{"name": part.name} for part in parts]


def dump_association(part: Association) -> dict[str, Any]:
    """Return the JSON object of an association."""
    return _without_gaps(
        {
            "name": part.name,
            "prefix": part.prefix,
            "properties_target": part.properties_target,
            **_times(part),
        }
    )


def dump_resource_type(resource_type: ResourceType) -> dict[str, Any]:
    """Return the JSON object of a resource type."""
    return {"name": resource_type.name, **_times(resource_type)}


def dump_namespace(found: Definitions) -> dict[str, Any]:
    """Return the JSON object of a namespace, with what it holds if that was asked for."""
    it = found.namespace
    shown = _without_gaps(
        {
            "namespace": it.name,
            "display_name": it.display_name,
            "description": it.description,
            "visibility": it.visibility,
            "protected": it.protected,
            "owner": it.owner,
            "created_at": it.created_at,
            "updated_at": it.updated_at,
            "self": f"{ROOT}/{it.name}",
            "schema": "/v2/schemas/metadefs/namespace",
        }
    )
    held = {
        "resource_type_associations": [dump_association(tie) for tie in found.of(Association)],
        "properties": dump_properties(found.of(Property)),
        "objects": [dump_object(part, it.name) for part in found.of(Object)],
        "tags": dump_tags(found.of(Tag)),
    }
    return shown | {name: value for name, value in held.items() if value}

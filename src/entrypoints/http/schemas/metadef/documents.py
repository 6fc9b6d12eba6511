"""The documents under `/v2/schemas/metadefs`, made from the schemas that check bodies."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from tintype.entrypoints.http.schemas import json_schema
from tintype.entrypoints.http.schemas.metadef import bodies

Document = Mapping[str, Any]

_SET_BY_SERVICE = {"type": "string", "readOnly": True}


def describe(field: fields.Field[Any]) -> dict[str, Any]:
    """Describe one field."""
    if isinstance(field, fields.Nested):
        schema = field.schema
        return _object(schema, schema.set_by_service if isinstance(schema, bodies.Nestable) else ())
    if isinstance(field, fields.Dict):
        assert field.value_field is not None, "every dictionary says what it holds"
        return {"type": "object", "additionalProperties": describe(field.value_field)}
    if isinstance(field, fields.List):
        return {"type": "array", "items": describe(field.inner)}
    if isinstance(field, bodies.Number):
        return {"type": "number"}
    if type(field) is fields.Raw:
        return {}
    return json_schema.describe(field)


def _object(schema: Schema, read_only: Sequence[str]) -> dict[str, Any]:
    described = {it.data_key or name: describe(it) for name, it in schema.fields.items()}
    mandatory = [it.data_key or name for name, it in schema.fields.items() if it.required]
    return {
        "type": "object",
        "properties": described | dict.fromkeys(read_only, _SET_BY_SERVICE),
        # An empty list of these is no JSON Schema of draft 4, which clients check by.
        **({"required": mandatory} if mandatory else {}),
        "additionalProperties": False,
    }


def _one(name: str, schema: Schema, read_only: Sequence[str]) -> Document:
    described = _object(schema, read_only)
    del described["type"]
    return {"name": name, **described}


def _many(name: str, listed: Document, **more: Any) -> Document:
    return {
        "name": name,
        "properties": {name: listed, **more},
        "links": [json_schema.DESCRIBED_BY],
    }


def documents() -> Mapping[str, Document]:
    """Return each document by the end of its path."""
    namespace = _one("namespace", bodies.NAMESPACE, bodies.READ_ONLY)
    tie = _one("resource_type_association", bodies.ASSOCIATION, bodies.TIMES)
    # A property has no times of its own to show.
    one_property = _one("property", bodies.PROPERTY, ())
    one_object = _one("object", bodies.OBJECT, bodies.READ_ONLY)
    tag = _one("tag", bodies.TAG, bodies.TIMES)
    text = {"type": "string"}
    namespaces = _many("namespaces", _array(namespace), first=text, next=text, schema=text)
    return {
        "namespace": namespace,
        "namespaces": {**namespaces, "links": json_schema.LIST_LINKS},
        "resource_type": tie,
        "resource_types": _many("resource_type_associations", _array(tie)),
        "property": one_property,
        "properties": _many("properties", {"type": "object", "additionalProperties": one_property}),
        "object": one_object,
        "objects": _many("objects", _array(one_object), schema=text),
        "tag": tag,
        "tags": _many("tags", _array(tag)),
    }


def _array(item: Document) -> Document:
    return {"type": "array", "items": item}

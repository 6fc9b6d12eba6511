"""The documents under `/v2/schemas`, made from the schemas that check and write bodies."""

from typing import Any

from marshmallow import Schema, fields, validate

from tintype.entrypoints.http.schemas.image import ImageSchema
from tintype.entrypoints.http.schemas.member import MemberSchema
from tintype.entrypoints.http.schemas.task import TaskSchema

TYPES: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Integer, "integer"),
    (fields.Boolean, "boolean"),
    (fields.List, "array"),
    (fields.Dict, "object"),
    (fields.Nested, "object"),
    (fields.String, "string"),
)

IMAGE_LINKS = [
    {"rel": "self", "href": "{self}"},
    {"rel": "enclosure", "href": "{file}"},
    {"rel": "describedby", "href": "{schema}"},
]
DESCRIBED_BY = {"rel": "describedby", "href": "{schema}"}
LIST_LINKS = [
    {"rel": "first", "href": "{first}"},
    {"rel": "next", "href": "{next}"},
    DESCRIBED_BY,
]


def describe(field: fields.Field[Any]) -> dict[str, Any]:
    """Describe one field."""
    kind = next(name for cls, name in TYPES if isinstance(field, cls))
    described: dict[str, Any] = {"type": ["null", kind] if field.allow_none else kind}
    described.update(field.metadata)
    for validator in field.validators:
        described.update(_constraint(validator, field.allow_none))
    if isinstance(field, fields.List):
        described["items"] = describe(field.inner)
    if isinstance(field, fields.Nested):
        described["properties"] = properties(field.schema)
        described["required"] = [
            name for name, inner in field.schema.fields.items() if inner.required
        ]
    return described


def _constraint(validator: Any, nullable: bool) -> dict[str, Any]:
    if isinstance(validator, validate.Length):
        return {"maxLength": validator.max}
    if isinstance(validator, validate.OneOf):
        return {"enum": [*([None] if nullable else []), *validator.choices]}
    if isinstance(validator, validate.Regexp):
        return {"pattern": validator.regex.pattern}
    return {}


def properties(schema: Schema) -> dict[str, Any]:
    """Describe all fields of a schema."""
    return {name: describe(field) for name, field in schema.fields.items()}


def image_document(schema: ImageSchema) -> dict[str, Any]:
    """Return the document of `/v2/schemas/image` (images-api §12)."""
    site = schema.site
    typed = {name: each.description for name, each in site.properties.items()}
    document: dict[str, Any] = {
        "name": "image",
        "properties": properties(schema) | typed,
        "additionalProperties": {"type": "string"},
        "links": IMAGE_LINKS,
    }
    if site.required:
        document["required"] = list(site.required)
    return document


def images_document(schema: ImageSchema) -> dict[str, Any]:
    """Return the document of `/v2/schemas/images`."""
    return {
        "name": "images",
        "properties": {
            "images": {"type": "array", "items": image_document(schema)},
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": LIST_LINKS,
    }


def member_document() -> dict[str, Any]:
    """Return the document of `/v2/schemas/member`."""
    return {
        "name": "member",
        "properties": properties(MemberSchema()),
        "additionalProperties": False,
    }


def members_document() -> dict[str, Any]:
    """Return the document of `/v2/schemas/members`."""
    return {
        "name": "members",
        "properties": {
            "members": {"type": "array", "items": member_document()},
            "schema": {"type": "string"},
        },
        "links": [DESCRIBED_BY],
    }


def task_document() -> dict[str, Any]:
    """Return the document of `/v2/schemas/task`."""
    return {"name": "task", "properties": properties(TaskSchema())}


def tasks_document() -> dict[str, Any]:
    """Return the document of `/v2/schemas/tasks`."""
    return {
        "name": "tasks",
        "properties": {
            "tasks": {"type": "array", "items": task_document()},
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": LIST_LINKS,
    }

"""The OpenAPI document, put together from the routes and the schemas of bodies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from tintype import __version__
from tintype.domain.store import Condition
from tintype.entrypoints.http.openapi.operation import JSON, Described, Operation
from tintype.entrypoints.http.schemas.image import ImageSchema
from tintype.entrypoints.http.schemas.image_import import IMPORT
from tintype.entrypoints.http.schemas.location import NEW_LOCATION
from tintype.entrypoints.http.schemas.member import AnswerSchema, MemberSchema, NewMemberSchema
from tintype.entrypoints.http.schemas.metadef.documents import documents as definitions
from tintype.entrypoints.http.schemas.patch import V20_DOCUMENT, V21_DOCUMENT
from tintype.entrypoints.http.schemas.task import NEW_TASK

OPENAPI = "3.1.0"
ANY_CALL = (400, 500)
ANY_IDENTIFIED_CALL = (400, 401, 431, 500, 503)
"""Refusals that no resource needs to name."""

CONDITIONAL = ("stores", "locations", "direct_url")
"""Fields of an image that not every service shows."""

_TEXT = {"type": "string"}
_PARAMETER = re.compile(r"\{(\w+)\}")

HEADERS = {
    "OpenStack-image-import-task-id": "The task that does it.",
    "ETag": "Changes with anything that the answer shows.",
    "Location": "Where to find it.",
    "Accept-Ranges": "`bytes`: a part can be asked for.",
    "Content-MD5": "MD5 of the whole data in hex.",
    "Content-Range": "Which part of the data this is.",
    "OpenStack-image-import-methods": "Import methods that are enabled.",
    "OpenStack-image-store-ids": "Stores that data can be put into.",
}


def _object(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], **more}


def _list_of(name: str, schema: str, **more: Any) -> dict[str, Any]:
    items = {"type": "array", "items": _ref(schema)}
    document = _object({name: items, "schema": _TEXT})
    document["properties"] |= more
    return document


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


_LINK = _object({"rel": _TEXT, "href": _TEXT})
_VERSION = _object(
    {"id": _TEXT, "status": {"enum": ["CURRENT", "SUPPORTED"]}}
    | {"links": {"type": "array", "items": _LINK}}
)
_ERROR = _object({"code": {"type": "integer"}, "title": _TEXT, "message": _TEXT})
_STORE: dict[str, Any] = {
    "type": "object",
    "properties": {name: _TEXT for name in ("id", "description", "default", "read-only")},
    "required": ["id"],
    "additionalProperties": False,
}
_HEALTH = {
    "type": "object",
    "properties": {"condition": {"enum": [each.value for each in Condition]}, "reason": _TEXT},
    "required": ["condition"],
    "additionalProperties": False,
}
_STORE_DETAIL = {
    **_STORE,
    "properties": _STORE["properties"]
    | {"type": _TEXT, "weight": {"type": "integer"}, "properties": {"type": "object"}}
    | {"capabilities": {"type": "array", "items": _TEXT}, "health": _HEALTH},
    "required": ["id", "type", "weight", "properties", "capabilities", "health"],
}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_OBJECT_OR_NULL = {"type": ["object", "null"]}
_TASK_STUB = {name: _TEXT for name in ("id", "type", "status", "created_at", "updated_at")}
_TASK_WHOLE = {"input": _OBJECT_OR_NULL, "result": _OBJECT_OR_NULL, "message": _TEXT_OR_NULL}
_TASK_OF = {name: _TEXT_OR_NULL for name in ("owner", "image_id", "request_id", "user_id")}
_TASK_MORE = {"expires_at": _TEXT_OR_NULL, "progress": {"type": "object"}, **_TASK_OF}
_TASK = {
    "type": "object",
    "properties": _TASK_STUB | _TASK_WHOLE | _TASK_MORE | {"self": _TEXT, "schema": _TEXT},
    "required": [*_TASK_STUB, "owner", "self", "schema"],
    "additionalProperties": False,
}
_TASK_ROW = _object(
    _TASK_STUB
    | _TASK_WHOLE
    | _TASK_OF
    | {"expires_at": _TEXT_OR_NULL, "deleted_at": {"type": "null"}, "deleted": {"const": False}}
)
_STANDING = _object({"usage": {"type": "integer"}, "limit": {"type": "integer"}})
_METHODS = _object(
    {"description": _TEXT, "type": {"const": "array"}}
    | {"value": {"type": "array", "items": _TEXT}}
)

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "Images": _list_of("images", "Image", first=_TEXT, next=_TEXT),
    "Members": _list_of("members", "Member"),
    "PatchV20": V20_DOCUMENT,
    "PatchV21": V21_DOCUMENT,
    "JsonSchema": _object({"name": _TEXT, "properties": {"type": "object"}}),
    "Stores": _object({"stores": {"type": "array", "items": _STORE}}),
    "StoresDetail": _object({"stores": {"type": "array", "items": _STORE_DETAIL}}),
    "ServiceLocation": _object({"url": _TEXT, "metadata": {"type": "object"}}),
    "Locations": {"type": "array", "items": _ref("ServiceLocation")},
    "Task": _TASK,
    "Tasks": _list_of("tasks", "Task", first=_TEXT, next=_TEXT),
    "TasksOfImage": _object({"tasks": {"type": "array", "items": _TASK_ROW}}),
    "ResourceTypes": _object(
        {"resource_types": {"type": "array", "items": _object({"name": _TEXT})}}
    ),
    "ImportMethods": _object({"import-methods": _METHODS}),
    "Usage": _object({"usage": {"type": "object", "additionalProperties": _STANDING}}),
    "Versions": _object({"versions": {"type": "array", "items": _VERSION}}),
    "Error": _object({"error": _ERROR}),
    "OpenApi": _object({"openapi": {"const": OPENAPI}, "paths": {"type": "object"}}),
    "Data": {"description": "Bytes."},
    "Text": _TEXT,
}
"""Schemas of bodies by the names that `Operation` uses, beside those made by `_add_schemas`."""


def describe(routes: Iterable[tuple[str, Described]], image: ImageSchema) -> dict[str, Any]:
    """Return the document for these paths; `image` knows which formats are allowed."""
    spec = APISpec(
        title="Tintype",
        version=__version__,
        openapi_version=OPENAPI,
        plugins=[MarshmallowPlugin()],
        info={"description": "Virtual-machine images, by the OpenStack Images API v2."},
        servers=[{"url": "/"}],
        security=[{"token": []}, {"basic": []}, {}],
    )
    spec.components.security_scheme(
        "token", {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}
    )
    spec.components.security_scheme("basic", {"type": "http", "scheme": "basic"})
    _add_schemas(spec, image)
    for path, described in routes:
        operations = {
            method.lower(): _operation(method, path, operation)
            for method, operation in described.items()
        }
        spec.path(path, operations=operations)
    document: dict[str, Any] = spec.to_dict()
    return document


def _add_schemas(spec: APISpec, image: ImageSchema) -> None:
    custom = {"additionalProperties": _TEXT}
    required = [name for name in image.fields if name not in CONDITIONAL]
    spec.components.schema("Image", {**custom, "required": required}, schema=image)
    read_only = [name for name, field in image.fields.items() if field.metadata.get("readOnly")]
    new = _without(spec.components.schemas["Image"], [*read_only, "locations"])
    spec.components.schema("NewImage", {"type": "object", "properties": new, **custom})
    whole = {"required": [*MemberSchema().fields], "additionalProperties": False}
    spec.components.schema("Member", whole, schema=MemberSchema)
    spec.components.schema("NewMember", schema=NewMemberSchema)
    spec.components.schema("MemberAnswer", schema=AnswerSchema)
    spec.components.schema("NewLocation", schema=NEW_LOCATION)
    spec.components.schema("NewImport", schema=IMPORT)
    spec.components.schema("NewTask", schema=NEW_TASK)
    for name, schema in {**SCHEMAS, **_definitions()}.items():
        spec.components.schema(name, dict(schema))


DEFINITIONS = {
    **{"namespace": "Namespace", "namespaces": "Namespaces"},
    **{"object": "MetadefObject", "objects": "MetadefObjects"},
    **{"property": "MetadefProperty", "properties": "MetadefProperties"},
    **{"tag": "MetadefTag", "tags": "MetadefTags"},
    **{"resource_type": "Association", "resource_types": "Associations"},
}
"""Schemas of metadata definitions by their names under `/v2/schemas/metadefs`."""


def _definitions() -> Mapping[str, Mapping[str, Any]]:
    found = {}
    for name, document in definitions().items():
        schema = {key: value for key, value in document.items() if key not in ("name", "links")}
        # Of lists the document says no more than what they are called.
        required = schema.get("required", [document["name"]])
        found[DEFINITIONS[name]] = {"type": "object", **schema, "required": required}
    return found


def _without(schema: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: each for name, each in schema["properties"].items() if name not in names}


def _operation(method: str, path: str, operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{method.lower()}{re.sub(r'[^a-zA-Z0-9]+', '_', path)}".rstrip("_"),
        "tags": [_tag(path)],
        "parameters": [*map(_path_parameter, _PARAMETER.findall(path)), *operation.parameters],
        "responses": _responses(method, operation),
    }
    if operation.public:
        described["security"] = []
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    return described


def _tag(path: str) -> str:
    parts = [part for part in path.split("/") if part and part != "v2"]
    return parts[0] if path.startswith("/v2/") else "service"


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(method: str, operation: Operation) -> dict[str, Any]:
    headers = {name: {"description": HEADERS[name], "schema": _TEXT} for name in operation.headers}
    responses: dict[str, Any] = {}
    for status, body in operation.answers.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if headers:
            responses[str(status)]["headers"] = headers
        if body and method != "HEAD":
            responses[str(status)]["content"] = _content(body)
    always = ANY_CALL if operation.public else ANY_IDENTIFIED_CALL
    for status in sorted({*always, *operation.refusals}):
        if str(status) not in responses:
            responses[str(status)] = _refusal(method, status)
    return responses


def _refusal(method: str, status: int) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if method != "HEAD":
        described["content"] = _content({JSON: "Error", "text/plain": "Text", "text/html": "Text"})
    return described


def _content(body: Mapping[str, str]) -> dict[str, Any]:
    return {media_type: {"schema": _ref(schema)} for media_type, schema in body.items()}

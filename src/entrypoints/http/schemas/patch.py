"""The two dialects of image patches (images-api §4.3)."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tintype.application.images.update import Change
from tintype.domain.errors import Invalid
from tintype.domain.image import READ_ONLY, is_reserved
from tintype.entrypoints.http.schemas.image import ImageSchema

OPERATIONS = ("add", "replace", "remove")
V20 = "application/openstack-images-v2.0-json-patch"
V21 = "application/openstack-images-v2.1-json-patch"

_POINTER = {"type": "string", "pattern": "^/"}


def _v20_document(op: str) -> dict[str, Any]:
    others = [{"required": [other]} for other in OPERATIONS if other != op]
    required = [op] if op == "remove" else [op, "value"]
    properties = {op: _POINTER}
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "not": {"anyOf": others},
    }


V20_DOCUMENT: dict[str, Any] = {
    "type": "array",
    "items": {"oneOf": [_v20_document(op) for op in OPERATIONS]},
}
V21_DOCUMENT: dict[str, Any] = {
    "type": "array",
    "items": {
        "oneOf": [
            {
                "type": "object",
                "properties": {"op": {"enum": ["add", "replace"]}, "path": _POINTER},
                "required": ["op", "path", "value"],
            },
            {
                "type": "object",
                "properties": {"op": {"const": "remove"}, "path": _POINTER},
                "required": ["op", "path"],
            },
        ]
    },
}
"""The dialects as JSON schemas."""


def load_patch(media_type: str, body: Any, schema: ImageSchema) -> Sequence[Change]:
    """Read a patch; all of it is checked before any of it takes effect.

    Raises:
        Invalid: it is no patch of that dialect, or gives an attribute a value of a wrong type.
    """
    if not isinstance(body, list):
        raise Invalid("A patch must be an array of operations.")
    read = _READERS[media_type]
    return [
        _change(*read(item), schema, exclusive=media_type == V20) for item in map(_object, body)
    ]


def _object(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise Invalid("Each operation of a patch must be an object.")
    return item


def _read_v20(item: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
    named = [op for op in OPERATIONS if op in item]
    if len(named) != 1:
        raise Invalid(f"Each operation must have exactly one of {', '.join(OPERATIONS)}.")
    return named[0], item[named[0]], item


def _read_v21(item: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
    op = item.get("op")
    if op not in OPERATIONS:
        raise Invalid(f"Operation {op!r} is not supported: use one of {', '.join(OPERATIONS)}.")
    if "path" not in item:
        raise Invalid("Each operation must have a path.")
    return op, item["path"], item


_READERS: dict[str, Callable[[dict[str, Any]], tuple[str, Any, dict[str, Any]]]] = {
    V20: _read_v20,
    V21: _read_v21,
}


def _change(
    op: str, pointer: Any, item: dict[str, Any], schema: ImageSchema, *, exclusive: bool
) -> Change:
    path = parse_pointer(pointer)
    name = path[0]
    depth = 2 if name == "locations" and op != "replace" else 1
    if len(path) != depth:
        raise Invalid(f"Invalid JSON pointer for this resource: '{pointer}'.")
    place = path[1] if depth == 2 else ""
    if op == "remove":
        schema.require_removable(name)
        return Change(op, name, exclusive=exclusive, place=place)
    if "value" not in item:
        raise Invalid(f"Operation '{op}' needs a value.")
    value = item["value"]
    if name in READ_ONLY or is_reserved(name):
        # Whatever the value: that nobody may set it is told when the image is known.
        return Change(op, name, value, exclusive=exclusive)
    if place:
        (loaded,) = schema.load_attribute(name, [value])
    else:
        loaded = schema.load_attribute(name, value)
    return Change(op, name, loaded, exclusive=exclusive, place=place)


def parse_pointer(pointer: Any) -> list[str]:
    """Return the parts of a JSON pointer, unescaped and trimmed.

    Raises:
        Invalid: it is none, or has empty parts.
    Source: RFC 6901, images-api §4.3.
    """
    if not isinstance(pointer, str):
        raise Invalid("A path must be a string.")
    if not pointer.startswith("/"):
        raise Invalid(f"Pointer '{pointer}' does not start with '/'.")
    parts = [part.strip() for part in pointer[1:].split("/")]
    if any(not part for part in parts):
        raise Invalid(f"Pointer '{pointer}' has an empty part.")
    return [_unescape(part, pointer) for part in parts]


def _unescape(part: str, pointer: str) -> str:
    if re.search("~(?![01])", part):
        raise Invalid(f"Pointer '{pointer}' has a '~' that is neither '~0' nor '~1'.")
    return part.replace("~1", "/").replace("~0", "~")

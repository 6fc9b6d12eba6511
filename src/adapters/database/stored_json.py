"""JSON in text columns, as anybody may have written it."""

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson

DEEPEST: Final = 200
"""Levels of arrays and objects that an answer has room for; its writer gives up at 254."""


def read(text: str) -> Any:
    """Return the value that a text stands for, if an answer can repeat it.

    Raises:
        ValueError: the text is no JSON, is nested too deep, or holds what is no text.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = _as_python_writes(text)
    if text.count("[") + text.count("{") > DEEPEST:
        _require_shallow(value)
    return value


def read_metadata(text: str | None) -> Mapping[str, Any]:
    """Return the metadata of a location; none if they cannot be read.

    The data is there all the same, and one such row must not hide all other images of a list.
    """
    if not text:
        return {}
    try:
        value = read(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def is_metadata(text: str | None) -> bool:
    """Tell whether `read_metadata` leaves nothing out."""
    try:
        return not text or isinstance(read(text), dict)
    except ValueError:
        return False


def _as_python_writes(text: str) -> Any:
    """Read what is JSON to Python alone, such as NaN."""
    try:
        value = json.loads(text)
        orjson.dumps(value)
    except (RecursionError, TypeError) as error:
        raise ValueError(str(error)) from None
    return value


def _require_shallow(value: Any) -> None:
    level, depth = [value], 0
    while level := [it for it in level if isinstance(it, list | dict)]:
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} levels deep")
        level = [part for it in level for part in (it.values() if isinstance(it, dict) else it)]

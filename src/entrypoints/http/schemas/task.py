"""Tasks as callers send and see them (import-and-tasks §17)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, fields, validate

from tintype.domain.errors import Invalid
from tintype.domain.task import Task, TaskStatus, TaskType
from tintype.domain.task_query import SORT_KEYS, TaskQuery
from tintype.entrypoints.http.schemas.query import (
    DIRECTIONS,
    Paging,
    Pairs,
    limit_of,
    parse_time,
)

PATH = "/v2/tasks"
FILTERED_TYPES = ("import",)
"""The one type that a list may be filtered by (import-and-tasks §17)."""

_WHOLE = ("input", "result", "message")
_IF_SET = ("image_id", "request_id", "user_id")


class TaskSchema(Schema):
    """A task as callers are shown it."""

    id = fields.String(metadata={"description": "The name of the task"})
    type = fields.String(
        validate=validate.OneOf([kind.value for kind in TaskType]),
        metadata={"description": "What the task does"},
    )
    status = fields.String(
        validate=validate.OneOf([status.value for status in TaskStatus]),
        metadata={"description": "How far it is"},
    )
    input = fields.Dict(
        allow_none=True, metadata={"description": "What it was asked to do, by its type"}
    )
    result = fields.Dict(allow_none=True, metadata={"description": "What came of it"})
    owner = fields.String(metadata={"description": "The project of the caller who asked for it"})
    message = fields.String(metadata={"description": "Why it failed, or how far it is"})
    image_id = fields.String(metadata={"description": "The image that it is about"})
    request_id = fields.String(metadata={"description": "The request that began it"})
    user_id = fields.String(metadata={"description": "The user who asked for it"})
    expires_at = fields.String(
        allow_none=True, metadata={"description": "Date and time of its removal"}
    )
    created_at = fields.String(metadata={"description": "Date and time of its creation"})
    updated_at = fields.String(metadata={"description": "Date and time of its last change"})
    self = fields.String(metadata={"readOnly": True})
    schema = fields.String(metadata={"readOnly": True})


class NewTaskSchema(Schema):
    """The body of a request for a task."""

    class Meta:
        unknown = EXCLUDE

    type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in TaskType]))
    input = fields.Dict(keys=fields.String(), required=True)


NEW_TASK = NewTaskSchema()


def dump_stub(task: Task) -> dict[str, Any]:
    """Return the JSON object of a task in a list."""
    shown: dict[str, Any] = {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "self": f"{PATH}/{task.id}",
        "schema": "/v2/schemas/task",
    }
    if task.expires_at is not None:
        shown["expires_at"] = task.expires_at
    return shown


def dump(task: Task) -> dict[str, Any]:
    """Return the JSON object of a task."""
    shown = dump_stub(task) | {name: getattr(task, name) for name in _WHOLE}
    for name in _IF_SET:
        if (value := getattr(task, name)) is not None:
            shown[name] = value
    if task.progress:
        shown["progress"] = _progress(task)
    return shown


def dump_row(task: Task) -> dict[str, Any]:
    """Return a task of an image in the form that this call has of old: as a row, with nulls."""
    return {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "expires_at": _exact(task.expires_at),
        "created_at": _exact(task.created_at),
        "updated_at": _exact(task.updated_at),
        "deleted_at": None,
        "deleted": False,
        **{name: getattr(task, name) for name in (*_IF_SET, *_WHOLE)},
        **({"progress": _progress(task)} if task.progress else {}),
    }


def _progress(task: Task) -> dict[str, dict[str, int | None]]:
    return {
        store: {
            "bytes_done": progress.done,
            "bytes_total": progress.total,
            "percent": progress.percent,
            "bytes_per_second": progress.rate,
        }
        for store, progress in task.progress.items()
    }


def _exact(time: datetime | None) -> str | None:
    return None if time is None else time.strftime("%Y-%m-%dT%H:%M:%S.%f")


def load_task_query(pairs: Pairs, paging: Paging) -> TaskQuery:
    """Read the question that a query string asks.

    Raises:
        Invalid: a parameter is unknown, or has a value that it cannot have.
    """
    given = dict(pairs)
    limit = limit_of(given.pop("limit", None), paging)
    marker = given.pop("marker", None)
    if marker is not None and not _is_uuid(marker):
        raise Invalid(f"marker must be the id of a task, not '{marker}'.")
    sort_key = _choice("sort_key", given.pop("sort_key", "created_at"), SORT_KEYS)
    direction = _choice("sort_dir", given.pop("sort_dir", "desc"), DIRECTIONS)
    given.pop("deleted", None)
    filters = {name: _filter(name, value) for name, value in given.items()}
    return TaskQuery(limit, marker, sort_key, DIRECTIONS[direction], filters)


def _filter(name: str, value: str) -> str | datetime:
    if name not in SORT_KEYS:
        raise Invalid(f"Tasks cannot be filtered by '{name}': use {', '.join(SORT_KEYS)}.")
    if name == "status":
        return _choice(name, value, [status.value for status in TaskStatus])
    if name == "type":
        return _choice(name, value, FILTERED_TYPES)
    return parse_time(name, value) if name.endswith("_at") else value


def _choice(name: str, value: str, choices: Any) -> str:
    if value not in choices:
        raise Invalid(f"{name} must be one of {', '.join(choices)}, not '{value}'.")
    return value


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False

"""Tasks (database §8)."""

from collections.abc import Mapping
from typing import Any

from tintype.domain.record.task_query import TaskRecordQuery
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.context import viewer_of
from tintype.entrypoints.python.database.errors import translated
from tintype.entrypoints.python.database.sorting import page_size, sorted_by

Task = dict[str, Any]
"""The columns of a task by name, with `input`, `result` and `message` where not left out."""

COLUMNS = (
    *("id", "type", "status", "owner", "expires_at", "created_at", "updated_at"),
    *("deleted_at", "deleted", "image_id", "request_id", "user_id"),
)
"""What tasks can be filtered and sorted by."""


def task_create(context: Any, values: Mapping[str, Any]) -> Task:
    """Record a task and return it; id and times are made if they are not given.

    `input` and `result` take any JSON value and come back equal.

    Raises:
        Duplicate: the id was used before.
        Invalid: a value cannot be, or type or status is missing.
    """
    with translated():
        return bound().tasks.create(values)


def task_update(context: Any, task_id: str, values: Mapping[str, Any]) -> Task:
    """Change a task and return it; id, times of creation and deletion stay as they are.

    Raises:
        TaskNotFound: there is none.
        Forbidden: it is another project's.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().tasks.update(viewer_of(context), task_id, values)


def task_get(context: Any, task_id: str, force_show_deleted: bool = False) -> Task:
    """Return a task; a deleted one if the context or the argument asks for it.

    A task that has outlived `expires_at` counts as deleted.

    Raises:
        TaskNotFound: there is none.
        Forbidden: it is another project's.
    """
    with translated():
        return bound().tasks.get(viewer_of(context), task_id, even_deleted=force_show_deleted)


def task_delete(context: Any, task_id: str) -> Task:
    """Mark a task as deleted and return it; raises as `task_get`."""
    with translated():
        return bound().tasks.delete(viewer_of(context), task_id)


def task_get_all(
    context: Any,
    filters: Mapping[str, Any] | None = None,
    marker: str | None = None,
    limit: int | None = None,
    sort_key: str = "created_at",
    sort_dir: str = "desc",
    admin_as_user: bool = False,
) -> list[Task]:
    """Return the caller's tasks, or all to administrators, without input, result and message.

    `filters` are columns and what they equal. Deleted tasks show unless `deleted` is False
    among them. `admin_as_user` changes nothing.

    Raises:
        InvalidSortKey, InvalidParameterValue: there is no such column.
        TaskNotFound, Forbidden: the marker is no task that the caller sees.
    """
    for name in filters or {}:
        if name not in COLUMNS:
            raise exceptions.InvalidParameterValue(
                value=name, param="filters", extra_msg=f"use {', '.join(COLUMNS)}."
            )
    query = TaskRecordQuery(
        sort=sorted_by(sort_key, sort_dir, COLUMNS),
        limit=page_size(limit),
        filters=dict(filters or {}),
    )
    with translated():
        return [*bound().tasks.list(viewer_of(context), query, marker)]


def tasks_get_by_image(context: Any, image_id: str) -> list[Task]:
    """Return the tasks of an image that the caller sees and that last, oldest first, whole."""
    with translated():
        return [*bound().tasks.of_image(viewer_of(context), image_id)]

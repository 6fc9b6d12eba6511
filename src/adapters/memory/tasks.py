"""Tasks in memory."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tintype.adapters.memory.state import Transaction
from tintype.domain.caller import Caller
from tintype.domain.errors import BadMarker, Duplicate, Invalid, TaskNotFound
from tintype.domain.ports.clock import Clock
from tintype.domain.task import Task
from tintype.domain.task_query import TaskQuery

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class MemoryTaskRepository:
    """Finds and keeps tasks within one transaction on the state in memory."""

    def __init__(self, transaction: Transaction, clock: Clock) -> None:
        self._transaction = transaction
        self._clock = clock

    def get(self, task_id: str, *, for_update: bool = False) -> Task:
        """Return a copy of a task; a writing unit is exclusive, so it is locked anyhow.

        Raises:
            TaskNotFound: there is none, or it has outlived itself.
        """
        for task in self._alive():
            if task.id == task_id:
                return _copy(task)
        raise TaskNotFound(task_id)

    def add(self, task: Task) -> None:
        """Record a new task.

        Raises:
            Duplicate: the id was used before.
            Invalid: a text holds a NUL character.
        """
        tasks = self._transaction.change().tasks
        if task.id in tasks:
            raise Duplicate(f"Task ID {task.id} already exists!")
        tasks[task.id] = _checked(task)

    def save(self, task: Task) -> None:
        """Replace a task by what it became.

        Raises:
            Invalid: a text holds a NUL character.
        """
        self._transaction.change().tasks[task.id] = _checked(task)

    def list(self, query: TaskQuery, *, seen_by: Caller) -> Sequence[Task]:
        """Return copies of the tasks of one page, without what lists leave out.

        Raises:
            BadMarker: the marker names no task that the caller sees.
        """
        mine = [task for task in self._alive() if _lists(seen_by, task)]
        after = None
        if query.marker is not None:
            after = next((task for task in mine if task.id == query.marker), None)
            if after is None:
                raise BadMarker(query.marker, "task")
        found = sorted(
            (task for task in mine if _fits(query, task)),
            key=lambda task: _place(query, task),
            reverse=query.descending,
        )
        if after is not None:
            found = [task for task in found if _follows(query, task, after)]
        return [_stub(task) for task in found[: max(0, query.limit)]]

    def of_image(self, image_id: str, *, seen_by: Caller) -> Sequence[Task]:
        """Return copies of the tasks of an image that the caller sees, oldest first."""
        found = [
            _copy(task)
            for task in self._alive()
            if task.image_id == image_id and task.seen_by(seen_by)
        ]
        return sorted(found, key=lambda task: (task.created_at, task.id))

    def remove_expired(self, at: datetime) -> int:
        """Forget the tasks of all owners that have outlived themselves; tell how many."""
        tasks = self._transaction.change().tasks
        expired = [task.id for task in tasks.values() if _is_expired(task, at)]
        for task_id in expired:
            del tasks[task_id]
        return len(expired)

    def _alive(self) -> Iterator[Task]:
        now = self._clock.now()
        return (
            task for task in self._transaction.state.tasks.values() if not _is_expired(task, now)
        )


def _is_expired(task: Task, now: datetime) -> bool:
    return task.expires_at is not None and task.expires_at <= now


def _lists(caller: Caller, task: Task) -> bool:
    return caller.is_admin or task.owner == caller.project_id


def _fits(query: TaskQuery, task: Task) -> bool:
    return all(getattr(task, name) == value for name, value in query.filters.items())


def _place(query: TaskQuery, task: Task) -> tuple[Any, ...]:
    return tuple(_comparable(name, getattr(task, name)) for name in query.keys)


def _comparable(name: str, value: Any) -> Any:
    if value is None:
        return _NEVER if name.endswith("_at") else ""
    return value


def _follows(query: TaskQuery, task: Task, marker: Task) -> bool:
    here, there = _place(query, task), _place(query, marker)
    return here < there if query.descending else here > there


def _copy(task: Task) -> Task:
    return replace(
        task,
        input=_json(task.input),
        result=_json(task.result),
        progress=dict(task.progress),
        secrets=dict(task.secrets),
    )


def _stub(task: Task) -> Task:
    return replace(task, input=None, result=None, message="", progress={}, secrets={})


def _checked(task: Task) -> Task:
    # Not every database can store it (PostgreSQL cannot), so no catalogue does.
    texts = (task.id, task.type, task.owner, task.message, task.user_id, task.request_id)
    if any("\0" in text for text in texts if text):
        raise Invalid("NUL characters cannot be stored.")
    return _copy(task)


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value))

"""Tasks by the database functions (database §8)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tintype.application.records.times import naive_now
from tintype.application.retry import retried
from tintype.domain.errors import Duplicate, Forbidden, TaskNotFound
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.records import Records, RecordWork, Row
from tintype.domain.record.task_query import TaskRecordQuery
from tintype.domain.record.text import json_text, require_mapping
from tintype.domain.record.viewer import Viewer
from tintype.domain.task import NOBODY

_INFO = ("input", "result", "message")
_JSON = ("input", "result")
_PROTECTED = ("id", "created_at", "updated_at", "deleted", "deleted_at")


@dataclass(frozen=True)
class TaskRecords:
    """Tasks as rows. From `expires_at` on they show as deleted, whether or not they are."""

    work: RecordWork
    clock: Clock
    ids: IdSource

    @retried
    def create(self, values: Mapping[str, Any]) -> Row:
        """Record a task and return it.

        Raises:
            Duplicate: the id was used before.
            Invalid: a value cannot be.
        """
        require_mapping("A task", values)
        now = naive_now(self.clock)
        head: Row = {"id": self.ids.new(), "created_at": now, "updated_at": now, "deleted": False}
        head |= {name: value for name, value in values.items() if value is not None}
        head["owner"] = values.get("owner") or NOBODY
        with self.work() as records:
            try:
                records.tasks.add(**head)
            except Duplicate as error:
                raise Duplicate(f"Task ID {head['id']} already exists!") from error
            info = {**dict.fromkeys(_INFO), **values}
            records.task_info.add(task_id=head["id"], **_stored(info))
            answer = self._whole(records, _known(records, head["id"]))
            records.commit()
        return answer

    @retried
    def update(self, viewer: Viewer, task_id: str, values: Mapping[str, Any]) -> Row:
        """Change a task that the caller sees and return it.

        Raises:
            TaskNotFound, Forbidden: it does not.
            Invalid: a value cannot be.
        """
        require_mapping("A task", values)
        head = {name: value for name, value in values.items() if name not in _PROTECTED}
        if "owner" in head:
            head["owner"] = head["owner"] or NOBODY
        with self.work() as records:
            self._seen(records, viewer, task_id, lock=True)
            records.tasks.change(head | {"updated_at": naive_now(self.clock)}, id=task_id)
            info = _stored(values)
            if info and not records.task_info.find(task_id=task_id):
                records.task_info.add(task_id=task_id, **info)
            elif info:
                records.task_info.change(info, task_id=task_id)
            answer = self._whole(records, _known(records, task_id))
            records.commit()
        return answer

    def get(self, viewer: Viewer, task_id: str, *, even_deleted: bool = False) -> Row:
        """Return a task that the caller sees.

        Raises:
            TaskNotFound: there is none, or it is deleted.
            Forbidden: it is somebody else's.
        """
        with self.work(read_only=True) as records:
            task = self._seen(records, viewer, task_id, even_deleted=even_deleted)
            return self._whole(records, task)

    @retried
    def delete(self, viewer: Viewer, task_id: str) -> Row:
        """Mark a task as deleted and return it; raises as `get`."""
        now = naive_now(self.clock)
        mark = {"deleted": True, "deleted_at": now, "updated_at": now}
        with self.work() as records:
            self._seen(records, viewer, task_id, lock=True)
            records.tasks.change(mark, id=task_id)
            answer = self._whole(records, _known(records, task_id))
            records.commit()
        return answer

    def list(
        self, viewer: Viewer, query: TaskRecordQuery, marker: str | None = None
    ) -> Sequence[Row]:
        """Return a page of tasks, without input, result and message.

        Raises:
            TaskNotFound, Forbidden: the marker is no task that the caller sees.
        """
        now = naive_now(self.clock)
        with self.work(read_only=True) as records:
            after = None
            if marker is not None:
                # Pages have deleted tasks too, and may end with one.
                self._seen(records, viewer, marker, even_deleted=True)
                after = _known(records, marker)
            rows = records.tasks.list(query, viewer, after, now)
        return [_head(row, now) for row in rows]

    def of_image(self, viewer: Viewer, image_id: str) -> Sequence[Row]:
        """Return the tasks of an image that the caller sees and that last, oldest first."""
        now = naive_now(self.clock)
        there = {} if viewer.sees_deleted else {"deleted": False}
        with self.work(read_only=True) as records:
            rows = [
                row
                for row in records.tasks.find(image_id=image_id, **there)
                if not _is_expired(row, now) and _is_seen(viewer, row)
            ]
            rows.sort(key=lambda row: (row["created_at"], row["id"]))
            info = records.task_info.find(task_id=[row["id"] for row in rows]) if rows else []
        infos = {row["task_id"]: row for row in info}
        return [_head(row, now) | _info(infos.get(row["id"])) for row in rows]

    def _seen(
        self,
        records: Records,
        viewer: Viewer,
        task_id: str,
        *,
        even_deleted: bool = False,
        lock: bool = False,
    ) -> Row:
        task = _head(_known(records, task_id, lock=lock), naive_now(self.clock))
        if task["deleted"] and not (even_deleted or viewer.sees_deleted):
            raise TaskNotFound(task_id)
        if not _is_seen(viewer, task):
            raise Forbidden(f"You may not see task {task_id}.")
        return task

    def _whole(self, records: Records, task: Row) -> Row:
        found = records.task_info.find(task_id=task["id"])
        return _head(task, naive_now(self.clock)) | _info(found[0] if found else None)


def _known(records: Records, task_id: str, *, lock: bool = False) -> Row:
    for row in records.tasks.find(lock=lock, id=task_id):
        return row
    raise TaskNotFound(task_id)


def _is_seen(viewer: Viewer, task: Row) -> bool:
    owner = task["owner"] or None
    return viewer.caller.is_admin or owner is None or viewer.caller.owns(owner)


def _is_expired(task: Row, now: datetime) -> bool:
    return task["expires_at"] is not None and task["expires_at"] <= now


def _head(row: Row, now: datetime) -> Row:
    task = row | {"owner": row["owner"] or None}
    if not row["deleted"] and _is_expired(row, now):
        task |= {"deleted": True, "deleted_at": row["expires_at"]}
    return task


def _info(row: Row | None) -> Row:
    if row is None:
        return dict.fromkeys(_INFO)
    return {name: _load(row[name]) if name in _JSON else row[name] for name in _INFO}


def _stored(values: Mapping[str, Any]) -> Row:
    """Return the columns beside the task itself, with JSON as text."""
    stored = {name: values[name] for name in _INFO if name in values}
    for name in _JSON:
        if stored.get(name) is not None:
            stored[name] = json_text(f"The {name} of a task", stored[name])
    return stored


def _load(text: str | None) -> Any:
    """Read a JSON value; older programs may have left plain text."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text

"""Tasks in SQL."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    cast,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database import stored_json
from tintype.adapters.database.exactly import equals
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import own_tasks, task_info, tasks
from tintype.adapters.database.values import aware, naive, require_storable, storable
from tintype.domain.caller import Caller
from tintype.domain.errors import BadMarker, Duplicate, TaskNotFound
from tintype.domain.task import NOBODY, Progress, Task, TaskStatus
from tintype.domain.task_query import TaskQuery

_c = tasks.c
_HEAD = (
    *(_c.id, _c.type, _c.owner, _c.created_at, _c.updated_at, _c.status),
    *(_c.image_id, _c.user_id, _c.request_id, _c.expires_at),
)
_BODY = (
    *(task_info.c.input, task_info.c.result, task_info.c.message),
    *(own_tasks.c.progress, own_tasks.c.secrets, own_tasks.c.attempts),
)
_time = _c.expires_at.type
_LIVE = and_(
    _c.deleted == false(),
    or_(_c.expires_at.is_(None), _c.expires_at > bindparam("at", type_=_time)),
)
_HEADS = select(*_HEAD).where(_LIVE)
_WHOLE = (
    select(*_HEAD, *_BODY)
    .select_from(
        tasks.outerjoin(task_info, task_info.c.task_id == _c.id).outerjoin(
            own_tasks, own_tasks.c.task_id == _c.id
        )
    )
    .where(_LIVE)
)
_GET = _WHOLE.where(_c.id == bindparam("this_task"))
_LOCK = select(_c.id).where(_c.id == bindparam("this_task")).with_for_update()
_OF_IMAGE = _WHOLE.where(_c.image_id == bindparam("of_image")).order_by(_c.created_at, _c.id)
_SAVE = update(tasks).where(_c.id == bindparam("this_task"))
_SAVE_INFO = update(task_info).where(task_info.c.task_id == bindparam("this_task"))
_SAVE_OWN = update(own_tasks).where(own_tasks.c.task_id == bindparam("this_task"))
_EXPIRE = (
    update(tasks)
    .where(_c.deleted == false(), _c.expires_at <= bindparam("at", type_=_time))
    .values(deleted=true(), deleted_at=bindparam("at", type_=_time))
)
_MAX_ID = 36
_NEVER = datetime(1970, 1, 1)


class SqlTaskRepository:
    """The tables `tasks` and `task_info`, and `tintype_tasks` for what they have no room for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, task_id: str, *, for_update: bool = False) -> Task:
        """Return a task; with `for_update` nobody else changes it until the unit ends.

        Raises:
            TaskNotFound: there is none, or it has outlived itself.
        """
        if len(task_id) > _MAX_ID or not storable(task_id):
            raise TaskNotFound(task_id)
        this = {"this_task": task_id}
        if for_update and self._session.dialect != "sqlite":
            self._session.find(_LOCK, this)
        rows = self._session.find(_GET, this | self._now())
        # An adopted database on MySQL finds ids whatever their case.
        if not rows or rows[0].id != task_id:
            raise TaskNotFound(task_id)
        return _whole(rows[0])

    def add(self, task: Task) -> None:
        """Record a new task.

        Raises:
            Duplicate: the id was used before.
            Invalid: the database cannot hold a text or a value of it.
        """
        _require_storable(task)
        head = {
            **_head_values(task),
            **{"id": task.id, "type": task.type, "owner": task.owner or NOBODY},
            **{"user_id": task.user_id, "request_id": task.request_id},
            **{"created_at": naive(task.created_at), "deleted": False},
        }
        try:
            self._session.execute(insert(tasks), head)
        except IntegrityError as error:
            raise Duplicate(f"Task ID {task.id} already exists!") from error
        info = {"task_id": task.id, "input": _dump(task.input), **_info_values(task)}
        self._session.execute(insert(task_info), info)
        own = {"task_id": task.id, **_own_values(task)}
        self._session.execute(insert(own_tasks), own)

    def save(self, task: Task) -> None:
        """Write what became of a task that was got for update.

        Raises:
            Invalid: the database cannot hold a text or a value of it.
        """
        _require_storable(task)
        this = {"this_task": task.id}
        self._session.execute(_SAVE, this | _head_values(task))
        for statement, table, values in (
            (_SAVE_INFO, task_info, _info_values(task)),
            (_SAVE_OWN, own_tasks, _own_values(task)),
        ):
            # The field's programs write no row of ours, and may have written none of theirs.
            if self._session.execute(statement, this | values).rowcount == 0:
                self._session.execute(insert(table), {"task_id": task.id, **values})

    def list(self, query: TaskQuery, *, seen_by: Caller) -> Sequence[Task]:
        """Return one page, without what lists leave out.

        Raises:
            BadMarker: the marker names no task that the caller sees.
        """
        after = self._marker(query.marker, seen_by) if query.marker is not None else None
        values = {f"is_{name}": _bound(value) for name, value in query.filters.items()}
        if query.limit <= 0 or not all(storable(v) for v in values.values() if isinstance(v, str)):
            return []
        order = (query.keys, query.descending, after is not None)
        statement = _page(self._session.dialect, *order, tuple(query.filters))
        if not seen_by.is_admin:
            statement = statement.where(equals(_c.owner, seen_by.project_id or NOBODY))
        if after is not None:
            values |= {
                f"after_{name}": _sortable(name, getattr(after, name)) for name in query.keys
            }
        parameters = values | self._now() | {"page": query.limit}
        return [_head(row) for row in self._session.find(statement, parameters)]

    def _marker(self, marker: str, caller: Caller) -> Task:
        try:
            task = self.get(marker)
        except TaskNotFound as error:
            raise BadMarker(marker, "task") from error
        if not caller.is_admin and task.owner != caller.project_id:
            raise BadMarker(marker, "task")
        return task

    def of_image(self, image_id: str, *, seen_by: Caller) -> Sequence[Task]:
        """Return the tasks of an image that the caller sees, oldest first."""
        rows = self._session.find(_OF_IMAGE, {"of_image": image_id} | self._now())
        return [task for task in map(_whole, rows) if task.seen_by(seen_by)]

    def remove_expired(self, at: datetime) -> int:
        """Remove the tasks of all owners that have outlived themselves; tell how many."""
        return self._session.execute(_EXPIRE, {"at": naive(at)}).rowcount

    def _now(self) -> dict[str, datetime]:
        return {"at": naive(self._session.now())}


@lru_cache(maxsize=256)
def _page(
    dialect: str,
    keys: tuple[str, ...],
    descending: bool,
    marked: bool,
    filters: tuple[str, ...],
) -> Select[Any]:
    """Return the statement of a page; the keys and the filters are names of columns."""
    columns = [_sorted_by(name, dialect) for name in keys]
    statement = _HEADS.where(
        *(_is(_c[name], bindparam(f"is_{name}", type_=_c[name].type)) for name in filters)
    )
    if marked:
        statement = statement.where(_beyond([*zip(keys, columns, strict=True)], descending))
    order = [column.desc() if descending else column.asc() for column in columns]
    return statement.order_by(*order).limit(bindparam("page"))


def _is(column: Column[Any], value: BindParameter[Any]) -> ColumnElement[bool]:
    return equals(column, value) if isinstance(column.type, String) else column == value


def _sorted_by(name: str, dialect: str) -> ColumnElement[Any]:
    column = _c[name]
    if not column.nullable:
        return column
    set_or_least = func.coalesce(column, literal(_sortable(name, None), type_=column.type))
    if dialect == "mysql" and name.endswith("_at"):
        # It takes such a mixture for text, and a whole second for less than itself with ".0".
        return cast(set_or_least, mysql.DATETIME(fsp=6))
    return set_or_least


def _sortable(name: str, value: Any) -> Any:
    if value is None:
        return _NEVER if name.endswith("_at") else NOBODY
    return _bound(value)


def _beyond(
    keys: Sequence[tuple[str, ColumnElement[Any]]], descending: bool
) -> ColumnElement[bool]:
    """Say "after the marker" of keys: past it in one, and level with it in all before that."""
    (name, column), *rest = keys
    marker = bindparam(f"after_{name}", type_=_c[name].type)
    past = column < marker if descending else column > marker
    return or_(past, and_(column == marker, _beyond(rest, descending))) if rest else past


def _bound(value: Any) -> Any:
    return naive(value) if isinstance(value, datetime) else value


def _require_storable(task: Task) -> None:
    require_storable(task.id, task.type, task.owner, task.message)
    require_storable(task.image_id, task.user_id, task.request_id)


def _head_values(task: Task) -> dict[str, Any]:
    return {
        "status": task.status.value,
        "updated_at": naive(task.updated_at),
        "expires_at": task.expires_at and naive(task.expires_at),
        "image_id": task.image_id,
    }


def _info_values(task: Task) -> dict[str, Any]:
    return {"result": _dump(task.result), "message": task.message}


def _own_values(task: Task) -> dict[str, Any]:
    return {
        "attempts": task.attempts,
        "progress": _dump(task.progress),
        "secrets": _dump(dict(task.secrets)),
    }


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _load(text: str | None) -> Any:
    """Read a JSON value; what is none that can be shown stays text, as other programs left it."""
    if text is None:
        return None
    try:
        return stored_json.read(text)
    except ValueError:
        return text


def _head(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        type=row.type,
        owner=row.owner or None,
        created_at=aware(row.created_at),
        updated_at=aware(row.updated_at or row.created_at),
        status=TaskStatus(row.status),
        image_id=row.image_id,
        user_id=row.user_id,
        request_id=row.request_id,
        expires_at=row.expires_at and aware(row.expires_at),
    )


def _whole(row: Row[Any]) -> Task:
    task = _head(row)
    task.input, task.result = _load(row.input), _load(row.result)
    task.message = row.message or ""
    progress = _load(row.progress) or {}
    task.progress = {store: Progress(*bytes_) for store, bytes_ in progress.items()}
    task.secrets = _load(row.secrets) or {}
    task.attempts = row.attempts or 0
    return task

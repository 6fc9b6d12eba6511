"""Lists of the rows of tasks: deleted ones too, by any column (database §8)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, true

from tintype.adapters.database.image_lists.conditions import comes_after_stepwise
from tintype.adapters.database.records.image_list import least, sortable
from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import tasks
from tintype.adapters.database.values import storable
from tintype.domain.record.task_query import TaskRecordQuery
from tintype.domain.record.viewer import Viewer
from tintype.domain.task import NOBODY

_c = tasks.c


class SqlTaskRows(SqlRows):
    """The table `tasks`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, tasks)

    def list(
        self,
        query: TaskRecordQuery,
        viewer: Viewer,
        marker: dict[str, Any] | None,
        at: datetime,
    ) -> list[dict[str, Any]]:
        """Return a page, which begins after the marker, as tasks are at that time."""
        if query.limit == 0 or not self._can_match(query.filters):
            return []
        keys = [(sortable(_c[key.name], self._session.dialect), key) for key in query.sort]
        statement = (
            select(tasks)
            .where(*(_is(name, value, at) for name, value in query.filters.items()))
            .order_by(*(it.desc() if key.descending else it.asc() for it, key in keys))
            .limit(query.limit)
        )
        caller = viewer.caller
        if not caller.is_admin:
            project = caller.project_id
            known = project if project is not None and storable(project) else NOBODY
            statement = statement.where(_c.owner == known)
        parameters = {}
        if marker is not None:
            statement = statement.where(comes_after_stepwise(keys))
            for column, key in keys:
                value = marker[key.name]
                parameters[f"after_{key.name}"] = least(column) if value is None else value
        return [dict(row._mapping) for row in self._session.find(statement, parameters)]


def _is(name: str, value: Any, at: datetime) -> ColumnElement[bool]:
    if name == "deleted":
        # A task that has outlived itself is deleted, whether or not somebody wrote it down.
        gone = or_(_c.deleted == true(), and_(_c.expires_at.is_not(None), _c.expires_at <= at))
        return gone if value else not_(gone)
    return _c[name].is_(None) if value is None else _c[name] == value

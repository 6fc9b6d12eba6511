"""Lists of the rows of tasks: deleted ones too, by any column (database §8)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, true

from tintype.adapters.database.records.columns import can_match, equals
from tintype.adapters.database.records.order import page
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
        if query.limit == 0 or not can_match(query.filters):
            return []
        matching = select(tasks).where(*(_is(*each, at) for each in query.filters.items()))
        caller = viewer.caller
        if not caller.is_admin:
            project = caller.project_id
            known = project if project is not None and storable(project) else NOBODY
            matching = matching.where(equals(_c.owner, known))
        statement, place = page(matching, tasks, query.sort, marker, self._session.dialect)
        rows = self._session.find(statement.limit(query.limit), place)
        return [dict(row._mapping) for row in rows]


def _is(name: str, value: Any, at: datetime) -> ColumnElement[bool]:
    if name == "deleted":
        # A task that has outlived itself is deleted, whether or not somebody wrote it down.
        gone = or_(_c.deleted == true(), and_(_c.expires_at.is_not(None), _c.expires_at <= at))
        return gone if value else not_(gone)
    if name == "owner":
        value = value or NOBODY
    return equals(_c[name], value)

"""Members, of which there may be many."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from tintype.adapters.database.exactly import equals
from tintype.adapters.database.members import drop_double_members
from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_members, images
from tintype.adapters.database.values import storable
from tintype.domain.record.viewer import Viewer

_c = image_members.c


class SqlMemberRows(SqlRows):
    """The table `image_members`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, image_members)

    def seen_by(self, viewer: Viewer, **equal: Any) -> list[dict[str, Any]]:
        """Return rows of the caller's and of its images, all to administrators, by number."""
        statement = select(image_members).where(*self._conditions(equal)).order_by(_c.id)
        if not viewer.caller.is_admin:
            statement = statement.where(_concerns(viewer.caller.project_id))
        return [dict(row._mapping) for row in self._session.find(statement)]

    def drop_doubles(self, image_id: str) -> None:
        """Delete live rows of an image that cannot end in one moment with an older one."""
        drop_double_members(self._session, image_id)


def _concerns(project: str | None) -> ColumnElement[bool]:
    if project is None or not storable(project):
        nobodys = select(images.c.id).where(images.c.owner.is_(None))
        return _c.image_id.in_(nobodys)
    own = select(images.c.id).where(equals(images.c.owner, project))
    return or_(equals(_c.member, project), _c.image_id.in_(own))

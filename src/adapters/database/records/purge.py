"""Deleting rows for good that were marked as deleted long ago."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Insert,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    select,
)

from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import (
    field_schema,
    image_locations,
    image_members,
    image_properties,
    image_tags,
    images,
    leases,
    own_tasks,
    purged_images,
    task_info,
    tasks,
)
from tintype.adapters.database.values import naive
from tintype.domain.lease import Purpose
from tintype.domain.status import UPLOADING, Status

_CHILDREN = (image_properties, image_tags, image_locations, image_members)
_HANGING: Mapping[Table, Sequence[Column[Any]]] = {
    tasks: (task_info.c.task_id, own_tasks.c.task_id)
}
"""What goes together with a row."""

_SPARED: Mapping[Table, Sequence[ColumnElement[bool]]] = {
    images: [
        *(exists().where(child.c.image_id == images.c.id) for child in _CHILDREN),
        and_(images.c.deleted == false(), images.c.status.in_(sorted(UPLOADING))),
    ],
    # The row is all that says where the data is.
    image_locations: [
        exists().where(
            leases.c.image_id == image_locations.c.image_id,
            leases.c.purpose == Purpose.DELETE.value,
        ),
        image_locations.c.status == Status.PENDING_DELETE.value,
        and_(
            image_locations.c.deleted == false(),
            image_locations.c.status != Status.DELETED.value,
        ),
    ],
}
"""What stays because there is data still."""


class SqlDeletedRows:
    """Rows of any table with the column `deleted_at`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def purge(self, table: str, before: datetime, at_most: int) -> int:
        """Delete the oldest rows, as `DeletedRows.purge`."""
        from_table = field_schema.tables[table]
        (key,) = from_table.primary_key.columns
        may_go = _may_go(from_table, before)
        oldest = select(key).where(*may_go).order_by(from_table.c.deleted_at, key).limit(at_most)
        found = [row[0] for row in self._session.find(oldest)]
        # Locked by their keys: to find them, a database may have to look at every row.
        still = select(key).where(key.in_(found), *may_go).with_for_update()
        keys = [row[0] for row in self._session.find(still)] if found else []
        if not keys:
            return 0
        for hanging in _HANGING.get(from_table, ()):
            self._session.execute(delete(hanging.table).where(hanging.in_(keys)))
        if from_table is images:
            self._session.execute(_remember(keys, naive(self._session.now())))
        # What was brought back meanwhile stays.
        gone = delete(from_table).where(key.in_(keys), from_table.c.deleted_at < before)
        return int(self._session.execute(gone).rowcount)

    def count(self, table: str, before: datetime, at_most: int | None) -> int:
        """Return how many rows could go, as `DeletedRows.count`."""
        from_table = field_schema.tables[table]
        (key,) = from_table.primary_key.columns
        going = select(key).where(*_may_go(from_table, before)).limit(at_most).subquery()
        return int(self._session.find(select(func.count()).select_from(going))[0][0])

    def was_purged(self, image_id: str) -> bool:
        """Tell whether there was an image of that id, as `DeletedRows.was_purged`."""
        return bool(
            self._session.find(select(purged_images.c.id).where(purged_images.c.id == image_id))
        )


def _remember(keys: Sequence[str], at: datetime) -> Insert:
    known = exists().where(purged_images.c.id == images.c.id)
    ids = select(images.c.id, literal(at, purged_images.c.at.type))
    return insert(purged_images).from_select(["id", "at"], ids.where(images.c.id.in_(keys), ~known))


def _may_go(table: Table, before: datetime) -> list[ColumnElement[bool]]:
    # Some programs set the time alone.
    return [
        table.c.deleted_at < before,
        *(not_(spared) for spared in _SPARED.get(table, ())),
    ]

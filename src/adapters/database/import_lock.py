"""The import lock of an image: a property that no save changes, set and removed atomically.

Source: spec database §2 (the atomic property functions), import-and-tasks §5.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, false, insert, null, true, update
from sqlalchemy.dialects import postgresql

from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_properties
from tintype.adapters.database.values import naive
from tintype.domain.import_lock import PROPERTY

_c = image_properties.c
_OF_IMAGE = (_c.image_id == bindparam("this_image"), _c.name == PROPERTY)
_REVIVE = (
    update(image_properties)
    .where(*_OF_IMAGE, _c.deleted == true())
    .values(name=PROPERTY, value=bindparam("task"), deleted=false(), deleted_at=null())
)
_ADD: dict[str, Any] = {
    "sqlite": insert(image_properties).prefix_with("OR IGNORE"),
    "mysql": insert(image_properties).prefix_with("IGNORE"),
    "postgresql": postgresql.insert(image_properties).on_conflict_do_nothing(),
}
_REMOVE = delete(image_properties).where(
    *_OF_IMAGE, _c.value == bindparam("task"), _c.deleted == false()
)


def take_lock(session: Session, image_id: str, task_id: str) -> bool:
    """Give a task the lock if nobody has it; one of several who try at once succeeds.

    The row of a property that was removed is still there and must be used again. Each of the
    two statements has one winner, and at most one of them has any.
    """
    now = naive(session.now())
    changes = {"this_image": image_id, "task": task_id, "updated_at": now}
    if session.execute(_REVIVE, changes, about=image_id).rowcount == 1:
        return True
    row = _row(image_id, task_id, now)
    return session.execute(_ADD[session.dialect], row, about=image_id).rowcount == 1


def _row(image_id: str, task_id: str, now: datetime) -> dict[str, Any]:
    return {
        **{"image_id": image_id, "name": PROPERTY, "value": task_id},
        **{"created_at": now, "updated_at": now, "deleted": False},
    }


def release_lock(session: Session, image_id: str, task_id: str) -> bool:
    """Take the lock off if it is that task's; False if not."""
    parameters = {"this_image": image_id, "task": task_id}
    return session.execute(_REMOVE, parameters, about=image_id).rowcount == 1

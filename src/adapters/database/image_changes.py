"""Writing what changed about an image, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    String,
    Table,
    and_,
    bindparam,
    false,
    func,
    insert,
    null,
    select,
    true,
    update,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from tintype.adapters.database.exactly import equals
from tintype.adapters.database.image_rows import COLUMNS
from tintype.adapters.database.label_times import TIME, properties, tags
from tintype.adapters.database.location_changes import (
    ACTIVE,
    gone,
    mark_locations,
    new_child,
)
from tintype.adapters.database.members import drop_double_members
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import (
    image_members,
    image_properties,
    image_tags,
    images,
)
from tintype.adapters.database.values import naive, require_storable
from tintype.domain.errors import AlikeInDatabase, StaleWrite
from tintype.domain.image import Image
from tintype.domain.import_lock import PROPERTY as IMPORT_LOCK
from tintype.domain.location import Location
from tintype.domain.status import GONE, Status

_MICROSECOND = timedelta(microseconds=1)
_TIMES = ("created_at", "updated_at")


@dataclass(slots=True)
class Snapshot:
    """An image as the database has it.

    `locked`: this transaction holds the row, so nobody else changes it.
    """

    columns: dict[str, Any]
    updated_at: datetime
    properties: dict[str, str]
    tags: list[str]
    locations: list[Location]
    locked: bool

    @classmethod
    def of(cls, image: Image, *, locked: bool) -> "Snapshot":
        """Remember how the image is now."""
        return cls(
            columns=columns_of(image),
            updated_at=image.updated_at,
            properties=dict(image.properties),
            tags=list(image.tags),
            locations=list(image.locations),
            locked=locked,
        )


def columns_of(image: Image) -> dict[str, Any]:
    """Return the image's own columns, without its times."""
    columns = {name: getattr(image, name) for name in COLUMNS if name not in _TIMES}
    columns["status"] = image.status.value
    columns["visibility"] = image.visibility.value
    return columns


def require_texts_storable(image: Image) -> None:
    """Refuse texts that no database takes.

    Raises:
        Invalid: some attribute, property, tag or location holds such a text.
    """
    columns = columns_of(image)
    require_storable(*(value for value in columns.values() if isinstance(value, str)))
    require_storable(*image.properties, *image.properties.values(), *image.tags)
    require_storable(*(location.url for location in image.locations))


# ------------------------------------------------------------------ the image's own row

_SAVE = update(images).where(images.c.id == bindparam("this_image"))
_UNTOUCHED = and_(
    images.c.status == bindparam("status_then"),
    images.c.deleted == bindparam("deleted_then"),
    images.c.updated_at == bindparam("updated_then", type_=images.c.updated_at.type),
)
_SAVE_UNTOUCHED = _SAVE.where(_UNTOUCHED)


def write_columns(session: Session, image: Image, was: Snapshot) -> None:
    """Write changed columns and move `updated_at` on.

    Raises:
        StaleWrite: the row is not as it was.
    """
    now = max(session.now(), was.updated_at + _MICROSECOND)
    columns = columns_of(image)
    changed = {name: value for name, value in columns.items() if value != was.columns[name]}
    parameters = {"this_image": image.id, "updated_at": naive(now), **changed}
    if "status" in changed:
        gone = image.status in GONE
        parameters |= {"deleted": gone, "deleted_at": naive(now) if gone else None}
    if not was.locked:
        parameters |= {
            "status_then": was.columns["status"],
            "deleted_then": was.columns["status"] in GONE,
            "updated_then": naive(was.updated_at),
        }
    statement = _SAVE if was.locked else _SAVE_UNTOUCHED
    if session.execute(statement, parameters, about=image.id).rowcount != 1:
        raise StaleWrite(image.id)
    image.updated_at = now


def insert_columns(session: Session, image: Image) -> None:
    """Write the row of a new image.

    Raises:
        IntegrityError: the id is taken.
    """
    gone = image.status in GONE
    row = {
        **columns_of(image),
        "created_at": naive(image.created_at),
        "updated_at": naive(image.updated_at),
        "deleted": gone,
        "deleted_at": naive(image.updated_at) if gone else None,
    }
    session.execute(insert(images), row, about=image.id)


# ------------------------------------------------------------------ properties and tags


def _upsert(dialect: str) -> Insert:
    """Add a property, or overwrite the row that it had: a removed one's row is still there."""
    fields = ("value", "deleted", "deleted_at", "updated_at", TIME)
    if dialect == "mysql":
        on_mysql = mysql.insert(properties)
        # The row may be of a name that it only takes for the same. A live one keeps its name,
        # by which `_require_own_rows` finds it; first, while the mark is as it was.
        name = func.if_(properties.c.deleted, on_mysql.inserted.name, properties.c.name)
        return on_mysql.on_duplicate_key_update(
            [("name", name), *((field, on_mysql.inserted[field]) for field in fields)]
        )
    if dialect == "sqlite":
        on_sqlite = sqlite.insert(properties)
        return on_sqlite.on_conflict_do_update(
            index_elements=["image_id", "name"],
            set_={field: on_sqlite.excluded[field] for field in fields},
        )
    on_postgresql = postgresql.insert(properties)
    return on_postgresql.on_conflict_do_update(
        index_elements=["image_id", "name"],
        set_={field: on_postgresql.excluded[field] for field in fields},
    )


_UPSERT = {dialect: _upsert(dialect) for dialect in ("sqlite", "postgresql", "mysql")}


def _soft_deletion(table: Table, *keys: str) -> Any:
    """Remove the live rows of an image whose `keys` equal the parameters `this_<key>`."""
    return (
        update(table)
        .where(
            table.c.image_id == bindparam("this_image"),
            *(equals(table.c[key], bindparam(f"this_{key}", type_=String)) for key in keys),
            table.c.deleted == false(),
        )
        .values(deleted=true())
    )


_DROP_PROPERTY = _soft_deletion(image_properties, "name")
_DROP_TAG = _soft_deletion(image_tags, "value")
_DROP_ALL = [_soft_deletion(table) for table in (image_properties, image_tags, image_members)]
_ADD_TAG: dict[str, Insert] = {
    # Another program may add the same tag at the same moment: then it is there, as is wanted.
    "sqlite": sqlite.insert(tags).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tags).on_conflict_do_nothing(),
    "mysql": mysql.insert(tags).on_duplicate_key_update(image_id=tags.c.image_id),
}


_LIVE_PROPERTIES = select(image_properties.c.name).where(
    image_properties.c.image_id == bindparam("this_image"), image_properties.c.deleted == false()
)
_LIKE = _LIVE_PROPERTIES.where(image_properties.c.name == bindparam("this_name"))


def write_properties(session: Session, image: Image, was: dict[str, str]) -> None:
    """Write properties that are gone, new or different, but for the import lock.

    Raises:
        AlikeInDatabase: the database takes the name of one for that of another.
    """
    stamp = naive(image.updated_at)
    # Before the others, so that one of a name that the database takes for the same finds a row.
    _each(
        session,
        _DROP_PROPERTY,
        image.id,
        (
            {**_dropped(image.id, stamp), "this_name": name}
            for name in was
            if name not in image.properties and name != IMPORT_LOCK
        ),
    )
    written = {
        name: value
        for name, value in image.properties.items()
        if was.get(name) != value and name != IMPORT_LOCK
    }
    _each(
        session,
        _UPSERT[session.dialect],
        image.id,
        (
            {**_new_label(image, stamp), "name": name, "value": value}
            for name, value in written.items()
        ),
    )
    if written and session.dialect == "mysql":
        _require_own_rows(session, image.id, written)


def _require_own_rows(session: Session, image_id: str, names: Iterable[str]) -> None:
    """Refuse names that were written into the rows of others."""
    this_image = {"this_image": image_id}
    found = {row.name for row in session.find(_LIVE_PROPERTIES, this_image, about=image_id)}
    for name in names:
        if name not in found:
            this = this_image | {"this_name": name}
            other = session.execute(_LIKE, this, about=image_id).scalar_one()
            raise AlikeInDatabase("properties", name, other)


def write_tags(session: Session, image: Image, was: list[str]) -> None:
    """Write tags that are new or gone."""
    stamp = naive(image.updated_at)
    before, after = set(was), set(image.tags)
    _each(
        session,
        _DROP_TAG,
        image.id,
        ({**_dropped(image.id, stamp), "this_value": tag} for tag in was if tag not in after),
    )
    _each(
        session,
        _ADD_TAG[session.dialect],
        image.id,
        ({**_new_label(image, stamp), "value": tag} for tag in image.tags if tag not in before),
    )


def _new_label(image: Image, stamp: datetime) -> dict[str, Any]:
    return {**new_child(image.id, stamp), TIME: naive(image.created_at)}


def _each(session: Session, statement: Any, image_id: str, rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        session.execute(statement, found, about=image_id)


def _dropped(image_id: str, stamp: datetime) -> dict[str, Any]:
    return {"this_image": image_id, "deleted_at": stamp, "updated_at": stamp}


# ------------------------------------------------------------------ the end, and the way back


def _revival(table: Table) -> Any:
    """Bring back the rows of an image that went in the same moment as the image itself."""
    gone = select(images.c.deleted_at).where(images.c.id == bindparam("this_image"))
    return (
        update(table)
        .where(
            table.c.image_id == bindparam("this_image"),
            table.c.deleted == true(),
            table.c.deleted_at == gone.scalar_subquery(),
        )
        .values(deleted=false(), deleted_at=null())
    )


_REVIVE = [_revival(table) for table in (image_properties, image_tags, image_members)]


def write_return(session: Session, image: Image, was: Snapshot) -> None:
    """Let what belongs to an image come back with it, before its row is written.

    Another service on the same database takes it away at once when a deletion is delayed.
    """
    if was.columns["status"] == Status.PENDING_DELETE.value and image.status not in GONE:
        for statement in _REVIVE:
            session.execute(statement, {"this_image": image.id}, about=image.id)


def write_end(session: Session, image: Image, was: Snapshot) -> None:
    """Follow the image into or out of the states of images that are gone.

    Its locations stay on record while their data is still there, for housekeeping to read.
    """
    before, after = Status(was.columns["status"]), image.status
    if before is after:
        return
    stamp = naive(image.updated_at)
    if after is Status.PENDING_DELETE:
        mark_locations(session, image.id, stamp, ACTIVE, gone(after, stamp))
    elif after is Status.DELETED:
        _drop_everything(session, image.id, stamp)
    elif before is Status.PENDING_DELETE:
        back = {"status": ACTIVE, "deleted": False, "deleted_at": None}
        mark_locations(session, image.id, stamp, before.value, back)


def _drop_everything(session: Session, image_id: str, at: datetime) -> None:
    drop_double_members(session, image_id)
    for statement in _DROP_ALL:
        session.execute(statement, _dropped(image_id, at), about=image_id)
    for status in (ACTIVE, Status.PENDING_DELETE.value):
        mark_locations(session, image_id, at, status, gone(Status.DELETED, at))

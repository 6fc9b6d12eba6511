"""Images in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Engine,
    Select,
    String,
    bindparam,
    exists,
    false,
    literal_column,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database.exactly import equals
from tintype.adapters.database.image_changes import (
    Snapshot,
    insert_columns,
    require_texts_storable,
    write_columns,
    write_end,
    write_properties,
    write_return,
    write_tags,
)
from tintype.adapters.database.image_labels import (
    locations_after,
    past_location,
    relabel_location,
)
from tintype.adapters.database.image_lists.statements import ListStatements
from tintype.adapters.database.image_rows import image_of, whole_images
from tintype.adapters.database.import_lock import release_lock, take_lock
from tintype.adapters.database.location_changes import write_locations
from tintype.adapters.database.planned import Planned
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_members, images, purged_images
from tintype.adapters.database.values import naive, storable
from tintype.domain.caller import Caller
from tintype.domain.errors import BadMarker, Duplicate, ImageNotFound
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.visibility import Sight

_MAX_ID = 36
_THIS = images.c.id == bindparam("this_image")
_LOCK = select(images.c.id).where(_THIS).with_for_update()
_IS_MEMBER: Select[Any] = select(literal_column("1")).where(
    exists().where(
        image_members.c.image_id == bindparam("this_image"),
        equals(image_members.c.member, bindparam("project", type_=String)),
        image_members.c.deleted == false(),
    )
)


_WAS_PURGED = select(purged_images.c.id).where(purged_images.c.id == bindparam("this_image"))

_PENDING_DELETION = (
    select(images.c.id)
    .where(
        images.c.deleted == true(),
        images.c.status == Status.PENDING_DELETE.value,
        images.c.deleted_at <= bindparam("before", type_=images.c.deleted_at.type),
    )
    .order_by(images.c.deleted_at, images.c.id)
)

_IMPORTING = select(images.c.id).where(
    images.c.deleted == false(),
    images.c.status == Status.IMPORTING.value,
    images.c.updated_at <= bindparam("before", type_=images.c.updated_at.type),
)


def _statements(dialect: str) -> tuple[Select[Any], Select[Any]]:
    return (
        whole_images(dialect).where(_THIS, images.c.deleted == false()),
        whole_images(dialect, gone=True).where(_THIS),
    )


_GET = {dialect: _statements(dialect) for dialect in ("sqlite", "postgresql", "mysql")}
_LISTS = {dialect: ListStatements(dialect) for dialect in _GET}


def planned_get(engine: Engine) -> Planned | None:
    """Return how an image is read at the least cost, on databases that let one choose."""
    if engine.dialect.name != "postgresql":
        return None
    statement, _ = _GET[engine.dialect.name]
    return Planned("tintype_image", statement, engine.dialect)


class SqlImageRepository:
    """The table `images` and what hangs on it.

    Reads are a constant number of statements, whatever they return.
    """

    def __init__(self, session: Session, planned_get: Planned | None = None) -> None:
        self._session = session
        self._planned_get = planned_get if session.read_only else None
        self._get, self._get_gone = _GET[session.dialect]
        self._lists = _LISTS[session.dialect]
        self._snapshots: dict[Image, Snapshot] = {}

    def get(self, image_id: str, *, seen_by: Caller, for_update: bool = False) -> Image:
        """Return the image if the caller sees it.

        Raises:
            ImageNotFound: there is none, or the caller may not know.
        """
        image = self._find(self._get, image_id, lock=for_update)
        if image is None or not self._sees(seen_by, image):
            raise ImageNotFound(image_id)
        return image

    def get_gone(self, image_id: str) -> Image | None:
        """Return the image in whatever state, locked; None if there never was one."""
        return self._find(self._get_gone, image_id, lock=True)

    def pending_deletion(self, before: datetime) -> Sequence[str]:
        """Return the ids of images that went into `pending_delete` up to then, oldest first."""
        rows = self._session.find(_PENDING_DELETION, {"before": naive(before)})
        return [row.id for row in rows]

    def importing(self, before: datetime) -> Sequence[str]:
        """Return the ids of images in `importing` that were last changed up to then."""
        rows = self._session.find(_IMPORTING, {"before": naive(before)})
        return [row.id for row in rows]

    def _find(self, statement: Select[Any], image_id: str, *, lock: bool) -> Image | None:
        if len(image_id) > _MAX_ID or not storable(image_id):
            return None
        parameters = {"this_image": image_id}
        # SQLite locked everything when the transaction began. Elsewhere the image is read by a
        # statement of its own after the lock: one that waits for it sees stale properties.
        if lock and self._session.dialect != "sqlite":
            self._session.find(_LOCK, parameters, about=image_id)
        if self._planned_get is not None and statement is self._get:
            rows = self._session.find_planned(self._planned_get, image_id)
        else:
            rows = self._session.find(statement, parameters, about=image_id)
        # An adopted database on MySQL finds ids whatever their case.
        if not rows or rows[0][0] != image_id:
            return None
        image = image_of(rows[0], self._session.urls)
        self._remember(image, locked=lock)
        return image

    def _remember(self, image: Image, *, locked: bool) -> None:
        if not self._session.read_only:
            self._snapshots[image] = Snapshot.of(image, locked=locked)

    def _sees(self, caller: Caller, image: Image) -> bool:
        sight = image.sight(caller)
        if sight is not Sight.IF_MEMBER:
            return sight is Sight.YES
        if caller.project_id is None or not storable(caller.project_id):
            return False
        parameters = {"this_image": image.id, "project": caller.project_id}
        return bool(self._session.find(_IS_MEMBER, parameters, about=image.id))

    def add(self, image: Image) -> None:
        """Record a new image.

        Raises:
            Duplicate: the id was used before, also by an image deleted since.
            AlikeInDatabase: the database takes two properties for the same.
            Invalid: the database cannot hold a text.
        """
        require_texts_storable(image)
        try:
            insert_columns(self._session, image)
        except IntegrityError as error:
            raise Duplicate(f"Image ID {image.id} already exists!") from error
        write_properties(self._session, image, {})
        write_tags(self._session, image, [])
        write_locations(self._session, image, [])
        self._remember(image, locked=True)

    def was_purged(self, image_id: str) -> bool:
        """Tell whether there was an image of that id, of which no row is left."""
        parameters = {"this_image": image_id}
        return bool(self._session.find(_WAS_PURGED, parameters, about=image_id))

    def save(self, image: Image) -> None:
        """Write what changed since the image was got; `updated_at` moves to now.

        Raises:
            StaleWrite: the row is not as it was got: somebody else was faster.
            AlikeInDatabase: the database takes two properties for the same.
            Invalid: the database cannot hold a text.
        """
        was = self._snapshots[image]
        require_texts_storable(image)
        write_return(self._session, image, was)
        write_columns(self._session, image, was)
        write_properties(self._session, image, was.properties)
        write_tags(self._session, image, was.tags)
        write_locations(self._session, image, was.locations)
        write_end(self._session, image, was)
        self._remember(image, locked=True)

    def relabel(self, image_id: str, before: Location, after: Location) -> bool:
        """Give a recorded location another URL and metadata; False if it is not as it was."""
        return relabel_location(self._session, image_id, before, after)

    def locations(self, *, after: int, limit: int) -> Sequence[tuple[str, Location]]:
        """Give recorded locations beyond a number, each with the id of its image."""
        return locations_after(self._session, after, limit)

    def past_location(self, image_id: str, number: int) -> Location | None:
        """Return a location that an image had; None if it has it still, or never had it."""
        return past_location(self._session, image_id, number)

    def take_lock(self, image_id: str, task_id: str) -> bool:
        """Give a task the import lock of an image if nobody has it."""
        return take_lock(self._session, image_id, task_id)

    def release_lock(self, image_id: str, task_id: str) -> bool:
        """Take the import lock of an image off if it is that task's; False if not."""
        return release_lock(self._session, image_id, task_id)

    def list(self, query: ImageQuery, *, seen_by: Caller) -> Sequence[Image]:
        """Return one page.

        Raises:
            BadMarker: the marker names no image that the caller sees.
        """
        after = self._marker(query.marker, seen_by) if query.marker is not None else None
        if query.limit <= 0:
            return []
        rows: Sequence[Any] = []
        for statement, parameters in self._lists.pages(query, seen_by, after, self._first_row):
            rows = self._session.find(statement, parameters)
            if len(rows) >= query.limit:
                break
        found = [image_of(row, self._session.urls) for row in rows]
        if not self._session.read_only:
            for image in found:
                self._remember(image, locked=False)
        return found

    def _first_row(self, statement: Select[Any], parameters: dict[str, Any]) -> Sequence[Any]:
        rows = self._session.find(statement, parameters)
        return rows[0] if rows else ()

    def _marker(self, marker: str, caller: Caller) -> Image:
        try:
            return self.get(marker, seen_by=caller)
        except ImageNotFound as error:
            raise BadMarker(marker) from error

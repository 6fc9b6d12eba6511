"""Images by the database functions (database §2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tintype.application.records import locations, properties
from tintype.application.records.seen import (
    changeable_image,
    is_mutable,
    is_visible,
    known_image,
    seen_image,
    whole_images,
)
from tintype.application.records.times import later, naive_now
from tintype.application.retry import retried, retried_patiently
from tintype.domain.errors import Conflict, Duplicate
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.records import Records, RecordWork, Row
from tintype.domain.record import image as rules
from tintype.domain.record.image_query import ImageRecordQuery
from tintype.domain.record.text import require_mapping, require_three_bytes
from tintype.domain.record.viewer import Viewer
from tintype.domain.status import Status


@dataclass(frozen=True)
class ImageRecords:
    """Images as rows, with their properties and locations."""

    work: RecordWork
    clock: Clock
    ids: IdSource

    @retried_patiently
    def create(self, viewer: Viewer, values: Mapping[str, Any]) -> Row:
        """Record an image, its properties and its locations.

        Raises:
            Invalid: a value cannot be.
            Duplicate: the id was used before, also by an image deleted or purged since.
        """
        require_mapping("An image", values)
        require_three_bytes(values)
        now = naive_now(self.clock)
        row = {"id": self.ids.new(), "created_at": now, "updated_at": now} | rules.new(values)
        with self.work() as records:
            image_id = _added(records, row)
            properties.write(records, image_id, values.get("properties") or {}, now)
            locations.write(records, image_id, values.get("locations") or [], now)
            answer = self._whole(records, viewer, known_image(records, image_id))
            records.commit()
        return answer

    @retried_patiently
    def update(
        self,
        viewer: Viewer,
        image_id: str,
        values: Mapping[str, Any],
        *,
        purge_props: bool = False,
        from_state: str | None = None,
        atomic_props: Collection[str] = (),
    ) -> Row:
        """Change an image that the caller sees and may change.

        Raises:
            ImageNotFound, Forbidden, PublicImageForbidden: it does not, or may not.
            Invalid: a value cannot be.
            Conflict: the image has another status than `from_state`.
        """
        require_mapping("An image", values)
        require_three_bytes(values)
        columns = rules.changes(values)
        with self.work() as records:
            image = changeable_image(records, viewer, image_id)
            if from_state is not None and image["status"] != from_state:
                raise Conflict(
                    f"cannot transition from {image['status']} to {columns.get('status')} "
                    f"in update (wanted from_state={from_state})"
                )
            now = later(self.clock, image["updated_at"])
            records.images.change(columns | {"updated_at": now}, id=image_id)
            given = values.get("properties") or {}
            properties.write(
                records, image_id, given, now, purge=purge_props, untouched=atomic_props
            )
            if values.get("locations") is not None:
                locations.write(records, image_id, values["locations"], now)
            answer = self._whole(records, viewer, known_image(records, image_id))
            records.commit()
        return answer

    @retried_patiently
    def destroy(self, viewer: Viewer, image_id: str) -> Row:
        """Mark an image and all that belongs to it as deleted; its status stays as it is.

        Raises:
            ImageNotFound, Forbidden, PublicImageForbidden: as `update`.
        """
        with self.work() as records:
            image = changeable_image(records, viewer, image_id)
            now = later(self.clock, image["updated_at"])
            mark = {"deleted": True, "deleted_at": now, "updated_at": now}
            records.images.change(mark, id=image_id)
            records.members.drop_doubles(image_id)
            live = {"image_id": image_id, "deleted": False}
            for rows in (records.properties, records.members, records.tags):
                rows.change(mark, **live)
            records.locations.change(mark | {"status": Status.DELETED.value}, **live)
            answer = self._whole(records, viewer, known_image(records, image_id))
            records.commit()
        return answer

    def get(self, viewer: Viewer, image_id: str, *, even_deleted: bool = False) -> Row:
        """Return an image that the caller sees.

        Raises:
            ImageNotFound: there is none, or it is deleted.
            Forbidden: the caller does not see it.
        """
        with self.work(read_only=True) as records:
            image = seen_image(records, viewer, image_id, even_deleted=even_deleted)
            return self._whole(records, viewer, image, even_deleted=even_deleted)

    def list(
        self,
        viewer: Viewer,
        query: ImageRecordQuery,
        marker: str | None = None,
        *,
        as_user: Viewer | None = None,
        even_deleted: bool = False,
        with_tags: bool = False,
    ) -> Sequence[Row]:
        """Return a page of images; `as_user` is who the page is for.

        Raises:
            ImageNotFound, Forbidden: the marker is no image that the caller sees.
        """
        with self.work(read_only=True) as records:
            after = None
            if marker is not None:
                after = seen_image(records, viewer, marker, even_deleted=even_deleted)
            rows = records.images.list(query, as_user or viewer, after)
            return whole_images(
                records, viewer, rows, even_deleted=even_deleted, with_tags=with_tags
            )

    def is_visible(self, viewer: Viewer, image: Mapping[str, Any], status: str | None) -> bool:
        """Tell whether the caller sees an image; `status` narrows to such members.

        Raises:
            Invalid: it is no mapping, or there is no such visibility.
        """
        require_mapping("An image", image)
        with self.work(read_only=True) as records:
            return is_visible(records, viewer, image, status)

    def is_mutable(self, viewer: Viewer, image: Mapping[str, Any]) -> bool:
        """Tell whether the caller may change an image.

        Raises:
            Invalid: it is no mapping.
        """
        require_mapping("An image", image)
        return is_mutable(viewer, image)

    @retried
    def set_property(self, image_id: str, name: str, value: str) -> None:
        """Give an image a property that it has not; one of several who try succeeds.

        Raises:
            ImageNotFound: there is no such image.
            Duplicate: the image has the property.
        """
        require_three_bytes(name, value)
        with self.work() as records:
            known_image(records, image_id, lock=True)
            properties.add(records, image_id, name, value, naive_now(self.clock))
            records.commit()

    @retried
    def delete_property(self, image_id: str, name: str, value: str) -> None:
        """Take a property from an image for good if it has that value.

        Raises:
            NotFound: it has not.
        """
        with self.work() as records:
            properties.remove(records, image_id, name, value)
            records.commit()

    def _whole(
        self, records: Records, viewer: Viewer, image: Row, *, even_deleted: bool = False
    ) -> Row:
        (whole,) = whole_images(records, viewer, [image], even_deleted=even_deleted)
        return whole


def _added(records: Records, row: Row) -> str:
    try:
        image_id: str = records.images.add(**row)
    except Duplicate as error:
        raise Duplicate(f"Image ID {row['id']} already exists!") from error
    # Looked for once the row is there, which waits for whoever is purging one of that id.
    if records.deleted.was_purged(image_id):
        raise Duplicate(f"Image ID {row['id']} already exists!")
    return image_id

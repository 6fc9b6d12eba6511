"""Images (database §2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tintype.domain.record.image_query import ImageRecordQuery
from tintype.domain.record.viewer import Viewer
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.answers import image_of
from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.context import viewer_of
from tintype.entrypoints.python.database.errors import translated
from tintype.entrypoints.python.database.image_filters import read_filters, shows_deleted
from tintype.entrypoints.python.database.sorting import page_size, sorted_by

Image = dict[str, Any]
"""The columns of an image by name, its `properties` and its `locations`."""

COLUMNS = (
    *("id", "name", "disk_format", "container_format", "size", "virtual_size", "status"),
    *("visibility", "checksum", "os_hash_algo", "os_hash_value", "min_disk", "min_ram"),
    *("owner", "protected", "os_hidden", "created_at", "updated_at", "deleted_at", "deleted"),
)
"""What images can be sorted by."""


def image_create(context: Any, values: Mapping[str, Any]) -> Image:
    """Record an image with its `properties` (a mapping) and `locations` (a list).

    `status` must be given. Id and times are made if they are not given. `is_public` may stand
    for `visibility`.

    Raises:
        Invalid: a value cannot be.
        Duplicate: the id was used before, also by an image deleted or purged since.
    """
    with translated():
        return image_of(bound().images.create(viewer_of(context), values))


def image_update(
    context: Any,
    image_id: str,
    values: Mapping[str, Any],
    purge_props: bool = False,
    from_state: str | None = None,
    atomic_props: Collection[str] | None = None,
) -> Image:
    """Change an image, and return what it is then.

    `properties` are added or get other values; with `purge_props` all others are deleted. Those
    named in `atomic_props` stay as they are. `locations` replace what there is: an empty list
    removes all. Id, times of creation and deletion, and what is no column are passed over.

    Raises:
        ImageNotFound, Forbidden: there is none, or the caller does not see it or own it;
            ForbiddenPublicImage if everybody sees it.
        Conflict: its status is not `from_state`.
        Invalid: a value cannot be.
    """
    with translated():
        image = bound().images.update(
            viewer_of(context),
            image_id,
            values,
            purge_props=purge_props,
            from_state=from_state,
            atomic_props=atomic_props or (),
        )
    return image_of(image)


def image_destroy(context: Any, image_id: str) -> Image:
    """Mark an image and what belongs to it as deleted; its status stays.

    Raises:
        ImageNotFound, Forbidden, ForbiddenPublicImage: as `image_update`.
    """
    with translated():
        return image_of(bound().images.destroy(viewer_of(context), image_id))


def image_get(context: Any, image_id: str, force_show_deleted: bool = False) -> Image:
    """Return an image; a deleted one if the context or the argument asks for it.

    Raises:
        ImageNotFound: there is none.
        Forbidden: the caller does not see it.
    """
    with translated():
        viewer = viewer_of(context)
        return image_of(bound().images.get(viewer, image_id, even_deleted=force_show_deleted))


def image_get_all(
    context: Any,
    filters: Mapping[str, Any] | None = None,
    marker: str | None = None,
    limit: int | None = None,
    sort_key: Sequence[str] | None = None,
    sort_dir: Sequence[str] | None = None,
    member_status: str = "accepted",
    is_public: bool | None = None,
    admin_as_user: bool = False,
    return_tag: bool = False,
) -> list[Image]:
    """Return images that the caller sees and that all filters match, deleted ones too.

    The page begins after the image `marker`. With `return_tag` each has its `tags`.

    Raises:
        InvalidFilterOperatorValue, InvalidFilterRangeValue, InvalidParameterValue: a filter
            cannot be read.
        InvalidSortKey: there is no such column.
        ImageNotFound, Forbidden: the marker is no image that the caller sees.
    """
    filters = filters or {}
    query = ImageRecordQuery(
        sort=sorted_by(sort_key, sort_dir, COLUMNS),
        limit=page_size(limit),
        public=is_public,
        member_status=None if member_status == "all" else member_status,
        **read_filters(filters),
    )
    viewer = viewer_of(context)
    with translated():
        images = bound().images.list(
            viewer,
            query,
            marker,
            as_user=_as_user(viewer) if admin_as_user else None,
            even_deleted=shows_deleted(filters),
            with_tags=return_tag,
        )
    return [image_of(image) for image in images]


def _as_user(viewer: Viewer) -> Viewer:
    return replace(viewer, caller=replace(viewer.caller, is_admin=False))


def image_restore(context: Any, image_id: str) -> None:
    """Make an image that is about to be deleted active again, with all that belonged to it.

    Of locations of one URL only the oldest comes back.

    Raises:
        ImageNotFound: there never was one.
        Conflict: it is not about to be deleted, or its data is being removed at this moment.
    """
    if not isinstance(image_id, str):
        raise exceptions.ImageNotFound(f"No image found with ID {image_id!r}")
    with translated():
        bound().restore_image(image_id)


def is_image_visible(context: Any, image: Mapping[str, Any], status: str | None = None) -> bool:
    """Tell whether the caller sees an image; `status` narrows to members of that status.

    Raises:
        Invalid: the image is no mapping, or there is no such visibility.
    """
    with translated():
        return bound().images.is_visible(viewer_of(context), image, status)


def is_image_mutable(context: Any, image: Mapping[str, Any]) -> bool:
    """Tell whether the caller may change an image.

    Raises:
        Invalid: the image is no mapping.
    """
    with translated():
        return bound().images.is_mutable(viewer_of(context), image)


def image_set_property_atomic(image_id: str, name: str, value: str) -> None:
    """Give an image a property that it has not; of several who try at once one succeeds.

    Raises:
        Duplicate: the image has the property.
        ImageNotFound: there is no such image.
    """
    with translated():
        bound().images.set_property(image_id, name, value)


def image_delete_property_atomic(image_id: str, name: str, value: str) -> None:
    """Take a property from an image, for good, if it has that value.

    Raises:
        NotFound: it has not.
    """
    with translated():
        bound().images.delete_property(image_id, name, value)

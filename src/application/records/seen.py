"""Images as a caller of the database functions sees them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tintype.domain.errors import Forbidden, ImageNotFound, Invalid, PublicImageForbidden
from tintype.domain.ports.records import Records, Row
from tintype.domain.record.viewer import Viewer
from tintype.domain.status import Status
from tintype.domain.visibility import Sight, Visibility, may_change, sight_of_row


def known_image(records: Records, image_id: str, *, lock: bool = False) -> Row:
    """Return the row of an image, deleted or not, whoever sees it.

    Raises:
        ImageNotFound: there never was one.
    """
    for row in records.images.find(lock=lock, id=image_id):
        return row
    raise ImageNotFound(image_id)


def seen_image(
    records: Records,
    viewer: Viewer,
    image_id: str,
    *,
    even_deleted: bool = False,
    lock: bool = False,
) -> Row:
    """Return the row of an image that the caller sees.

    Raises:
        ImageNotFound: there is none, or it is deleted.
        Forbidden: the caller does not see it.
    """
    image = known_image(records, image_id, lock=lock)
    if image["deleted"] and not (even_deleted or viewer.sees_deleted):
        raise ImageNotFound(image_id)
    if not is_visible(records, viewer, image):
        raise Forbidden(f"You may not see image {image_id}.")
    return image


def changeable_image(records: Records, viewer: Viewer, image_id: str) -> Row:
    """Return the row of an image that the caller may change, locked.

    Raises:
        ImageNotFound, Forbidden: as `seen_image`.
        PublicImageForbidden: everybody sees it, and the caller does not own it.
    """
    image = seen_image(records, viewer, image_id, lock=True)
    if not is_mutable(viewer, image):
        everybodys = image["visibility"] in (Visibility.PUBLIC, Visibility.COMMUNITY)
        raise (PublicImageForbidden if everybodys else Forbidden)("You do not own this image")
    return image


def is_visible(
    records: Records, viewer: Viewer, image: Mapping[str, Any], status: str | None = None
) -> bool:
    """Tell whether the caller sees an image; `status` narrows to such members.

    Raises:
        Invalid: there is no such visibility.
    """
    caller = viewer.caller
    visibility = _visibility(image.get("visibility") or Visibility.SHARED)
    sight = sight_of_row(visibility, image.get("owner"), caller)
    if sight is not Sight.IF_MEMBER:
        return sight is Sight.YES
    of_status: Row = {} if status is None else {"status": status}
    return bool(
        records.members.find(
            image_id=image.get("id"), member=caller.project_id, deleted=False, **of_status
        )
    )


def _visibility(value: Any) -> Visibility:
    try:
        return Visibility(value)
    except ValueError:
        raise Invalid(f"Invalid visibility {value!r}: use {', '.join(Visibility)}.") from None


def is_mutable(viewer: Viewer, image: Mapping[str, Any]) -> bool:
    """Tell whether the caller may change an image."""
    return may_change(image.get("owner"), viewer.caller)


def whole_images(
    records: Records,
    viewer: Viewer,
    rows: Sequence[Row],
    *,
    even_deleted: bool = False,
    with_tags: bool = False,
) -> list[Row]:
    """Return images with their parts: properties, deleted ones too, and locations.

    Locations that are deleted show with `even_deleted`; those of a deactivated image show to
    administrators.
    """
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    there: dict[str, Any] = {} if even_deleted else {"deleted": False}
    properties = _by_image(records.properties.find(image_id=ids))
    locations = _by_image(records.locations.find(image_id=ids, **there))
    tags = _by_image(records.tags.find(image_id=ids, deleted=False)) if with_tags else {}
    images = []
    for row in rows:
        image = dict(row)
        image["properties"] = properties.get(row["id"], [])
        withheld = row["status"] == Status.DEACTIVATED and not viewer.caller.is_admin
        shown = [] if withheld else locations.get(row["id"], [])
        image["locations"] = [*map(_location, shown)]
        if with_tags:
            image["tags"] = distinct(tag["value"] for tag in tags.get(row["id"], []))
        images.append(image)
    return images


def distinct(texts: Iterable[str]) -> list[str]:
    """Return each text once, where it came first."""
    return [*dict.fromkeys(texts)]


def _by_image(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row["image_id"]].append(row)
    return found


def _location(row: Row) -> Row:
    return {
        "id": row["id"],
        "url": row["value"],
        "metadata": json.loads(row["meta_data"] or "{}"),
        "status": row["status"],
    }

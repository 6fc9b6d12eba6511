"""What belongs to images: locations, properties, tags and members (database §3-6)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.answers import Entry
from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.context import viewer_of
from tintype.entrypoints.python.database.errors import translated

Row = dict[str, Any]


def image_location_add(context: Any, image_id: str, location: Mapping[str, Any]) -> None:
    """Add a location: `url`, `metadata` and `status`.

    Raises:
        ImageNotFound: there is no such image.
        Duplicate: the image has a location of that URL.
        Invalid: a value cannot be.
    """
    with translated():
        bound().locations.add(image_id, location)


def image_location_update(context: Any, image_id: str, location: Mapping[str, Any]) -> None:
    """Change the location whose `id` is given: `url`, `metadata` and `status`.

    Raises:
        NotFound: the image has no such location, or is not there.
        Duplicate: the image has another location of that URL.
        Invalid: a value cannot be, or there is no id.
    """
    with translated():
        bound().locations.update(image_id, location)


def image_location_delete(
    context: Any,
    image_id: str,
    location_id: int,
    status: str,
    delete_time: datetime | None = None,
) -> None:
    """Mark a location as `deleted` or `pending_delete`, at that time or now.

    Raises:
        Invalid: another status is given, or the time is none.
        NotFound: the image has no such location.
    """
    if delete_time is not None:
        if not isinstance(delete_time, datetime):
            raise exceptions.Invalid(f"The time of deletion must be a time, not {delete_time!r}.")
        if delete_time.tzinfo is not None:
            delete_time = delete_time.astimezone(UTC).replace(tzinfo=None)
    with translated():
        bound().locations.delete(image_id, location_id, status, delete_time)


def image_property_create(context: Any, values: Mapping[str, Any]) -> Row:
    """Give the image `image_id` (or `id`) the property `name` with a `value`; return it.

    Raises:
        Duplicate: the image has the property: delete it first.
        ImageNotFound: there is no such image.
        Invalid: the name or the value cannot be.
    """
    image_id = _image_id(values)
    if values.get("name") is None:
        raise exceptions.Invalid("A property must have a name.")
    with translated():
        return Entry(bound().properties.create(image_id, values["name"], values.get("value")))


def image_property_delete(context: Any, prop_ref: str, image_ref: str) -> Row:
    """Mark the property of that name of that image as deleted; return it.

    Raises:
        NotFound: the image does not have it.
    """
    with translated():
        return Entry(bound().properties.delete(image_ref, prop_ref))


def image_tag_set_all(context: Any, image_id: str, tags: Iterable[str] | None) -> None:
    """Have an image carry these tags and no others.

    Raises:
        ImageNotFound: there is no such image.
        Invalid: a tag is too long.
    """
    with translated():
        bound().tags.set_all(image_id, tags or [])


def image_tag_create(context: Any, image_id: str, value: str) -> str:
    """Have an image carry a tag, which it may do already; return the tag.

    Raises:
        ImageNotFound: there is no such image.
        Invalid: the tag cannot be.
    """
    with translated():
        return bound().tags.create(image_id, value)


def image_tag_delete(context: Any, image_id: str, value: str) -> None:
    """Take a tag from an image.

    Raises:
        NotFound: the image does not carry it.
    """
    with translated():
        bound().tags.delete(image_id, value)


def image_tag_get_all(context: Any, image_id: str) -> list[str]:
    """Return the tags of an image in the order in which they came; none if there is none."""
    with translated():
        return bound().tags.all(image_id)


def image_member_create(context: Any, values: Mapping[str, Any]) -> Row:
    """Make `member` a member of the image `image_id` (or `id`), and return the membership.

    One that there is or was is written anew. `status` is pending and `can_share` False unless
    they are given.

    Raises:
        ImageNotFound: there is no such image.
        Invalid: a value cannot be.
    """
    image_id = _image_id(values)
    values = {**values, "image_id": image_id}
    with translated():
        return bound().members.create(values)


def image_member_update(context: Any, memb_id: int, values: Mapping[str, Any]) -> Row:
    """Change the membership of that number, also a deleted one, which is there again then.

    Raises:
        NotFound: there is none.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().members.update(memb_id, values)


def image_member_delete(context: Any, memb_id: int) -> None:
    """Mark the membership of that number as deleted.

    Raises:
        NotFound: there is no live one.
    """
    with translated():
        bound().members.delete(memb_id)


def image_member_find(
    context: Any,
    image_id: str | None = None,
    member: str | None = None,
    status: str | None = None,
    include_deleted: bool = False,
) -> list[Row]:
    """Return memberships of the caller and of its images, all to administrators, by number."""
    given = {"image_id": image_id, "member": member, "status": status}
    equal = {name: value for name, value in given.items() if value is not None}
    with translated():
        return [*bound().members.find(viewer_of(context), include_deleted=include_deleted, **equal)]


def image_member_count(context: Any, image_id: str) -> int:
    """Return how many members an image has.

    Raises:
        Invalid: no image is named.
    """
    with translated():
        return bound().members.count(image_id)


def _image_id(values: Mapping[str, Any]) -> str:
    if not isinstance(values, Mapping):
        raise exceptions.Invalid(
            f"Values must be given as a mapping of names to values, not as {values!r}."
        )
    image_id = values.get("image_id") or values.get("id")
    if not image_id:
        raise exceptions.Invalid("The image must be named by image_id.")
    return str(image_id)

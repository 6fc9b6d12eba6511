"""What owners have (database §7)."""

from typing import Any

from tintype.domain.quota import Resource
from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.errors import translated


def user_get_storage_usage(context: Any, owner_id: str, image_id: str | None = None) -> int:
    """Return the bytes in stores of an owner's images, once for each location.

    The image `image_id` does not count.
    """
    return _usage(Resource.SIZE_TOTAL, owner_id, image_id)


def user_get_staging_usage(context: Any, owner_id: str) -> int:
    """Return the bytes of an owner's images that are being uploaded, imported or copied."""
    return _usage(Resource.STAGE_TOTAL, owner_id)


def user_get_image_count(context: Any, owner_id: str) -> int:
    """Return how many images an owner has."""
    return _usage(Resource.COUNT_TOTAL, owner_id)


def user_get_uploading_count(context: Any, owner_id: str) -> int:
    """Return how many images of an owner are getting data."""
    return _usage(Resource.COUNT_UPLOADING, owner_id)


def _usage(resource: Resource, owner: str, without_image: str | None = None) -> int:
    with translated():
        return bound().usage.of(resource, owner or "", without_image)

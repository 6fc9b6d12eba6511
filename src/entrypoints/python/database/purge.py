"""Deleting for good what was deleted long ago (database §10)."""

from typing import Any

from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.errors import translated


def purge_deleted_rows(context: Any, age_in_days: Any, max_rows: Any) -> dict[str, int]:
    """Delete rows that were deleted so many days ago, but no images.

    Of each table at most `max_rows` go, the oldest first; -1 is all. Locations whose data is
    still to be deleted stay. Returns how many went, by table.

    Raises:
        Invalid: an argument is no whole number, nor the text of one, or out of range.
    """
    with translated():
        return dict(bound().purge.rows(age_in_days, max_rows))


def purge_deleted_rows_from_images(context: Any, age_in_days: Any, max_rows: Any) -> int:
    """Delete images that were deleted so many days ago; raises as `purge_deleted_rows`.

    An image of which something is left stays: purge the other tables first. The ids of those
    that went are remembered, and `image_create` does not give them again. Returns how many went.
    """
    with translated():
        return bound().purge.images(age_in_days, max_rows)

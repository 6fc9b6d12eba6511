"""The catalogue of images."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.location import Location


class ImageRepository(Protocol):
    """Finds images and keeps what became of them, within one unit of work.

    An image got from it is remembered as it was; `save` writes what differs and nothing else,
    so that a change made by somebody else to another part of the image survives.
    """

    def get(self, image_id: str, *, seen_by: Caller, for_update: bool = False) -> Image:
        """Return the image if the caller sees it (access-control §4), in O(1) statements.

        With `for_update` nobody else changes the image until the unit of work ends. Deleted
        images and those pending deletion are not found, by anyone. Matching is exact-case.

        Raises:
            ImageNotFound: there is none, or the caller may not know.
        """

    def get_gone(self, image_id: str) -> Image | None:
        """Return the image in whatever state, also deleted or pending deletion, locked.

        For the service's own housekeeping; None if there never was one.
        """

    def pending_deletion(self, before: datetime) -> Sequence[str]:
        """Return the ids of images that went into `pending_delete` up to then, oldest first."""

    def importing(self, before: datetime) -> Sequence[str]:
        """Return the ids of images in `importing` that were last changed up to then."""

    def add(self, image: Image) -> None:
        """Record a new image.

        Raises:
            Duplicate: the id was used before, also by an image deleted since.
            AlikeInDatabase: the database takes two of its properties for the same.
        """

    def was_purged(self, image_id: str) -> bool:
        """Tell whether there was an image of that id, of which nothing else is left.

        Who still trusts such an id must not get the image of a stranger.
        """

    def save(self, image: Image) -> None:
        """Write what changed since the image was got; `updated_at` moves to now.

        The import lock is not among it, whatever the properties of the image say.

        Raises:
            StaleWrite: the row is not as it was got: somebody else was faster.
            AlikeInDatabase: the database takes two of its properties for the same.
        """

    def relabel(self, image_id: str, before: Location, after: Location) -> bool:
        """Give a recorded location another URL and metadata; the image counts as unchanged.

        False, and nothing is done, if the location is not (any more) as it was.
        """

    def locations(self, *, after: int, limit: int) -> Sequence[tuple[str, Location]]:
        """Give recorded locations of images that are there, each with the id of its image.

        They come in the order of their numbers, beginning beyond the number `after`.
        """

    def past_location(self, image_id: str, number: int) -> Location | None:
        """Return a location that an image had, by its number.

        None if the image has it still, never had it, or nobody remembers.
        """

    def take_lock(self, image_id: str, task_id: str) -> bool:
        """Give a task the import lock of an image (`domain.import_lock`) if nobody has it.

        One of several who try at once succeeds.
        """

    def release_lock(self, image_id: str, task_id: str) -> bool:
        """Take the import lock of an image off if it is that task's; False if not."""

    def list(self, query: ImageQuery, *, seen_by: Caller) -> Sequence[Image]:
        """Return one page, in a constant number of statements whatever its size.

        Raises:
            BadMarker: the marker names no image that the caller sees.
        """

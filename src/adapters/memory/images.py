"""Images in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter

from tintype.adapters.memory.listing import Listing, find_visible
from tintype.adapters.memory.state import State, Transaction, copy_image
from tintype.domain.caller import Caller
from tintype.domain.errors import Duplicate, ImageNotFound, Invalid, StaleWrite
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.import_lock import PROPERTY as IMPORT_LOCK
from tintype.domain.location import Location
from tintype.domain.ports.clock import Clock
from tintype.domain.status import GONE, Status

_TICK = timedelta(microseconds=1)


class MemoryImageRepository:
    """Finds and keeps images within one transaction on the state in memory."""

    def __init__(self, transaction: Transaction, clock: Clock) -> None:
        self._transaction = transaction
        self._clock = clock
        self._got: dict[Image, datetime] = {}

    def get(self, image_id: str, *, seen_by: Caller, for_update: bool = False) -> Image:
        """Return a copy of the image; a writing unit is exclusive, so it is locked anyhow.

        Raises:
            ImageNotFound: there is none, or the caller may not know.
        """
        image = find_visible(self._transaction.state, image_id, seen_by)
        if image is None:
            raise ImageNotFound(image_id)
        return self._hand_out(image)

    def get_gone(self, image_id: str) -> Image | None:
        """Return a copy of the image in whatever state; None if there never was one."""
        image = self._transaction.state.images.get(image_id)
        return None if image is None else self._hand_out(image)

    def pending_deletion(self, before: datetime) -> Sequence[str]:
        """Return the ids of images that went into `pending_delete` up to then, oldest first."""
        pending = [
            image
            for image in self._transaction.state.images.values()
            if image.status is Status.PENDING_DELETE and image.updated_at <= before
        ]
        return [image.id for image in sorted(pending, key=lambda it: (it.updated_at, it.id))]

    def importing(self, before: datetime) -> Sequence[str]:
        """Return the ids of images in `importing` that were last changed up to then."""
        return [
            image.id
            for image in self._transaction.state.images.values()
            if image.status is Status.IMPORTING and image.updated_at <= before
        ]

    def add(self, image: Image) -> None:
        """Record a new image.

        Raises:
            Duplicate: the id was used before, also by an image deleted since.
            Invalid: a text holds a NUL character.
        """
        state = self._transaction.change()
        if image.id in state.images:
            raise Duplicate(f"Image ID {image.id} already exists!")
        _refuse_nul(image)
        self._put(image, state)

    def was_purged(self, image_id: str) -> bool:
        """Tell that it was not: here nothing is purged."""
        return False

    def save(self, image: Image) -> None:
        """Replace the image by what it became; `updated_at` moves to now.

        Raises:
            StaleWrite: the image was saved by way of another copy since it was got.
            Invalid: a text holds a NUL character.
        """
        state = self._transaction.change()
        before = state.images[image.id].updated_at
        if self._got[image] != before:
            raise StaleWrite(image.id)
        _refuse_nul(image)
        image.updated_at = max(self._clock.now(), before + _TICK)
        self._put(image, state, lock=state.images[image.id].import_task)

    def take_lock(self, image_id: str, task_id: str) -> bool:
        """Give a task the import lock of an image if nobody has it."""
        return self._exchange_lock(image_id, None, task_id)

    def release_lock(self, image_id: str, task_id: str) -> bool:
        """Take the import lock of an image off if it is that task's; False if not."""
        return self._exchange_lock(image_id, task_id, None)

    def _exchange_lock(self, image_id: str, before: str | None, after: str | None) -> bool:
        images = self._transaction.change().images
        image = images.get(image_id)
        if image is None or image.import_task != before:
            return False
        images[image_id] = copy_image(image)
        _set_lock(images[image_id], after)
        return True

    def relabel(self, image_id: str, before: Location, after: Location) -> bool:
        """Give a recorded location another URL and metadata; False if it is not as it was."""
        image = self._transaction.state.images.get(image_id)
        if image is None or image.status in GONE:
            return False
        known = {location.id: location for location in image.locations}
        if known.get(before.id) != before:
            return False
        row = copy_image(image)
        known[before.id] = replace(known[before.id], url=after.url, metadata=after.metadata)
        row.locations = list(known.values())
        self._transaction.change().images[image_id] = row
        return True

    def locations(self, *, after: int, limit: int) -> Sequence[tuple[str, Location]]:
        """Give recorded locations beyond a number, each with the id of its image."""
        found = [
            (location.id, image.id, location)
            for image in self._transaction.state.images.values()
            for location in image.locations
            if image.status not in GONE and location.id is not None and location.id > after
        ]
        return [
            (image, location) for _, image, location in sorted(found, key=itemgetter(0))[:limit]
        ]

    def past_location(self, image_id: str, number: int) -> Location | None:
        """Return a location that an image had; None if it has it still, or never had it."""
        owner, location = self._transaction.state.past.get(number, (None, None))
        return location if owner == image_id else None

    def list(self, query: ImageQuery, *, seen_by: Caller) -> Sequence[Image]:
        """Return copies of the images of one page.

        Raises:
            BadMarker: the marker names no image that the caller sees.
        """
        page = Listing(self._transaction.state, query, seen_by).page()
        return [self._hand_out(image) for image in page]

    def _hand_out(self, image: Image) -> Image:
        copy = copy_image(image)
        self._got[copy] = copy.updated_at
        return copy

    def _put(self, image: Image, state: State, lock: str | None = None) -> None:
        image.locations = [
            location if location.id is not None else replace(location, id=state.next_number())
            for location in image.locations
        ]
        self._remember_past(image, state)
        row = copy_image(image)
        _set_lock(row, lock)
        if image.status is Status.DELETED:
            _strip(row, state)
        state.images[image.id] = row
        self._got[image] = image.updated_at

    def _remember_past(self, image: Image, state: State) -> None:
        before = state.images.get(image.id)
        kept = {location.id for location in image.locations}
        for location in before.locations if before else ():
            if location.id is not None and location.id not in kept:
                state.past[location.id] = image.id, location


def _set_lock(image: Image, task_id: str | None) -> None:
    image.properties.pop(IMPORT_LOCK, None)
    if task_id is not None:
        image.properties[IMPORT_LOCK] = task_id


def _strip(image: Image, state: State) -> None:
    """Take away what goes with a deleted image (images-api §4.4)."""
    image.properties, image.tags, image.locations = {}, [], []
    for key in [key for key in state.members if key[0] == image.id]:
        state.removed[key] = state.members.pop(key)


def _refuse_nul(image: Image) -> None:
    # Not every database can store it (PostgreSQL cannot), so no catalogue does.
    if any("\0" in text for text in _texts(image)):
        raise Invalid("NUL characters cannot be stored.")


def _texts(image: Image) -> Iterator[str]:
    yield from (image.id, image.owner or "", image.name or "")
    yield from image.tags
    yield from image.properties.keys()
    yield from image.properties.values()
    yield from (location.url for location in image.locations)

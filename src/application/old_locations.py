"""Locations that were recorded before stores had names, or under names of former times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tintype.application.locations import name_stores
from tintype.domain.adoption import without_credentials
from tintype.domain.errors import StoreNotFound
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work

AT_ONCE = 1000


class OldLocations:
    """Remembers which locations reads came across, up to a number; safe between threads.

    More are left for other reads to come across.
    """

    def __init__(self, room: int = AT_ONCE) -> None:
        self._room = room
        self._found: dict[int | None, tuple[str, Location]] = {}

    def name(self, image: Image, stores: Stores) -> Image:
        """Return the image with locations that name their stores, if those have names.

        URLs of S3 are without credentials then. Nobody waits for a write, nor for a store that
        alone can tell whether a location is its own.
        """
        changed = [before for before, _ in name_stores(image, stores)]
        for location in (*changed, *filter(stores.is_undecided, image.locations)):
            if len(self._found) < self._room:
                self._found[location.id] = (image.id, location)
        return image

    def take(self) -> tuple[str, Location] | None:
        """Return an image and a location of it that was found, as it was."""
        try:
            return self._found.popitem()[1]
        except KeyError:
            return None


@dataclass(frozen=True)
class NameStores:
    """Record what reads found out about the stores of locations (stores §4)."""

    work: Work
    stores: Stores
    found: OldLocations = field(default_factory=OldLocations)

    def __call__(self) -> int:
        """Write the names that are still missing, each by itself; return how many it were.

        Stores that alone can tell are asked. What one that does not answer may know is left for
        the next read to come across.
        """
        written = 0
        while (item := self.found.take()) is not None:
            image_id, before = item
            after = self.stores.identify_by_asking(without_credentials(before))
            if after is not before:
                written += self._write(image_id, before, after)
        return written

    def _write(self, image_id: str, before: Location, after: Location) -> bool:
        with self.work() as work:
            written = work.images.relabel(image_id, before, after)
            work.commit()
        return written


@dataclass(frozen=True)
class Identified:
    """What was found out about a location: its store, None if it lies in none that is enabled.

    `written` says whether that was recorded; somebody else may have been faster.
    """

    image_id: str
    location: Location
    store: str | None
    written: bool


@dataclass(frozen=True)
class IdentifyLocations:
    """Name the stores of all recorded locations at once, without waiting for reads (stores §4)."""

    work: Work
    stores: Stores

    def __call__(self, *, dry_run: bool = False) -> Iterator[Identified]:
        """Go through all locations in steps; give those that name no enabled store.

        Each step is recorded by itself, unless it is a `dry_run`: who stops can go on later.

        Raises:
            StoreNotFound: stores have no names here.
        """
        if not self.stores.multiple:
            raise StoreNotFound("Stores have no names here: enabled_backends is not set.")
        last = 0
        while page := self._page(last):
            last = page[-1][1].id or 0
            yield from self._name(page, dry_run)

    def _page(self, last: int) -> Sequence[tuple[str, Location]]:
        with self.work(read_only=True) as work:
            return work.images.locations(after=last, limit=AT_ONCE)

    def _name(self, page: Sequence[tuple[str, Location]], dry_run: bool) -> Sequence[Identified]:
        pairs = [
            (image, before, self.stores.identify_by_asking(without_credentials(before)))
            for image, before in page
        ]
        changes = [pair for pair in pairs if pair[1] is not pair[2]]
        written: set[int | None] = set()
        if changes and not dry_run:
            with self.work() as work:
                written = {pair[1].id for pair in changes if work.images.relabel(*pair)}
                work.commit()
        return [
            Identified(image, before, self._store(after), before.id in written)
            for image, before, after in pairs
            if before is not after or self._store(after) is None
        ]

    def _store(self, location: Location) -> str | None:
        name = location.store
        return name if name is not None and self.stores.named(name) is not None else None

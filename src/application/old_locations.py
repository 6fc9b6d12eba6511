"""Locations that were recorded before stores had names, or under names of former times."""

from dataclasses import dataclass, field

from tintype.application.locations import name_stores
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work

AT_ONCE = 1000


class OldLocations:
    """Remembers which locations reads came across, at most a thousand; safe between threads.

    More are left for other reads to come across.
    """

    def __init__(self) -> None:
        self._found: dict[int | None, tuple[str, Location, Location]] = {}

    def name(self, image: Image, stores: Stores) -> Image:
        """Return the image with locations that name their stores; nobody waits for a write."""
        if stores.multiple and image.locations:
            for before, after in name_stores(image, stores):
                if len(self._found) < AT_ONCE:
                    self._found[before.id] = (image.id, before, after)
        return image

    def take(self) -> tuple[str, Location, Location] | None:
        """Return the image of a location that was found, as it was and as it should be."""
        try:
            return self._found.popitem()[1]
        except KeyError:
            return None


@dataclass(frozen=True)
class NameStores:
    """Record what reads found out about the stores of locations (stores §4)."""

    work: Work
    found: OldLocations = field(default_factory=OldLocations)

    def __call__(self) -> int:
        """Write the names that are still missing, each by itself; return how many it were."""
        written = 0
        while (item := self.found.take()) is not None:
            with self.work() as work:
                written += work.images.relabel(*item)
                work.commit()
        return written

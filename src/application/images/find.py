"""Looking images up, one or many."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tintype.application.access import Access
from tintype.application.locations import by_weight
from tintype.application.old_locations import OldLocations
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work


@dataclass(frozen=True)
class ShowImage:
    """Look one image up (images-api §4.2)."""

    work: Work
    access: Access
    stores: Stores
    old_locations: OldLocations = field(default_factory=OldLocations)

    def __call__(self, caller: Caller, image_id: str) -> Image:
        """Return the image.

        Raises:
            ImageNotFound: there is none that the caller may see.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
        self.access.require(caller, "get_image", image)
        named = self.old_locations.name(image, self.stores)
        return self.access.properties.shown(caller, by_weight(named, self.stores))


@dataclass(frozen=True)
class Page:
    """One page of a list; `next_marker` is there when another page may follow."""

    images: Sequence[Image]
    next_marker: str | None


@dataclass(frozen=True)
class ListImages:
    """Show the images that a caller may see (images-api §7)."""

    work: Work
    access: Access
    stores: Stores

    def __call__(self, caller: Caller, query: ImageQuery) -> Page:
        """Return one page.

        A full page has a next one, whatever policy then hides of it.

        Raises:
            Forbidden: the caller may list nothing; BadMarker: see `ImageRepository.list`.
        """
        self.access.require_target(caller, "get_images", {"project_id": caller.project_id})
        properties = self.access.properties
        if query.properties and not properties.are_readable(caller, query.properties):
            query = replace(query, limit=0)  # what cannot be read cannot be probed either
        with self.work(read_only=True) as work:
            found = work.images.list(query, seen_by=caller)
        full = 0 < query.limit == len(found)
        shown = self.access.authoriser.judge(caller, "get_image")
        page = [by_weight(image, self.stores) for image in found if shown(image)]
        return Page(properties.all_shown(caller, page), found[-1].id if full else None)

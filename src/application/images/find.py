"""Looking images up, one or many."""

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.locations import by_weight
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

    def __call__(self, caller: Caller, image_id: str) -> Image:
        """Return the image.

        Raises:
            ImageNotFound: there is none that the caller may see.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
        self.access.require(caller, "get_image", image)
        return by_weight(image, self.stores)


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
        with self.work(read_only=True) as work:
            found = work.images.list(query, seen_by=caller)
        full = 0 < query.limit == len(found)
        shown = self.access.authoriser.judge(caller, "get_image")
        return Page(
            [by_weight(image, self.stores) for image in found if shown(image)],
            found[-1].id if full else None,
        )

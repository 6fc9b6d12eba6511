"""Telling other services where data is (images-api §9.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tintype.application.access import Access
from tintype.application.locations import by_weight
from tintype.application.old_locations import OldLocations
from tintype.domain.caller import Caller
from tintype.domain.location import Location
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status


@dataclass(frozen=True)
class FetchLocations:
    """Look up where the data of an image is."""

    work: Work
    access: Access
    stores: Stores
    old_locations: OldLocations = field(default_factory=OldLocations)

    def __call__(self, caller: Caller, image_id: str) -> Sequence[Location]:
        """Return the locations, those of the heaviest store first; none of withheld data.

        Raises:
            ImageNotFound: there is no image that the caller may see, or ask this of.
            Forbidden: the caller may see it, but not this.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=self.access.as_service(caller))
        self.access.require(caller, "fetch_image_location", image)
        if image.status is Status.DEACTIVATED and not caller.is_admin:
            return []
        return by_weight(self.old_locations.name(image, self.stores), self.stores).locations

"""Removing the data of places that an image has given up (images-api §9)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tintype.application.given_up import GivenUp
from tintype.application.locations import delete_data
from tintype.application.retry import retried_patiently
from tintype.domain.errors import InUse, StoreUnavailable
from tintype.domain.image import Image
from tintype.domain.lease import Lease, Purpose
from tintype.domain.location import Location
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.status import WITH_DATA


@dataclass(frozen=True, slots=True)
class Removal:
    """Places that an image has no more, each with the lease on its data.

    `before` is the image as it was, and `saved_at` the moment of the change that took them from
    it; they are not known of a removal that another process began.
    """

    image_id: str
    places: Sequence[tuple[Lease, Location]]
    before: Image | None = None
    saved_at: datetime | None = None

    @property
    def leases(self) -> Sequence[Lease]:
        """The leases alone."""
        return [lease for lease, _ in self.places]


@dataclass(frozen=True)
class RemoveData:
    """Remove data in three steps: an image gives its place up, the data goes, its lease ends.

    No transaction is open while a store deletes. As long as the lease is there, nobody puts data
    at that place or says that some is there; see `leaving`.
    """

    work: Work
    stores: Stores
    clock: Clock
    ids: IdSource
    presence: Presence
    lease_time: timedelta
    given_up: GivenUp = field(default_factory=GivenUp)

    def begin(
        self, work: UnitOfWork, before: Image, image: Image, places: Sequence[Location]
    ) -> Removal:
        """Save an image that has given up places, and leave a lease on the data of each.

        Data that another location of the image is of, too, stays. The unit of work is to be
        ended by `commit`.
        """
        places = self._recorded(work, image, places)
        work.images.save(image)
        kept = {location.object for location in image.locations}
        going = [(self._lease(image.id, each), each) for each in places if each.object not in kept]
        for lease, _ in going:
            work.leases.add(lease)
        return Removal(image.id, going, before, image.updated_at)

    def _recorded(
        self, work: UnitOfWork, image: Image, places: Sequence[Location]
    ) -> Sequence[Location]:
        if all(place.id is not None for place in places):
            return places
        # A patch may take away what it has just added: leases speak of numbers, so it gets one.
        left = len(image.locations)
        image.locations = [*image.locations, *places]
        work.images.save(image)
        places, image.locations = image.locations[left:], image.locations[:left]
        return places

    def _lease(self, image_id: str, place: Location) -> Lease:
        return Lease(
            self.ids.new(),
            image_id,
            Purpose.DELETE,
            self.presence.holder,
            self.clock.now() + self.lease_time,
            location=place.id,
        )

    def commit(self, work: UnitOfWork, removal: Removal) -> None:
        """End the unit of work in which a removal began."""
        with self.given_up.unless_done(*removal.leases):
            work.commit()

    def __call__(self, removal: Removal) -> None:
        """Remove the data; when this returns, it is gone.

        Raises:
            InUse, StoreUnavailable: a store keeps it. The image is as it was before, without
                copies that went before the refusal; if somebody changed it meanwhile, only its
                places are put back; if it was deleted, the sweep tries again.
        """
        if not removal.places:
            return
        with self.given_up.unless_done(*removal.leases):
            refusal = self._remove(removal)
        if refusal is not None:
            raise refusal

    def _remove(self, removal: Removal) -> InUse | StoreUnavailable | None:
        gone: set[str] = set()
        try:
            for _, place in removal.places:
                if delete_data(self.stores, place):
                    gone.add(place.object)
        except (InUse, StoreUnavailable) as refusal:
            if not self._put_back(removal, gone):
                raise
            return refusal
        self._release(removal)
        return None

    def resume(self, lease: Lease) -> None:
        """Remove the data that somebody had begun to remove.

        Raises:
            InUse: a store keeps it; the image has its place again. If it was deleted, the lease
                stays.
            StoreUnavailable: nobody knows whether the store still has it; the lease stays.
        """
        with self.given_up.unless_done(lease):
            refusal = self._resume(lease)
        if refusal is not None:
            raise refusal

    def _resume(self, lease: Lease) -> InUse | None:
        with self.work(read_only=True) as work:
            image = work.images.get_gone(lease.image_id)
            place = work.images.past_location(lease.image_id, lease.location or 0)
        listed = {location.object for location in image.locations} if image else frozenset()
        removal = Removal(lease.image_id, [(lease, place)] if place else [])
        try:
            if place is not None and place.object not in listed:
                delete_data(self.stores, place)
        except InUse as refusal:
            if not self._put_back(removal, frozenset()):
                raise
            return refusal
        self._release(removal)
        return None

    @retried_patiently
    def _release(self, removal: Removal) -> None:
        with self.work() as work:
            for lease in removal.leases:
                work.leases.release(lease.id)
            work.commit()

    @retried_patiently
    def _put_back(self, removal: Removal, gone: Set[str]) -> bool:
        """Have the image list again what is not `gone`; False if there is no such image."""
        with self.work() as work:
            image = work.images.get_gone(removal.image_id)
            if image is None or image.status not in WITH_DATA:
                return False
            # Of what somebody has taken over, that one knows what becomes.
            ours = [(work.leases.release(lease.id), place) for lease, place in removal.places]
            lost = gone | {place.object for is_ours, place in ours if not is_ours}
            if removal.before is not None and image.updated_at == removal.saved_at:
                image.revert(removal.before, lost)
            else:
                image.put_back([place for _, place in ours if place.object not in lost])
            work.images.save(image)
            work.commit()
        return True


def leaving(work: UnitOfWork, image_id: str) -> Sequence[Location]:
    """Return the places that an image has given up, and whose data may still be there.

    Whoever wants to put data there, or says that some is there, has to wait. To be sure of that
    until the unit of work ends, get the image for update before.
    """
    numbers = [
        lease.location
        for lease in work.leases.list()
        if lease.image_id == image_id and lease.location is not None
    ]
    found = [work.images.past_location(image_id, number) for number in numbers]
    return [location for location in found if location is not None]

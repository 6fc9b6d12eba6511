"""Changing images by patch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tintype.application.access import Access
from tintype.application.images.condition import Unchanged, require_unchanged
from tintype.application.images.create import VISIBILITY_RULES
from tintype.application.images.patch_locations import LocationPatch, SizeOf, Survey
from tintype.application.images.removal import Removal, RemoveData, leaving
from tintype.application.locations import by_weight, name_stores
from tintype.application.retry import retried
from tintype.domain.allowance import UNLIMITED, Moment
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BeingRemoved,
    DataKept,
    Forbidden,
    InUse,
    LocationsHidden,
    PropertyConflict,
    StoreUnavailable,
)
from tintype.domain.image import BASE as BASE_ATTRIBUTES
from tintype.domain.image import Image, check_property_name
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True)
class Change:
    """One operation of a patch: `op` is add, replace or remove.

    With `exclusive` an add of what is there already conflicts instead of overwriting
    (the older patch dialect, images-api §4.3). Of `locations` the value is a `Claim` or a list
    of them, and `place` says where in the list to add or remove one.
    """

    op: str
    name: str
    value: Any = None
    exclusive: bool = False
    place: str = ""


@dataclass(frozen=True)
class UpdateImage:
    """Change attributes, properties, tags and locations, all or nothing (images-api §4.3).

    Locations can be changed with `show_locations` only.
    """

    work: Work
    access: Access
    notifier: Notifier
    stores: Stores
    limits: Limits
    quotas: QuotaKeeper
    remove: RemoveData
    show_locations: bool = False
    hashing_algorithm: str = "sha512"

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        changes: Sequence[Change],
        *,
        unchanged: Unchanged | None = None,
    ) -> Image:
        """Apply the changes in order and return the image.

        Raises:
            ImageNotFound, Forbidden, PreconditionFailed, Invalid, Conflict, LimitExceeded: nothing
                is changed.
            DataKept: a store keeps the data of a location; see `RemoveData`.
        """
        self.access.require_writer(caller)
        size_of: SizeOf = Survey()
        allowance: Allowance = UNLIMITED
        if any(change.name == "locations" for change in changes):
            size_of = self._sizes(caller, image_id, changes)
            allowance = self.quotas.allowance(caller.project_id)
        image, removal = self._apply(caller, image_id, changes, size_of, allowance, unchanged)
        if removal is not None:
            self._remove(removal)
        self.notifier.tell(image.take_events())
        name_stores(image, self.stores)
        return self.access.properties.shown(caller, by_weight(image, self.stores))

    def _remove(self, removal: Removal) -> None:
        try:
            self.remove(removal)
        except (InUse, StoreUnavailable) as error:
            raise DataKept() from error

    def _sizes(self, caller: Caller, image_id: str, changes: Sequence[Change]) -> SizeOf:
        """Ask for the sizes of data at new locations, if the rest of the patch is as it should be.

        Nobody may make us call a URL who could not give it to the image; and no transaction
        waits for the answer.
        """
        survey = Survey()
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
        self._patch(image, caller, changes, survey)
        return survey.sizes(self.stores)

    def _patch(
        self, image: Image, caller: Caller, changes: Sequence[Change], size_of: SizeOf
    ) -> "Patch":
        locations = None
        if self.show_locations:
            locations = LocationPatch(
                *(image, caller, self.access, self.stores),
                *(self.limits, self.hashing_algorithm, size_of),
            )
        patch = Patch(image, caller, self.access, self.limits, locations)
        for change in changes:
            patch.apply(change)
        patch.check_quotas()
        return patch

    @retried
    def _apply(
        self,
        caller: Caller,
        image_id: str,
        changes: Sequence[Change],
        size_of: SizeOf,
        allowance: Allowance,
        unchanged: Unchanged | None,
    ) -> tuple[Image, Removal | None]:
        removal = None
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            if unchanged is not None:
                # Who may not know the image is told so, and not what became of it.
                self.access.require(caller, "modify_image" if changes else "get_image", image)
                require_unchanged(caller, image, unchanged, self.access, self.stores)
            if changes:
                before, places = image.as_it_is(), len(image.locations)
                patch = self._patch(image, caller, changes, size_of)
                if (more := len(image.locations) - places) > 0:
                    size = more * (image.size or 0)
                    allowance.check(Moment.LOCATION, work.usage, owner=image.owner, size=size)
                if any(change.name == "locations" for change in changes):
                    _require_none_leaving(work, image)
                removal = self.remove.begin(work, before, image, patch.removed)
                self.remove.commit(work, removal)
            else:
                self.access.require(caller, "get_image", image)
        return image, removal


@dataclass
class Patch:
    """Changes on their way into one image, on behalf of one caller."""

    image: Image
    caller: Caller
    access: Access
    limits: Limits
    locations: LocationPatch | None = None
    adds: bool = field(default=False, init=False)

    def apply(self, change: Change) -> None:
        """Apply one change."""
        if change.name == "locations":
            self._apply_to_locations(change)
            return
        self.access.require_change(self.caller, "modify_image", self.image)
        if change.name in BASE_ATTRIBUTES:
            self._apply_to_attribute(change)
        else:
            self._apply_to_property(change)

    @property
    def removed(self) -> Sequence[Location]:
        """The locations that were taken away."""
        return self.locations.removed if self.locations is not None else ()

    def _apply_to_locations(self, change: Change) -> None:
        if self.locations is None:
            raise LocationsHidden()
        if change.op == "add":
            self.locations.add(change.place, change.value)
        elif change.op == "replace":
            self.locations.replace(change.value)
        else:
            self.locations.remove(change.place)

    def _apply_to_attribute(self, change: Change) -> None:
        self.image.require_writable(change.name)
        if change.op == "remove":
            raise Forbidden(f"Property {change.name} may not be removed.")
        if change.op == "add" and change.exclusive:
            raise _present(change.name)
        if change.name == "owner" and not self.caller.is_admin:
            raise Forbidden("Only an administrator may change the owner of an image.")
        if change.name == "visibility":
            self._require_visibility(change.value)
        self.image.set_attribute(change.name, change.value, self.limits)

    def _require_visibility(self, visibility: str) -> None:
        rule = VISIBILITY_RULES.get(visibility)
        if rule is not None:
            self.access.require(self.caller, rule, self.image)

    def _apply_to_property(self, change: Change) -> None:
        name, image, properties = change.name, self.image, self.access.properties
        check_property_name(name)
        if change.op == "remove":
            properties.require_removable(self.caller, image, name)
            image.remove_property(name)
            return
        if change.op == "replace":
            properties.require_present(self.caller, image, name)
        properties.require_settable(self.caller, image, name)
        present = name in image.properties
        if change.op == "add" and change.exclusive and present:
            raise _present(name)
        self.adds = self.adds or not present
        image.set_property(name, change.value)

    def check_quotas(self) -> None:
        """Raise QuotaExceeded if the patch made the image too large.

        One that adds nothing may change an image that is over a quota lowered since.
        """
        if self.adds:
            self.image.check_property_quota(self.limits)


def _require_none_leaving(work: UnitOfWork, image: Image) -> None:
    """Raise BeingRemoved if data that the image is said to have is on its way out."""
    going = {location.object for location in leaving(work, image.id)}
    if any(location.object in going for location in image.locations):
        raise BeingRemoved(image.id)


def _present(name: str) -> PropertyConflict:
    return PropertyConflict(f"Property {name} already present.")

"""The rules by which projects are held to their quotas, and the moments at which they are asked.

Source: spec access-control §6, import-and-tasks §15.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tintype.domain.errors import OverLimit, OverStorageQuota
from tintype.domain.ports.usage_repository import UsageRepository
from tintype.domain.quota import FREELY, LARGEST, Grant, Reservation, Resource, Standing, Used


class Moment(Enum):
    """A point in the life of an image at which its project may have too much."""

    CREATION = auto()
    """Before an image is recorded."""
    UPLOAD = auto()
    """Before the image that data is for is looked up."""
    SAVING = auto()
    """An image has entered `saving`."""
    KEEPING = auto()
    """A store has the data, and the image is about to have it."""
    STAGING = auto()
    """Before the image that data is to be staged for is looked up."""
    UPLOADING = auto()
    """An image has entered `uploading`."""
    IMPORT = auto()
    """Before an import is accepted."""
    DIRECT_IMPORT = auto()
    """The task of an import from staging starts; the image has entered `importing`."""
    DOWNLOAD = auto()
    """The task of an import from elsewhere starts; the image has entered `importing`."""
    COPY = auto()
    """The task of a copy starts; the image says which stores it is being copied to."""
    LOCATION = auto()
    """Before a location is added by hand."""


class Unlimited:
    """Holds nobody to anything."""

    def check(
        self,
        moment: Moment,
        usage: UsageRepository,
        *,
        owner: str | None = None,
        size: int | None = None,
    ) -> Grant:
        """Let it pass."""
        return FREELY

    def report(self, usage: UsageRepository) -> Mapping[Resource, Standing]:
        """Show nothing."""
        return {}


UNLIMITED = Unlimited()


class _Claim(Enum):
    """How much a moment adds to what is counted."""

    NOTHING = auto()
    ONE = auto()
    SIZE = auto()
    """The declared size; the data will count, but only once it is there."""
    SIZE_OF_COUNTED = auto()
    """The declared size of an image that counts already: nothing need be set aside."""


_CHECKS: Mapping[Moment, tuple[tuple[Resource, _Claim], ...]] = {
    Moment.CREATION: ((Resource.COUNT_TOTAL, _Claim.ONE),),
    Moment.UPLOAD: ((Resource.SIZE_TOTAL, _Claim.SIZE),),
    Moment.SAVING: ((Resource.COUNT_UPLOADING, _Claim.NOTHING),),
    Moment.KEEPING: (),
    Moment.STAGING: ((Resource.STAGE_TOTAL, _Claim.SIZE),),
    Moment.UPLOADING: ((Resource.COUNT_UPLOADING, _Claim.NOTHING),),
    Moment.IMPORT: ((Resource.SIZE_TOTAL, _Claim.NOTHING),),
    Moment.DIRECT_IMPORT: ((Resource.SIZE_TOTAL, _Claim.SIZE),),
    Moment.DOWNLOAD: (
        (Resource.STAGE_TOTAL, _Claim.NOTHING),
        (Resource.COUNT_UPLOADING, _Claim.NOTHING),
    ),
    Moment.COPY: (
        (Resource.SIZE_TOTAL, _Claim.NOTHING),
        (Resource.STAGE_TOTAL, _Claim.SIZE_OF_COUNTED),
        (Resource.COUNT_UPLOADING, _Claim.NOTHING),
    ),
    Moment.LOCATION: (),
}


@dataclass(frozen=True, slots=True)
class UnifiedAllowance:
    """Holds one project, the caller's, to its unified limits (access-control §6).

    `limits` are in units of the resource, negative for no limit; a resource that is not among
    them may not be used at all. Sizes are whole MiB, rounded down. A stream of unknown length
    is neither counted before its end nor cut.
    """

    project: str
    limits: Mapping[Resource, int]

    def check(
        self,
        moment: Moment,
        usage: UsageRepository,
        *,
        owner: str | None = None,
        size: int | None = None,
    ) -> Grant:
        """Lock the project and compare what it has with what it may have.

        Raises:
            OverLimit: it would be too much.
        """
        reservation = None
        for resource, claim in _CHECKS[moment]:
            used = self._used(usage, resource)
            limit = self._limit(resource)
            delta = _delta(claim, size or 0)
            current, more = used.total // resource.unit, delta // resource.unit
            if 0 <= limit < current + more:
                raise OverLimit(resource, limit, current, more)
            if claim is _Claim.SIZE and delta:
                reservation = Reservation(self.project, resource, min(delta, LARGEST))
        return Grant(reservation) if reservation else FREELY

    def _used(self, usage: UsageRepository, resource: Resource) -> Used:
        usage.lock(self.project)
        return usage.of(self.project, resource)[resource]

    def _limit(self, resource: Resource) -> int:
        return self.limits.get(resource, 0)

    def report(self, usage: UsageRepository) -> Mapping[Resource, Standing]:
        """Show what is there, without what is set aside, and every limit."""
        return {
            resource: Standing(used.present // resource.unit, max(-1, self._limit(resource)))
            for resource, used in usage.of(self.project, *Resource).items()
        }


def _delta(claim: _Claim, size: int) -> int:
    if claim is _Claim.NOTHING:
        return 0
    return 1 if claim is _Claim.ONE else size


_BEGINS_STREAM = frozenset({Moment.SAVING, Moment.DIRECT_IMPORT, Moment.DOWNLOAD, Moment.COPY})
_ADDS_DATA = frozenset({Moment.KEEPING, Moment.LOCATION})


@dataclass(frozen=True, slots=True)
class StorageAllowance:
    """Holds the owner of each image to so many bytes in all of its locations.

    Images without owner are nobody's. A stream may bring as much as is left when it begins, and
    what it brought is compared again before it is kept.
    """

    limit: int

    def check(
        self,
        moment: Moment,
        usage: UsageRepository,
        *,
        owner: str | None = None,
        size: int | None = None,
    ) -> Grant:
        """Lock the owner's project and compare what it has with what it may have.

        Raises:
            OverStorageQuota: it would be too much.
        """
        if owner is None or moment not in _BEGINS_STREAM | _ADDS_DATA:
            return FREELY
        usage.lock(owner)
        used = usage.of(owner, Resource.SIZE_TOTAL)[Resource.SIZE_TOTAL]
        room = max(0, self.limit - used.total)
        if (size or 0) > room:
            raise OverStorageQuota(room)
        if moment in _ADDS_DATA:
            return FREELY
        return Grant(Reservation(owner, Resource.SIZE_TOTAL, size) if size else None, room)

    def report(self, usage: UsageRepository) -> Mapping[Resource, Standing]:
        """Show nothing: only unified limits are (images-api §12)."""
        return {}

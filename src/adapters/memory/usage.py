"""What projects have, in memory."""

from collections.abc import Iterator, Mapping

from tintype.adapters.memory.state import Transaction
from tintype.domain.image import Image
from tintype.domain.quota import Resource, Used
from tintype.domain.status import DEAD, STAGING, UPLOADING

_IMPORTING = "os_glance_importing_to_stores"


class MemoryUsageRepository:
    """Counts within one transaction on the state in memory."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def lock(self, project: str) -> None:
        """Do nothing: a writing unit is alone anyhow."""

    def of(
        self, project: str, *resources: Resource, without_image: str = ""
    ) -> Mapping[Resource, Used]:
        """Count those resources; sizes are in bytes."""
        owned = [image for image in self._owned(project) if image.id != without_image]
        return {
            resource: Used(
                sum(_counts(image, resource) for image in owned),
                self._reserved(project, resource),
            )
            for resource in resources
        }

    def _owned(self, project: str) -> Iterator[Image]:
        for image in self._transaction.state.images.values():
            if image.owner == project and image.status not in DEAD:
                yield image

    def _reserved(self, project: str, resource: Resource) -> int:
        found = (lease.reservation for lease in self._transaction.state.leases.values())
        return sum(
            it.size
            for it in found
            if it is not None and (it.project, it.resource) == (project, resource)
        )


def _counts(image: Image, resource: Resource) -> int:
    size = image.size or 0
    is_copying = bool(image.properties.get(_IMPORTING))
    match resource:
        case Resource.SIZE_TOTAL:
            return size * len(image.locations)
        case Resource.STAGE_TOTAL:
            return size if is_copying or image.status in STAGING else 0
        case Resource.COUNT_UPLOADING:
            return int(is_copying or image.status in UPLOADING)
        case Resource.COUNT_TOTAL:
            return 1

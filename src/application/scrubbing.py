"""Deletions that were delayed: their end, and the way back (operations §2)."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from tintype.application.images.delete import FinishDeletion
from tintype.application.retry import retried
from tintype.domain.errors import Conflict, ImageNotFound, InUse, StoreUnavailable
from tintype.domain.lease import Lease, Purpose
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.status import Status

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scrub:
    """Remove the data of images whose deletion was delayed, and make it final.

    Any number of processes may do it at once: each image is taken by one, with a lease, by
    which another one finishes what a dead process began.
    """

    work: Work
    finish: FinishDeletion
    clock: Clock
    ids: IdSource
    presence: Presence
    lease_time: timedelta
    pool_size: int = 1

    def __call__(self, age: timedelta) -> int:
        """Scrub what has been pending for at least `age`; return how many images that were.

        An image whose data a store keeps is logged, and left for the next time.
        """
        with self.work(read_only=True) as work:
            pending = work.images.pending_deletion(self.clock.now() - age)
        with ThreadPoolExecutor(self.pool_size, "scrub") as pool:
            return sum(pool.map(self._scrub, pending))

    def _scrub(self, image_id: str) -> bool:
        try:
            lease = self._claim(image_id)
            if lease is None:
                return False
            self.finish(lease)
        except (InUse, StoreUnavailable) as error:
            LOG.warning("Image %s cannot be scrubbed now: %s", image_id, error)
            return False
        except Exception:
            # Whatever is wrong with one must not keep the others from being scrubbed.
            LOG.exception("Image %s cannot be scrubbed", image_id)
            return False
        return True

    @retried
    def _claim(self, image_id: str) -> Lease | None:
        with self.work() as work:
            image = work.images.get_gone(image_id)
            if image is None or image.status is not Status.PENDING_DELETE:
                return None
            if _is_under_way(work, image_id):
                return None
            lease = Lease(
                self.ids.new(),
                image_id,
                Purpose.DELETE,
                self.presence.holder,
                self.clock.now() + self.lease_time,
                restore_to=Status.PENDING_DELETE,
            )
            work.leases.add(lease)
            with self.finish.given_up.unless_done(lease):
                work.commit()
        return lease


@dataclass(frozen=True)
class RestoreImage:
    """Bring an image back whose deletion was delayed, with all that belonged to it."""

    work: Work

    @retried
    def __call__(self, image_id: str) -> None:
        """Make the image active again.

        Raises:
            ImageNotFound: there never was one.
            NotPendingDeletion: it is not deleted, or for good.
            Conflict: its data is being removed at this moment.
        Source: spec contract, scrubber.
        """
        with self.work() as work:
            image = work.images.get_gone(image_id)
            if image is None:
                raise ImageNotFound(image_id)
            image.undelete()
            if _is_under_way(work, image_id):
                raise Conflict(f"The data of image {image_id} is being removed already.")
            work.images.save(image)
            work.commit()


def _is_under_way(work: UnitOfWork, image_id: str) -> bool:
    """Say whether somebody removes the data of the image, or died while doing so.

    That of a place which the image has given up before is none of it.
    """
    return any(
        lease.image_id == image_id and lease.purpose is Purpose.DELETE and lease.location is None
        for lease in work.leases.list()
    )

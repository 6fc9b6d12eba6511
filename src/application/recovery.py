"""Undoing or finishing what a process left behind."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tintype.application.given_up import GivenUp
from tintype.application.images.delete import FinishDeletion
from tintype.application.images.removal import RemoveData
from tintype.application.retry import retried
from tintype.application.staging import Staging
from tintype.application.tasks.start import StartAgain
from tintype.domain.caller import Caller
from tintype.domain.errors import DataNotFound, InUse, StoreUnavailable, TaskNotFound
from tintype.domain.image import Image
from tintype.domain.image_import import STAGED_AT
from tintype.domain.lease import OF_TASKS, Lease, Purpose
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import UnitOfWork, Work

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class UndoUpload:
    """Take back an upload that came to nothing: its bytes first, then its claim.

    As long as the lease is there the image is not active by this upload, and nobody else can
    begin another: so what the store holds under its key belongs to this lease.
    """

    work: Work
    stores: Stores
    notifier: Notifier
    clock: Clock
    ids: IdSource
    presence: Presence
    lease_time: timedelta
    given_up: GivenUp = field(default_factory=GivenUp)

    def __call__(self, lease: Lease) -> None:
        """Remove the bytes and let the image wait for data again; once is enough.

        Raises:
            StoreUnavailable: the bytes could not be removed; a lease stays.
        """
        fresh = replace(
            lease,
            id=self.ids.new(),
            holder=self.presence.holder,
            expires_at=self.clock.now() + self.lease_time,
        )
        with self.given_up.unless_done(lease, fresh):
            if self._exchange(lease, fresh):
                self._remove_bytes(fresh)
                self.release(fresh)

    @retried
    def _exchange(self, lease: Lease, fresh: Lease) -> bool:
        # A transaction that activates the image gives the lease back with it. Should one still
        # be under way, unheard of since its connection broke, this waits for its end; once the
        # lease is exchanged it can end only in failure, and the bytes are nobody's.
        with self.work() as work:
            if not work.leases.release(lease.id):
                return False
            work.leases.add(fresh)
            work.commit()
        return True

    def _remove_bytes(self, lease: Lease) -> None:
        with self.work(read_only=True) as work:
            image = work.images.get_gone(lease.image_id)
        owner = Caller(project_id=image.owner if image else None)
        driver = self.stores.acting_for(owner).named(lease.store or "")
        if driver is None:
            LOG.warning(
                "Store %s is not enabled any more: what an upload to image %s left there stays.",
                *(lease.store, lease.image_id),
            )
            return
        driver.discard_unfinished(lease.image_id)
        for location in driver.locate(lease.image_id):
            with suppress(DataNotFound):
                driver.delete(location)

    def release(self, lease: Lease) -> None:
        """Give the lease back and let the image wait for data again, if it still is the stream's.

        For uploads whose bytes are gone.
        """
        with self.given_up.unless_done(lease):
            image = self._let_wait(lease)
        if image is not None:
            self.notifier.tell(image.take_events())

    @retried
    def _let_wait(self, lease: Lease) -> Image | None:
        with self.work() as work:
            image = work.images.get_gone(lease.image_id)
            if not work.leases.release(lease.id):
                return None
            if image is not None and image.awaits_stream:
                image.abandon_upload()
                work.images.save(image)
            work.commit()
        return image


@dataclass(frozen=True)
class Sweep:
    """Find leases of processes that ended or fell silent, and finish or undo their work.

    So it does with what its own process gave up.
    """

    work: Work
    undo: UndoUpload
    finish: FinishDeletion
    clock: Clock
    presence: Presence
    lease_time: timedelta
    start_again: StartAgain
    staging: Staging
    remove: RemoveData

    def __call__(self) -> int:
        """Deal with every abandoned lease; return how many were dealt with.

        What cannot be done now, because a store does not answer, is left for the next time.
        """
        with self.work(read_only=True) as work:
            leases = work.leases.list()
            left = [
                lease
                for lease in leases
                if self._is_abandoned(lease) and not self._waits_for_its_host(work, lease)
            ]
        return sum(map(self._deal_with, left))

    def _is_abandoned(self, lease: Lease) -> bool:
        return (
            lease.expires_at <= self.clock.now()
            or self.presence.is_dead(lease.holder)
            or (lease.holder == self.presence.holder and self._gave_up(lease))
        )

    def _waits_for_its_host(self, work: UnitOfWork, lease: Lease) -> bool:
        # A host that is started anew hands its tasks back, and is there again in a moment.
        handed_back = lease.purpose is Purpose.WAITING and not lease.holder
        if not handed_back or self.clock.now() - lease.expires_at >= self.lease_time:
            return False
        try:
            task = work.tasks.get(lease.task_id or "")
        except TaskNotFound:
            return False
        return self.staging.other_than_own(task.secrets.get(STAGED_AT)) is not None

    def _gave_up(self, lease: Lease) -> bool:
        deletions = (self.finish.given_up, self.remove.given_up)
        places = (self.undo.given_up, *deletions, self.start_again.start.given_up)
        return any(lease in given_up for given_up in places)

    def _deal_with(self, lease: Lease) -> bool:
        try:
            if not self._take_over(lease):
                return False
            LOG.warning("Cleaning up an abandoned %s of image %s", lease.purpose, lease.image_id)
            if lease.purpose in OF_TASKS:
                self.start_again(lease)
            elif lease.purpose is Purpose.UPLOAD:
                self.undo(lease)
            elif lease.location is not None:
                self.remove.resume(lease)
            else:
                self.finish(lease, resumed=True)
        except (StoreUnavailable, InUse) as error:
            LOG.warning("Image %s cannot be cleaned up now: %s", lease.image_id, error)
            return False
        except Exception:
            # Whatever is wrong with one must not keep the others from being cleaned up.
            LOG.exception("Image %s cannot be cleaned up", lease.image_id)
            return False
        return True

    @retried
    def _take_over(self, lease: Lease) -> bool:
        # A copy, so that a repeated step looks for the lease as it was listed.
        listed = replace(lease)
        with self.work() as work:
            expires_at = self.clock.now() + self.lease_time
            taken = work.leases.take_over(listed, self.presence.holder, expires_at)
            with self.undo.given_up.unless_done(lease):
                work.commit()
        lease.holder, lease.expires_at = listed.holder, listed.expires_at
        return taken


@dataclass(frozen=True)
class RenewLeases:
    """Show that this process is alive and at work."""

    work: Work
    clock: Clock
    presence: Presence
    lease_time: timedelta

    @retried
    def __call__(self) -> None:
        """Postpone the end of this process's leases."""
        with self.work() as work:
            work.leases.renew(self.presence.holder, self.clock.now() + self.lease_time)
            work.commit()

"""Deleting images with their data."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tintype.application.access import Access
from tintype.application.given_up import GivenUp
from tintype.application.images.condition import Unchanged, require_unchanged
from tintype.application.locations import (
    add_half_imported,
    delete_data,
    half_imported_first,
    where_half_imported,
)
from tintype.application.retry import retried
from tintype.application.staging import Staging
from tintype.application.tasks.import_lock import ImportLock
from tintype.domain.caller import Caller
from tintype.domain.errors import InUse, KeyKept, StoreUnavailable, WorkerGarbled, WorkerSilent
from tintype.domain.image import Image
from tintype.domain.lease import Lease, Purpose
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.encryption_keys import EncryptionKeys
from tintype.domain.ports.fellow_workers import FellowWorkers, PassedOn
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.status import Status

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FinishDeletion:
    """Remove the data of an image that has vanished already, then make its deletion final.

    The key of its data goes last, when nothing brings the image back any more. Should it come
    back, it lists what a store still has, and nothing that was deleted before one refused.
    """

    work: Work
    notifier: Notifier
    stores: Stores
    keys: EncryptionKeys
    given_up: GivenUp = field(default_factory=GivenUp)

    def __call__(
        self, lease: Lease, caller: Caller | None = None, *, resumed: bool = False
    ) -> None:
        """Finish the deletion that the lease stands for, on behalf of a caller or of nobody.

        How far one came that is `resumed` nobody knows.

        Raises:
            InUse: a store keeps the data; the image is back, with what is left of it.
            StoreUnavailable: the same; but of a resumed one nobody knows whether the store still
                has the data, so that it waits, under its lease, to be resumed again.
        """
        with self.given_up.unless_done(lease):
            refusal = self._finish(lease, caller, resumed)
        if refusal is not None:
            raise refusal

    def delete_key(self, image: Image, caller: Caller | None) -> None:
        """Delete the key of a deleted image, if it is to go too; it is not waited for."""
        key_id = image.key_to_delete
        if key_id is None:
            return
        try:
            self.keys.delete(key_id, caller)
        except KeyKept as error:
            LOG.warning("Image %s is deleted. %s", image.id, error)

    def _finish(
        self, lease: Lease, caller: Caller | None, resumed: bool
    ) -> InUse | StoreUnavailable | None:
        with self.work(read_only=True) as work:
            image = work.images.get_gone(lease.image_id)
        if image is None or lease.restore_to is None:
            return None
        before = lease.restore_to
        delayed = before is Status.PENDING_DELETE
        gone: set[str] = set()
        try:
            # Always in the same order: whoever resumes this finds what is left at its end.
            for location in half_imported_first(image):
                if delete_data(self.stores, location):
                    gone.add(location.object)
        except (InUse, StoreUnavailable) as refusal:
            if resumed and isinstance(refusal, StoreUnavailable):
                raise
            self._settle(lease, lambda image: image.survive_deletion(before, gone))
            return refusal
        self._settle(lease, lambda image: image.finish_deletion(delayed=delayed))
        self.delete_key(image, caller)
        return None

    def _settle(self, lease: Lease, move: Callable[[Image], None]) -> None:
        self.notifier.tell(self._move(lease, move).take_events())

    @retried
    def _move(self, lease: Lease, move: Callable[[Image], None]) -> Image:
        with self.work() as work:
            image = work.images.get_gone(lease.image_id)
            assert image is not None  # a row is never removed while a lease is held
            if work.leases.release(lease.id):
                move(image)
                work.images.save(image)
                work.commit()
        return image


@dataclass(frozen=True)
class DeleteImage:
    """Delete an image and its data (images-api §4.4).

    The image vanishes first, then its data goes, then the deletion is final; a lease on the
    middle part lets another process finish it.
    """

    work: Work
    access: Access
    notifier: Notifier
    finish: FinishDeletion
    clock: Clock
    ids: IdSource
    presence: Presence
    lease_time: timedelta
    lock: ImportLock
    staging: Staging
    fellows: FellowWorkers
    delayed: bool = False

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        *,
        unchanged: Unchanged | None = None,
        passed_on: bool = False,
    ) -> PassedOn | None:
        """Delete the image; when this returns, its bytes are gone, or `delayed` until they are
        scrubbed.

        Where another worker has its staged data, or computes its hash, that one is asked to,
        and its answer returned; unless the request was `passed_on` to this one already, or the
        other cannot do it.

        Raises:
            ImageNotFound, Forbidden, ProtectedImage: the caller may not, or nobody may.
            PreconditionFailed: it is not what the caller saw.
            InUse, StoreUnavailable: a store keeps data; the image stays, with what is left of it.
        """
        self.access.require_writer(caller)
        if self.staging.own_url is not None and not passed_on:
            answer = self._pass_on(caller, image_id, unchanged)
            if answer is not None and answer.status < 500:
                return answer
        image, lease, staged = self._begin(caller, image_id, unchanged)
        if lease is not None:
            self.finish(lease, caller)
        elif image.status is Status.DELETED:
            self.finish.delete_key(image, caller)
        if staged:
            self.staging.remove(image.id)
        self.notifier.tell(image.take_events())
        return None

    def _pass_on(
        self, caller: Caller, image_id: str, unchanged: Unchanged | None
    ) -> PassedOn | None:
        with self.work(read_only=True) as work:
            image = self._deletable(work, caller, image_id, unchanged)
        elsewhere = self.staging.other_than_own
        host = elsewhere(image.stage_host) or elsewhere(image.hash_host)
        if host is None:
            return None
        try:
            return self.fellows.delete_image(host, caller, image_id)
        except (WorkerSilent, WorkerGarbled) as error:
            LOG.warning("Image %s is deleted here. %s", image_id, error)
            return None

    def _deletable(
        self,
        work: UnitOfWork,
        caller: Caller,
        image_id: str,
        unchanged: Unchanged | None,
        *,
        for_update: bool = False,
    ) -> Image:
        image = work.images.get(image_id, seen_by=caller, for_update=for_update)
        self.access.require_change(caller, "delete_image", image)
        image.require_deletable()
        if unchanged is not None:
            require_unchanged(caller, image, unchanged, self.access, self.finish.stores)
        return image

    @retried
    def _begin(
        self, caller: Caller, image_id: str, unchanged: Unchanged | None
    ) -> tuple[Image, Lease | None, bool]:
        lease = None
        with self.work(read_only=True) as work:
            image = self._deletable(work, caller, image_id, unchanged)
        half_imported = where_half_imported(image, self.finish.stores)
        with self.work() as work:
            image = self._deletable(work, caller, image_id, unchanged, for_update=True)
            staged = image.may_be_staged
            add_half_imported(image, half_imported)
            self.lock.call_off(work, image)
            if self.delayed:
                image.delay_deletion()
            else:
                before = image.begin_deletion()
                if image.status is Status.PENDING_DELETE:
                    lease = self._lease(image_id, before)
                    work.leases.add(lease)
            work.images.save(image)
            with self.finish.given_up.unless_done(*([lease] if lease else [])):
                work.commit()
        return image, lease, staged

    def _lease(self, image_id: str, restore_to: Status) -> Lease:
        return Lease(
            self.ids.new(),
            image_id,
            Purpose.DELETE,
            self.presence.holder,
            self.clock.now() + self.lease_time,
            restore_to=restore_to,
        )

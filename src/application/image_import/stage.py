"""Receiving data that is to be imported later (images-api §8.3)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from tintype.application.access import Access
from tintype.application.data_path import metered, pump
from tintype.application.recovery import UndoUpload
from tintype.application.retry import retried
from tintype.application.staging import Staging
from tintype.domain.allowance import Moment
from tintype.domain.caller import Caller
from tintype.domain.errors import Duplicate, TakenOver, TintypeError
from tintype.domain.image import Image
from tintype.domain.lease import Lease, Purpose
from tintype.domain.limits import Limits
from tintype.domain.ports.byte_source import ByteSource
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import Grant


@dataclass(frozen=True)
class StageImageData:
    """Take the data of a queued image into staging.

    As with an upload the image is claimed with a lease, and whatever goes wrong before all
    bytes are there for good leaves it queued.
    """

    work: Work
    access: Access
    notifier: Notifier
    staging: Staging
    undo: UndoUpload
    clock: Clock
    ids: IdSource
    presence: Presence
    limits: Limits
    lease_time: timedelta
    quotas: QuotaKeeper

    def __call__(
        self, caller: Caller, image_id: str, source: ByteSource, *, size: int | None = None
    ) -> None:
        """Stage what the source gives; `size` in bytes if it was announced.

        Raises:
            OverLimit, ImageNotFound, Forbidden, WrongStatus, Duplicate: nothing was read and the
                image is as it was.
            OverStorageQuota, ImageTooLarge, SizeMismatch, BrokenSource, StorageFull,
            StoreUnavailable: the image is queued again.
            ImageGone: it was deleted meanwhile; TakenOver: the work was called off.
        """
        self.access.require_writer(caller)
        allowance = self.quotas.allowance(caller.project_id)
        lease, grant = self._claim(caller, image_id, size, allowance)
        try:
            received = self._receive(lease, source, size, grant)
        except BaseException:
            # The handle took its bytes back. Should the catalogue be out of reach, the lease
            # stays and the sweep does this later.
            with suppress(TintypeError):
                self.undo.release(lease)
            raise
        self.notifier.tell(self._keep(lease, received).take_events())

    @retried
    def _claim(
        self, caller: Caller, image_id: str, size: int | None, allowance: Allowance
    ) -> tuple[Lease, Grant]:
        with self.work() as work:
            of_caller = allowance.check(Moment.STAGING, work.usage, size=size)
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require_change(caller, "modify_image", image)
            self.staging.end_failed_import(image)
            image.begin_staging()
            self._require_vacant(image_id)
            work.images.save(image)
            grant = allowance.check(Moment.UPLOADING, work.usage, owner=image.owner, size=size)
            lease = Lease(
                self.ids.new(),
                image_id,
                Purpose.UPLOAD,
                self.presence.holder,
                self.clock.now() + self.lease_time,
                store=self.staging.driver.store,
                reservation=of_caller.reservation or grant.reservation,
            )
            work.leases.add(lease)
            with self.undo.given_up.unless_done(lease):
                work.commit()
        return lease, grant

    def _require_vacant(self, image_id: str) -> None:
        if self.staging.size_of(image_id) is not None:
            raise Duplicate(f"Data is staged for image {image_id} already.")

    def _receive(self, lease: Lease, source: ByteSource, size: int | None, grant: Grant) -> int:
        meter = metered(size, self.limits.image_size_cap, grant.room)
        with self.staging.driver.create(lease.image_id, size) as handle:
            total = pump(source, (handle.write,), meter)
            handle.commit()
        return total

    def _keep(self, lease: Lease, size: int) -> Image:
        try:
            return self._finish(lease, size)
        except TakenOver:
            raise  # whoever took over removes the bytes, and may be replacing them already
        except BaseException:
            # Deleted meanwhile; or perhaps it was committed, and only the answer got lost.
            with suppress(TintypeError):
                self.undo(lease)
            raise

    @retried
    def _finish(self, lease: Lease, size: int) -> Image:
        with self.work() as work:
            image = work.images.get_gone(lease.image_id)
            if image is None or not work.leases.release(lease.id):
                raise TakenOver(lease.image_id)
            image.finish_staging(size, self.staging.host)
            work.images.save(image)
            work.commit()
        return image

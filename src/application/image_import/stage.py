"""Receiving data that is to be imported later (images-api §8.3)."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from tintype.application.access import Access
from tintype.application.data_path import Digests, metered, pump
from tintype.application.recovery import UndoUpload
from tintype.application.retry import retried
from tintype.application.staging import Staging
from tintype.domain.allowance import Moment
from tintype.domain.caller import Caller
from tintype.domain.errors import Duplicate, FormatMismatch, TakenOver, TintypeError
from tintype.domain.image import Image
from tintype.domain.lease import Lease, Purpose
from tintype.domain.limits import Limits
from tintype.domain.ports.byte_source import ByteSource
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.format_inspector import FormatInspector, Inspection
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import Grant
from tintype.domain.staged import Verdict


@dataclass(frozen=True)
class StageImageData:
    """Take the data of a queued image into staging.

    As with an upload the image is claimed with a lease, and whatever goes wrong before all
    bytes are there for good leaves it queued. What the data turned out to be is kept, for the
    import to know; whatever it is, it is taken: plugins may yet make another of it.
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
    inspector: FormatInspector
    hashing_algorithm: str

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
        lease, grant, image = self._claim(caller, image_id, size, allowance)
        try:
            verdict = self._receive(image, source, size, grant)
        except BaseException:
            # The handle took its bytes back. Should the catalogue be out of reach, the lease
            # stays and the sweep does this later.
            with suppress(TintypeError):
                self.undo.release(lease)
            raise
        self.notifier.tell(self._keep(lease, verdict).take_events())

    @retried
    def _claim(
        self, caller: Caller, image_id: str, size: int | None, allowance: Allowance
    ) -> tuple[Lease, Grant, Image]:
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
        return lease, grant, image

    def _require_vacant(self, image_id: str) -> None:
        if self.staging.size_of(image_id) is not None:
            raise Duplicate(f"Data is staged for image {image_id} already.")

    def _receive(self, image: Image, source: ByteSource, size: int | None, grant: Grant) -> Verdict:
        meter = metered(size, self.limits.image_size_cap, grant.room)
        digests = Digests(self.hashing_algorithm)
        judge = _Judge(self.inspector, image)
        with self.staging.driver.create(image.id, size) as handle:
            total = pump(source, (handle.write, *digests.consumers, judge.feed), meter)
            handle.commit()
        digested = Verdict(total, digests.checksum, digests.algorithm, digests.value)
        return judge.complete(digested)

    def _keep(self, lease: Lease, verdict: Verdict) -> Image:
        try:
            return self._finish(lease, verdict)
        except TakenOver:
            raise  # whoever took over removes the bytes, and may be replacing them already
        except BaseException:
            # Deleted meanwhile; or perhaps it was committed, and only the answer got lost.
            with suppress(TintypeError):
                self.undo(lease)
            raise

    @retried
    def _finish(self, lease: Lease, verdict: Verdict) -> Image:
        with self.work() as work:
            image = work.images.get_gone(lease.image_id)
            if image is None or not work.leases.release(lease.id):
                raise TakenOver(lease.image_id)
            image.finish_staging(verdict, self.staging.host)
            work.images.save(image)
            work.commit()
        return image


class _Judge:
    """Inspects a stream as far as it can, and keeps what is wrong with it to itself."""

    def __init__(self, inspector: FormatInspector, image: Image) -> None:
        self._image = image
        self._inspection: Inspection | None = None
        self._refusal: str | None = None
        if image.disk_format and image.container_format:
            self._inspection = inspector.begin(image.disk_format, image.container_format)

    def feed(self, piece: bytes | memoryview) -> None:
        """Look at the next bytes."""
        if self._inspection is not None and self._refusal is None:
            try:
                self._inspection.feed(piece)
            except FormatMismatch as error:
                self._refusal = str(error)

    def complete(self, digested: Verdict) -> Verdict:
        """Add what it found to what is known of the whole stream."""
        if self._inspection is None:
            return digested
        virtual_size = None
        if self._refusal is None:
            try:
                virtual_size = self._inspection.finish(digested.size).virtual_size
            except FormatMismatch as error:
                self._refusal = str(error)
        return replace(
            digested,
            disk_format=self._image.disk_format,
            container_format=self._image.container_format,
            virtual_size=virtual_size,
            refusal=self._refusal,
        )

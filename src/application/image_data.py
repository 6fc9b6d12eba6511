"""Data on its way in and out of images (images-api §8)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from tintype.application.access import Access
from tintype.application.begun_stream import begun, measured
from tintype.application.data_path import Digests, metered, pump
from tintype.application.locations import by_weight, preferred, require_known
from tintype.application.old_locations import OldLocations
from tintype.application.recovery import UndoUpload
from tintype.application.retry import retried
from tintype.application.signing import Signatures
from tintype.application.staging import Staging
from tintype.domain.allowance import Moment
from tintype.domain.byte_range import ByteRange, Span
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    CannotSeek,
    DataNotFound,
    DataWithheld,
    Invalid,
    NoData,
    StoreUnavailable,
    TakenOver,
    TintypeError,
)
from tintype.domain.image import Image, StoredData
from tintype.domain.lease import Lease, Purpose
from tintype.domain.limits import Limits
from tintype.domain.ports.byte_source import ByteSource
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.format_inspector import FormatInspector
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.storage_driver import ReadStream, StorageDriver
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import Grant
from tintype.domain.status import WITH_DATA, Status


@dataclass(frozen=True)
class UploadImageData:
    """Take the data of a queued image into a store (images-api §8.1).

    The image is claimed with a lease, the bytes go to the store, and only when the store has
    them for good does the image become active: in one transaction, which also gives the
    lease back. Whatever goes wrong before leaves it queued and the store as it was; if this
    process dies, another one undoes what the lease says.
    """

    work: Work
    access: Access
    notifier: Notifier
    stores: Stores
    inspector: FormatInspector
    undo: UndoUpload
    clock: Clock
    ids: IdSource
    presence: Presence
    limits: Limits
    hashing_algorithm: str
    lease_time: timedelta
    quotas: QuotaKeeper
    staging: Staging
    signatures: Signatures

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        source: ByteSource,
        *,
        size: int | None = None,
        store: str | None = None,
    ) -> None:
        """Store what the source gives; `size` in bytes if it was announced.

        Raises:
            OverLimit, UnknownStore, ImageNotFound, Forbidden, WrongStatus, FormatsMissing: nothing
                was read and the image is as it was.
            OverStorageQuota, ImageTooLarge, SizeMismatch, BrokenSource, FormatMismatch,
            BadSignature, StorageFull, StoreUnavailable, StoreNotWritable, Duplicate: the image is
            queued again.
            ImageGone: it was deleted meanwhile; TakenOver: the upload was called off.
        """
        self.access.require_writer(caller)
        allowance = self.quotas.allowance(caller.project_id)
        claim = self._claim(caller, image_id, store, size, allowance)
        try:
            data = self._receive(claim, source, size, caller)
        except BaseException:
            self._abandon(claim.lease)
            raise
        image = self._keep(claim.lease, data, allowance)
        self.notifier.tell(image.take_events())

    @retried
    def _claim(
        self,
        caller: Caller,
        image_id: str,
        store: str | None,
        size: int | None,
        allowance: Allowance,
    ) -> "_Claim":
        with self.work() as work:
            # Limits of the caller come first, those of the owner last (images-api §8.1).
            of_caller = allowance.check(Moment.UPLOAD, work.usage, size=size)
            self.stores.target(store)
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require_change(caller, "upload_image", image)
            self.staging.end_failed_import(image)
            driver = self.stores.acting_for(caller.in_project(image.owner)).target(store)
            image.begin_upload()
            work.images.save(image)
            grant = allowance.check(Moment.SAVING, work.usage, owner=image.owner, size=size)
            lease = Lease(
                self.ids.new(),
                image_id,
                Purpose.UPLOAD,
                self.presence.holder,
                self.clock.now() + self.lease_time,
                store=driver.store,
                reservation=of_caller.reservation or grant.reservation,
            )
            work.leases.add(lease)
            with self.undo.given_up.unless_done(lease):
                work.commit()
        return _Claim(driver, image, lease, grant)

    def _receive(
        self, claim: "_Claim", source: ByteSource, size: int | None, caller: Caller
    ) -> StoredData:
        driver, image = claim.driver, claim.image
        meter = metered(size, self.limits.image_size_cap, claim.grant.room)
        digests = Digests(self.hashing_algorithm)
        assert image.disk_format and image.container_format  # begin_upload has seen to it
        inspection = self.inspector.begin(image.disk_format, image.container_format)
        check = self.signatures.check(image, caller)
        with driver.create(image.id, size) as handle:
            consumers = (*digests.consumers, check.feed, handle.write, inspection.feed)
            total = pump(source, consumers, meter)
            check.finish()
            inspected = inspection.finish(total)
            location = handle.commit()
        return StoredData(
            total,
            digests.checksum,
            digests.algorithm,
            digests.value,
            inspected.virtual_size,
            location,
        )

    def _abandon(self, lease: Lease) -> None:
        # The handle took its bytes back. Should the catalogue be out of reach, the lease
        # stays and the sweep does this later; the caller hears of what went wrong first.
        with suppress(TintypeError):
            self.undo.release(lease)

    def _keep(self, lease: Lease, data: StoredData, allowance: Allowance) -> Image:
        try:
            return self._finish(lease, data, allowance)
        except TakenOver:
            raise  # whoever took over removes the bytes, and may be replacing them already
        except BaseException:
            # Deleted meanwhile, or too much after all; or perhaps it was committed, and only the
            # answer got lost: the lease knows.
            with suppress(TintypeError):
                self.undo(lease)
            raise

    @retried
    def _finish(self, lease: Lease, data: StoredData, allowance: Allowance) -> Image:
        with self.work() as work:
            image = work.images.get_gone(lease.image_id)
            if image is None or not work.leases.release(lease.id):
                raise TakenOver(lease.image_id)
            image.finish_upload(data)
            image.check_location_quota(self.limits)
            allowance.check(Moment.KEEPING, work.usage, owner=image.owner, size=data.size)
            work.images.save(image)
            work.commit()
        return image


@dataclass(frozen=True, slots=True)
class _Claim:
    """An image that waits for this stream alone, where it goes, and how much may come."""

    driver: StorageDriver
    image: Image
    lease: Lease
    grant: Grant


@dataclass(frozen=True)
class Download:
    """Data about to go out: `span` of an image of `size` bytes."""

    image: Image
    span: Span
    size: int
    stream: ReadStream


@dataclass(frozen=True)
class DownloadImageData:
    """Hand the data of an image out, whole or in part (images-api §8.2)."""

    work: Work
    access: Access
    stores: Stores
    old_locations: OldLocations = field(default_factory=OldLocations)

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        byte_range: ByteRange | None = None,
        prefer: Sequence[str] = (),
    ) -> Download:
        """Open the data, if possible from one of the stores in `prefer`, in that order.

        The stream is the caller's to close.

        Raises:
            ImageNotFound, Forbidden, DataWithheld: the caller may not.
            Invalid, UnknownStore: stores have no names here, or none like that.
            NoData: there is none; RangeNotSatisfiable: there is not that much.
            CannotSeek: there is only the whole.
            StoreUnavailable: no store that holds it answers.
        """
        image, span = self._find(caller, image_id, byte_range, prefer)
        stream, length = self._open(image, span, prefer)
        size = length if image.size is None else image.size
        return Download(image, span or Span(0, length), size, stream)

    def _find(
        self,
        caller: Caller,
        image_id: str,
        byte_range: ByteRange | None,
        prefer: Sequence[str],
    ) -> tuple[Image, Span | None]:
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
        if image.status is Status.DEACTIVATED and not caller.is_admin:
            self.access.require(caller, "get_image", image)
            raise DataWithheld(image_id)
        self.access.require(caller, "download_image", image)
        if prefer:
            self.access.require(caller, "download_from_store", image)
            require_known(self.stores, prefer)
        if image.status not in WITH_DATA or (byte_range is not None and image.size is None):
            raise NoData(image_id)
        return image, None if byte_range is None else byte_range.within(image.size or 0)

    def _open(
        self, image: Image, span: Span | None, prefer: Sequence[str]
    ) -> tuple[ReadStream, int]:
        """Return the data, and how many bytes that is."""
        offset, length = span or (0, None)
        failure: StoreUnavailable | CannotSeek | None = None
        lost = not image.locations
        named = by_weight(self.old_locations.name(image, self.stores), self.stores)
        for location in preferred(named.locations, prefer):
            for driver in self.stores.holding(location):
                try:
                    stream = begun(driver.open(location, offset, length))
                    return measured(stream, image.size if span is None else span.length)
                except DataNotFound:
                    lost = True
                except (StoreUnavailable, CannotSeek) as error:
                    failure = failure or error
                except Invalid:
                    continue
        if failure is None and not lost:
            # Only a store that knows the place can say that nothing is there.
            failure = StoreUnavailable(f"No store knows the locations of image {image.id}.")
        raise failure or NoData(image.id)

"""An object in the making, written to a volume of its own."""

import logging
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from tintype.adapters.stores.cinder.addresses import url_of
from tintype.adapters.stores.cinder.attachment import Attachment, Host
from tintype.adapters.stores.cinder.election import elect
from tintype.adapters.stores.cinder.faults import moving, writing
from tintype.adapters.stores.cinder.growth import gibibytes, grown
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.removal import remove
from tintype.adapters.stores.cinder.service import GIB, KEY, MARK, OWNER, SIZE, Volumes
from tintype.adapters.stores.cinder.volume_file import VolumeFile
from tintype.domain.errors import StorageFull, StoreUnavailable, TintypeError
from tintype.domain.location import Location

LOG = logging.getLogger(__name__)

MAKING: Final = frozenset({"creating"})
GROWING: Final = frozenset({"extending"})


@dataclass(eq=False)
class CinderWriteHandle:
    """Fills a volume that grows with it, and takes the mark of the unfinished off on `commit`.

    The attachment is the right to do so; see `removal.discard`.
    """

    settings: CinderSettings
    volumes: Volumes
    host: Host
    key: str
    size: int | None
    owner: str | None
    """The project that the image is of, if that is known."""
    making: MutableMapping[str, "CinderWriteHandle"]
    """Where it is found by the id of its volume while it lasts."""
    _mark: str = field(default_factory=lambda: secrets.token_hex(8))
    _volume: str = ""
    _capacity: int = 0
    _written: int = 0
    _attachment: Attachment | None = None
    _file: VolumeFile | None = None
    _lock: RLock = field(default_factory=RLock)
    _broken: bool = False
    _committed: bool = False

    def __enter__(self) -> "CinderWriteHandle":
        """Make the volume and attach it.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as Cinder says.
        """
        try:
            self._make()
            self._attach()
        except BaseException:
            self._take_back()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """Delete the volume if it was not committed."""
        if not self._committed:
            self._take_back()

    def _make(self) -> None:
        wanted = gibibytes(self.size or 0)
        metadata = {**self._described(self.size), MARK: self._mark}
        with writing(self.settings.store):
            self._volume = self.volumes.create(self.key, wanted, metadata)
            self.making[self._volume] = self
            self._await(MAKING)
        self._capacity = wanted * GIB

    def _described(self, size: int | None) -> Mapping[str, str]:
        """Return what the volume says of the image; source: stores §6.6."""
        told = {KEY: self.key, SIZE: None if size is None else str(size), OWNER: self.owner}
        return {name: value for name, value in told.items() if value is not None}

    def _await(self, passing: frozenset[str]) -> None:
        volume = self.volumes.wait(self._volume, passing)
        status = volume.status if volume else "gone"
        if status not in ("available", "in-use"):
            raise StoreUnavailable(
                f"Store {self.settings.store} cannot use volume {self._volume}: it is {status}."
            )

    def _attach(self) -> None:
        self._attachment = Attachment(self.settings, self.volumes, self.host, self._volume, "rw")
        with writing(self.settings.store):
            volume = self.volumes.get(self._volume)
        if volume is None or volume.is_discarded:
            raise self._incomplete()
        self._open(self._attachment)

    def _open(self, attachment: Attachment) -> None:
        # Anew also where the attachment stays: what is open may not notice that the volume grew.
        self._file = attachment.open()
        with moving(self.settings.store):
            self._file.seek(self._written)

    def _let_go(self) -> None:
        """Close the volume on this host, and leave it attached."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                with moving(self.settings.store):
                    file.close()

    def _detach(self) -> None:
        attachment, self._attachment = self._attachment, None
        try:
            self._let_go()
        finally:
            if attachment is not None:
                attachment.end()

    def cut_off(self) -> None:
        """Let nothing more be written, since somebody discards it."""
        self._broken = True
        try:
            self._let_go()
        except TintypeError as error:
            LOG.warning("Volume %s is not closed: %s", self._volume, error)

    def _take_back(self) -> None:
        self._broken = True
        try:
            self._detach()
        except TintypeError as error:
            LOG.warning("Volume %s is not closed: %s", self._volume, error)
        try:
            if self._volume:
                remove(self.settings, self.volumes, self._volume)
        except TintypeError as error:
            LOG.warning(
                "What was written of %s stays in store %s until it is discarded: %s",
                *(self.key, self.settings.store, error),
            )

    # ------------------------------------------------------------------ bytes

    def write(self, piece: memoryview) -> None:
        """Append the bytes, to a larger volume if need be.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as Cinder or the volume says; the
                handle is of no use any more.
        """
        view = memoryview(piece).cast("B")
        try:
            if self._written + len(view) > self._capacity:
                self._grow(self._written + len(view))
            with self._lock, moving(self.settings.store):
                self._open_file().write(view)
        except BaseException:
            self._broken = True
            raise
        self._written += len(view)

    def _open_file(self) -> VolumeFile:
        if self._broken or self._file is None:
            raise self._incomplete()
        return self._file

    def _sync(self) -> None:
        with self._lock, moving(self.settings.store):
            self._open_file().sync()

    def _incomplete(self) -> StoreUnavailable:
        return StoreUnavailable(f"Store {self.settings.store} did not get all of {self.key}.")

    def _grow(self, needed: int) -> None:
        self._sync()
        if self.settings.extend_attached:
            self._extend(needed)
            self._let_go()
            if self._attachment is not None:
                self._attachment.extend()
                self._open(self._attachment)
            return
        self._detach()
        with writing(self.settings.store):
            self._await(frozenset({"in-use", "detaching"}))
        self._extend(needed)
        self._attach()

    def _extend(self, needed: int) -> None:
        with writing(self.settings.store):
            wanted = grown(self._capacity, needed)
            try:
                self._extend_to(wanted)
            except StorageFull:
                # As far ahead there is no room, but perhaps there is for what is here.
                wanted = gibibytes(needed)
                self._extend_to(wanted)
        self._capacity = wanted * GIB

    def _extend_to(self, wanted: int) -> None:
        with writing(self.settings.store):
            self.volumes.extend(self._volume, wanted)
            self._await(GROWING)

    # ------------------------------------------------------------------ commit

    def commit(self) -> Location:
        """Say that the volume is whole, if no other one has the key.

        Raises:
            Duplicate: one has, or is being committed.
            StorageFull, StoreWriteDenied, StoreUnavailable: as Cinder or the volume says.
        """
        self._sync()
        self._let_go()
        with writing(self.settings.store):
            elect(self.settings, self.volumes, self.key, self._volume, self._mark)
            self.volumes.describe(self._volume, self._described(self._written))
            if self._attachment is None or not self.volumes.is_attached(self._attachment.id):
                raise self._incomplete()
        self._committed = True
        self._settle()
        store = self.settings.store if self.settings.named else None
        return Location(url_of(self._volume, store), {"store": store} if store else {})

    def _settle(self) -> None:
        try:
            self._detach()
            with writing(self.settings.store):
                self.volumes.protect(self._volume)
        except TintypeError as error:
            LOG.warning(
                "Volume %s of store %s can still be written to: %s",
                *(self._volume, self.settings.store, error),
            )

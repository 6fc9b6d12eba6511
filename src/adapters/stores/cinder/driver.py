"""The driver of cinder stores."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cache, partial
from importlib.util import find_spec
from typing import Any, Final
from weakref import WeakValueDictionary

from tintype.adapters.stores.cinder.addresses import SCHEMES, Address, not_ours, url_of
from tintype.adapters.stores.cinder.attachment import Host
from tintype.adapters.stores.cinder.connector import properties_of_host
from tintype.adapters.stores.cinder.election import taken
from tintype.adapters.stores.cinder.faults import name_of, reading, status_of, writing
from tintype.adapters.stores.cinder.growth import MAX_GIB, gibibytes
from tintype.adapters.stores.cinder.options import FOR_WRITING, OPTIONS, CinderSettings
from tintype.adapters.stores.cinder.read_stream import CinderStream
from tintype.adapters.stores.cinder.readers import Readers
from tintype.adapters.stores.cinder.removal import delete, discard
from tintype.adapters.stores.cinder.service import Volume, Volumes
from tintype.adapters.stores.cinder.write_handle import CinderWriteHandle
from tintype.adapters.stores.object_keys import check_key
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    Invalid,
    StorageFull,
    StoreUnavailable,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability

LOG = logging.getLogger(__name__)

READABLE: Final = frozenset({"available", "in-use", "attaching", "detaching", "reserved"})


class CinderDriver:
    """Keeps each object in a volume of its own, which metadata binds to the key.

    Source: stores §6.6.
    """

    TYPE = "cinder"
    SCHEMES = SCHEMES
    OPTIONS = OPTIONS
    FOR_WRITING = FOR_WRITING

    type = TYPE
    schemes = SCHEMES
    capabilities = (Capability.READ | Capability.RANGED_READ | Capability.WRITE) | (
        Capability.DELETE | Capability.EXCLUSIVE_DELETE
    )
    directories: Sequence[str] = ()

    def __init__(self, settings: CinderSettings) -> None:
        self.store = settings.store
        self._settings = settings
        self._volumes = Volumes(settings)
        self._host: Host = cache(partial(properties_of_host, settings))
        self._owner: str | None = None
        self._readers = Readers(settings, self._volumes, self._host)
        self._making: WeakValueDictionary[str, CinderWriteHandle] = WeakValueDictionary()

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "CinderDriver":
        """Build the driver of one store from option values by name, without any I/O.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        if find_spec("cinderclient") is None or find_spec("os_brick") is None:
            raise BadConfiguration(
                "[DEFAULT] enabled_backends",
                "type cinder needs python-cinderclient and os-brick: pip install "
                "'tintype[cinder]'.",
            )
        return cls(CinderSettings.read(store, settings, named=named))

    def acting_for(self, caller: Caller) -> "CinderDriver":
        """Return the same driver, whose new volumes say that they are for the caller's project."""
        view = copy(self)
        view._owner = caller.project_id
        return view

    @property
    def properties(self) -> Mapping[str, Any]:
        """Say which volumes there are, and how many ways to them are used."""
        return {
            "volume_type": self._settings.volume_type,
            "use_multipath": self._settings.use_multipath,
        }

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The store's name; nothing where stores have none."""
        return [f"cinder://{self.store}"] if self._settings.named else []

    # ------------------------------------------------------------------ start

    def start(self) -> None:
        """Ask for the type of the volumes.

        That it is missing is only worth a warning, for what is stored can be read all the same;
        and so is a service that does not answer, for it may later.

        Raises:
            BadConfiguration: Keystone or Cinder does not let us in.
        """
        from keystoneauth1.exceptions import CatalogException

        kind = self._settings.volume_type
        try:
            with reading(self.store):
                if kind not in self._volumes.kinds():
                    LOG.warning("Store %s: Cinder has no volume type %s.", self.store, kind)
        except StoreUnavailable as error:
            cause = error.__cause__
            if isinstance(cause, CatalogException):
                problem = "the catalogue of Keystone has no such endpoint."
                raise BadConfiguration("cinder_catalog_info", problem) from error
            if isinstance(cause, Exception) and status_of(cause) in (401, 403):
                problem = f"the service does not let us in ({name_of(cause)})."
                raise BadConfiguration("cinder_store_auth_address", problem) from error
            LOG.warning("Store %s does not answer yet: %s", self.store, error)

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> CinderWriteHandle:
        """Begin a new object of that key.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: no volume may have `size` bytes.
            StoreWriteDenied, StoreUnavailable: as Cinder says.
        """
        check_key(key)
        if gibibytes(size or 0) > MAX_GIB:
            raise StorageFull(self.store)
        with writing(self.store):
            if any(volume.mark is None for volume in self._volumes.of_key(key)):
                raise taken(key, self.store)
        return CinderWriteHandle(
            self._settings, self._volumes, self._host, key, size, self._owner, self._making
        )

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> CinderStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreUnavailable: as Cinder says, or somebody else has the volume.
        """
        volume = self._find(location)
        there = max(0, volume.size - offset)
        size = there if length is None else min(length, there)
        if not size:
            return CinderStream(self.store, 0, None, lambda: None)
        if volume.status not in READABLE:
            raise StoreUnavailable(
                f"Store {self.store} cannot read volume {volume.id}: it is {volume.status}."
            )
        return self._readers.stream(volume.id, offset, size)

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes.

        Raises:
            Invalid, DataNotFound, StoreUnavailable: as `open`.
        """
        return self._find(location).size

    def _find(self, location: Location) -> Volume:
        address = Address.of(location.url, self.store)
        # The store may have got another name since the location was recorded.
        named = location.store == self.store or address.store == self.store
        if address.store is not None and not named:
            return self._find_renamed(address)
        with reading(self.store):
            volume = self._volumes.get(address.volume)
            if volume is None or not volume.is_whole:
                raise DataNotFound(address.volume, self.store)
            # Before stores had names, the type of a volume is all that told them apart.
            lost = self._settings.named and address.store is None and location.store is None
            if lost and not self._volumes.is_ours(volume):
                raise DataNotFound(address.volume, self.store)
        return volume

    def _find_renamed(self, address: Address) -> Volume:
        """Return a volume at a URL with another name, if the store may have had that.

        Raises:
            Invalid: it did not, as far as the volume tells, or the volume is not there.
        """
        with reading(self.store):
            volume = self._own(address) if self._settings.named else None
        if volume is None:
            raise not_ours(self.store)
        return volume

    def _own(self, address: Address) -> Volume | None:
        """Return a volume if it is of the store's type, and whole."""
        volume = self._volumes.get(address.volume)
        if volume is None or not volume.is_whole or not self._volumes.is_ours(volume):
            return None
        return volume

    def claimed(self, url: str) -> str | None:
        """Return the present URL of a volume that is of the store's type.

        The name of a store in the old one may be of former times.

        Raises:
            StoreUnavailable: as Cinder says.
        Source: stores §4.
        """
        try:
            address = Address.of(url, self.store)
        except Invalid:
            return None
        with reading(self.store):
            volume = self._own(address)
        return None if volume is None else url_of(volume.id, self.store)

    # ------------------------------------------------------------------ remove

    def delete(self, location: Location) -> None:
        """Remove the object for good, which takes as long as Cinder needs to do it.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            InUse: somebody has the volume, or something depends on it.
            StoreWriteDenied, StoreUnavailable: as Cinder says.
        """
        delete(self._settings, self._volumes, self._find(location).id)

    def discard_unfinished(self, key: str) -> None:
        """Delete the volumes of that key that are not whole.

        Raises:
            Invalid: it is no key.
            StoreWriteDenied, StoreUnavailable: as Cinder says, or another process still has one.
        """
        check_key(key)
        with writing(self.store):
            left = [volume.id for volume in self._volumes.of_key(key) if volume.mark is not None]
        for volume in left:
            handle = self._making.get(volume)
            if handle is not None:
                handle.cut_off()
            discard(self._settings, self._volumes, volume)

    # ------------------------------------------------------------------ look

    def probe(self) -> None:
        """Ask for the types of volumes.

        Raises:
            StoreWriteDenied, StoreUnavailable: as Cinder says.
        """
        with writing(self.store):
            self._volumes.kinds()

    def locate(self, key: str) -> list[Location]:
        """Ask for the volumes that an object of that key is in.

        Raises:
            Invalid: it is no key.
            StoreUnavailable: as Cinder says.
        """
        check_key(key)
        with reading(self.store):
            found = [each.id for each in self._volumes.of_key(key) if each.mark is None]
        store = self.store if self._settings.named else None
        metadata = {"store": store} if store else {}
        return [Location(url_of(volume, store), metadata) for volume in found]

    def keys(self) -> Iterator[str]:
        """Give the key of every volume that has one, and a name for those that are not whole.

        Raises:
            StoreUnavailable: as Cinder says.
        """
        with reading(self.store):
            for volume in self._volumes.all():
                key = str(volume.key)
                yield key if volume.mark is None else f".{key}.{volume.id}.part"

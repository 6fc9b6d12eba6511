"""The driver of vmware stores."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final

from oslo_config import cfg

from tintype.adapters.stores.object_keys import check_key
from tintype.adapters.stores.vmware.addresses import (
    SCHEMES,
    Address,
    Place,
    key_of,
    name_of,
    not_ours,
)
from tintype.adapters.stores.vmware.faults import reading, writing
from tintype.adapters.stores.vmware.files import Files
from tintype.adapters.stores.vmware.inventory import Inventory
from tintype.adapters.stores.vmware.options import OPTIONS, VmwareSettings
from tintype.adapters.stores.vmware.read_stream import VmwareStream
from tintype.adapters.stores.vmware.write_handle import VmwareWriteHandle, taken, whole_of
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    InUse,
    StorageFull,
    StoreUnavailable,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability

LOG = logging.getLogger(__name__)

ROUNDS: Final = 5


class VmwareDriver:
    """Keeps each object in a file of one of several datastores.

    Source: stores §6.7.
    """

    TYPE = "vmware"
    SCHEMES = SCHEMES
    OPTIONS: Sequence[cfg.Opt] = OPTIONS

    type = TYPE
    schemes = SCHEMES
    capabilities = (Capability.READ | Capability.RANGED_READ | Capability.WRITE) | (
        Capability.DELETE | Capability.EXCLUSIVE_DELETE
    )
    directories: Sequence[str] = ()

    def __init__(self, settings: VmwareSettings) -> None:
        self.store = settings.store
        self._settings = settings
        self._inventory = Inventory(settings)
        self._files = Files(settings, self._inventory)

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "VmwareDriver":
        """Build the driver of one store from option values by name, without any I/O.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        if find_spec("pyVmomi") is None:
            raise BadConfiguration(
                "[DEFAULT] enabled_backends",
                "type vmware needs pyvmomi: pip install 'tintype[vmware]'.",
            )
        return cls(VmwareSettings.read(store, settings, named=named))

    @property
    def properties(self) -> Mapping[str, Any]:
        """Nothing is told of it."""
        return {}

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The directory on the server, whatever the datastore."""
        address = self._at(next(iter(self._settings.places)), "x")
        return [address.url.rpartition("/x?")[0]]

    # ------------------------------------------------------------------ start

    def start(self) -> None:
        """Log in, and make the directory of images in every datastore that is there.

        A server that does not answer is not waited for: it may later.

        Raises:
            BadConfiguration: the server does not let us in, or has no such datastore.
        """
        from pyVmomi import vim

        for place in self._settings.places:
            try:
                with reading(self.store):
                    self._inventory.room(place)
                    self._inventory.make_directory(place)
            except StoreUnavailable as error:
                if isinstance(error.__cause__, vim.fault.InvalidLogin):
                    problem = "the server does not let us in with this name and password."
                    raise BadConfiguration("vmware_server_username", problem) from error
                if isinstance(error.__cause__, vim.fault.NotFound):
                    problem = f"there is no {place.datacenter}:{place.datastore}."
                    raise BadConfiguration("vmware_datastores", problem) from error
                LOG.warning("Store %s does not work yet: %s", self.store, error)

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> VmwareWriteHandle:
        """Begin a new object of that key, in the heaviest datastore that has room.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: no datastore has room for `size` bytes.
            StoreWriteDenied, StoreUnavailable: as the server says.
        """
        check_key(key)
        with writing(self.store):
            place = self._roomiest(size or 0)
            addresses = [self._at(each, name_of(key)) for each in self._settings.places]
            if any(self._files.size(address) is not None for address in addresses):
                raise taken(key, self.store)
        address = self._at(place, name_of(key))
        elsewhere = [each for each in addresses if each != address]
        return VmwareWriteHandle(
            self.store,
            self._inventory,
            self._files,
            address,
            elsewhere,
            size,
            self._location(address),
        )

    def _roomiest(self, size: int) -> Place:
        """Return the datastore for so many bytes.

        Raises:
            StorageFull: none has room; StoreUnavailable: none can be used.
        """
        rooms = {place: self._inventory.room(place) for place in self._settings.places}
        usable = [
            (self._settings.places[place], room, place)
            for place, room in rooms.items()
            if room is not None
        ]
        if not usable:
            raise StoreUnavailable(f"Store {self.store} has no datastore that can be used now.")
        fitting = [each for each in usable if each[1] >= size]
        if not fitting:
            raise StorageFull(self.store)
        return max(fitting, key=lambda each: each[:2])[2]

    def _at(self, place: Place, name: str) -> Address:
        return Address(self._settings.address, self._settings.directory, name, place)

    def _location(self, address: Address) -> Location:
        own = {"store": self.store} if self._settings.named else {}
        return Location(address.url, own)

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> VmwareStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreUnavailable: as the server says.
        """
        there = self.size(location)
        rest = max(0, there - offset)
        wanted = rest if length is None else min(length, rest)
        if not wanted:
            return VmwareStream(self.store, 0)
        address = self._address(location)
        with reading(self.store):
            found = self._files.get(address, offset)
        if found is None:
            raise DataNotFound(address.name, self.store)
        connection, answer = found
        skip = offset if answer.status == 200 else 0
        return VmwareStream(self.store, wanted, skip, connection, answer)

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes.

        Raises:
            Invalid, DataNotFound, StoreUnavailable: as `open`.
        """
        address = self._address(location)
        with reading(self.store):
            size = self._files.size(address)
            if size is None:
                # A datastore that is away has images still, which are not to be taken for deleted.
                self._inventory.room(address.place)
        if size is None:
            raise DataNotFound(address.name, self.store)
        return size

    def _address(self, location: Location) -> Address:
        address = Address.of(location.url, self.store)
        own = self._settings
        at_home = address.host.lower() == own.address.lower()
        # The server may have got another name since the location was recorded. But other
        # directories hold the disks of machines.
        if address.directory != own.directory or not (at_home or location.store == self.store):
            raise not_ours(self.store)
        return address

    # ------------------------------------------------------------------ remove

    def delete(self, location: Location) -> None:
        """Remove the object for good.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            InUse: the file is locked.
            StoreWriteDenied, StoreUnavailable: as the server says.
        """
        from pyVmomi import vim

        address = self._address(location)
        with writing(self.store):
            try:
                self._inventory.delete(address)
            except vim.fault.FileNotFound:
                raise DataNotFound(address.name, self.store) from None
            except vim.fault.FileLocked:
                raise InUse(address.name, self.store, "the file is locked") from None

    def discard_unfinished(self, key: str) -> None:
        """Remove the files that were to have that key.

        Raises:
            Invalid: it is no key.
            StoreWriteDenied, StoreUnavailable: as the server says.
        """
        check_key(key)
        with writing(self.store):
            for place in self._settings.places:
                for _ in range(ROUNDS):
                    if not self._discard(place, name_of(key)):
                        break

    def _discard(self, place: Place, name: str) -> bool:
        """Remove what is to be called so in a datastore, and say whether there was something.

        What is sent is seen when its owner has removed the claim, so one has to look again.
        """
        from pyVmomi import vim

        left = [each for each in self._inventory.names(place) if whole_of(each) == name]
        for each in left:
            try:
                self._inventory.delete(self._at(place, each))
            except vim.fault.FileNotFound:
                continue
        return bool(left)

    # ------------------------------------------------------------------ look

    def probe(self) -> None:
        """Look for a datastore that can be used.

        Raises:
            StorageFull: none has room for anything.
            StoreWriteDenied, StoreUnavailable: as the server says.
        """
        with writing(self.store):
            self._roomiest(1)

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key would be, in each datastore."""
        check_key(key)
        return [self._location(self._at(place, name_of(key))) for place in self._settings.places]

    def keys(self) -> Iterator[str]:
        """Give the name of every file in the directory of images.

        Raises:
            StoreUnavailable: as the server says.
        """
        with reading(self.store):
            for place in self._settings.places:
                for name in self._inventory.names(place):
                    yield key_of(name) if whole_of(name) is None else f".{name}"

"""The driver of rbd stores."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tintype.adapters.stores.object_keys import check_key
from tintype.adapters.stores.rbd import devices
from tintype.adapters.stores.rbd.addresses import (
    SCHEME,
    SNAPSHOT,
    Address,
    not_ours,
    prefix_of,
    unfinished_name,
    unfinished_pattern,
)
from tintype.adapters.stores.rbd.cluster import Cluster, Pool
from tintype.adapters.stores.rbd.faults import DENIED, name_of, number_of
from tintype.adapters.stores.rbd.options import FOR_WRITING, OPTIONS, RbdSettings
from tintype.adapters.stores.rbd.read_stream import RbdStream
from tintype.adapters.stores.rbd.removal import remove
from tintype.adapters.stores.rbd.write_handle import RbdWriteHandle, taken
from tintype.domain.errors import BadConfiguration, DataNotFound, InUse, StorageFull
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability

LOG = logging.getLogger(__name__)

MAX_SIZE = 1 << 50
"""Most bytes of an object; with the usual features RBD stops not far from there."""


class RbdDriver:
    """Keeps each object as a block device of its key's name, with a snapshot that can be cloned.

    Source: stores §6.5.
    """

    TYPE = "rbd"
    SCHEMES = frozenset({SCHEME})
    OPTIONS = OPTIONS
    FOR_WRITING = FOR_WRITING

    type = TYPE
    schemes = SCHEMES
    capabilities = Capability.READ | Capability.RANGED_READ | Capability.WRITE | Capability.DELETE
    directories: Sequence[str] = ()

    def __init__(self, settings: RbdSettings) -> None:
        self.store = settings.store
        self._settings = settings
        self._cluster = Cluster(settings)
        self._known_fsid: str | None = None
        self._sure_of_fsid = False

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "RbdDriver":
        """Build the driver of one store from option values by name, without any I/O.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        try:
            import rados  # noqa: F401
            import rbd  # noqa: F401
        except ImportError as error:
            raise BadConfiguration(
                "[DEFAULT] enabled_backends",
                "type rbd needs the Python bindings of Ceph: install the packages python3-rados "
                "and python3-rbd of the distribution, and let this Python find their modules "
                f"({error}).",
            ) from error
        return cls(RbdSettings.read(store, settings, named=named))

    @property
    def properties(self) -> Mapping[str, Any]:
        """Say where images are kept, and how they are cut."""
        return {
            "chunk_size": 1 << self._settings.order,
            "pool": self._settings.pool,
            "thin_provisioning": self._settings.thin,
            "fsid": self._known_fsid,
        }

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The pool, once the cluster is known: at start, or by its configuration file."""
        known = self._known_fsid
        return [prefix_of(known, self._settings.pool)] if known else []

    # ------------------------------------------------------------------ start

    def start(self) -> None:
        """Look for the pool.

        A cluster that does not answer is not waited for: it may later. Nothing is kept open, for
        the process may be forked into others, which cannot share a connection.

        Raises:
            BadConfiguration: there is no such pool or configuration, or we are not let in.
        """
        import rados

        try:
            client = self._cluster.configured()
        except rados.Error as error:
            problem = f"it cannot be read ({name_of(error)})."
            raise BadConfiguration("rbd_store_ceph_conf", problem) from error
        self._known_fsid = client.conf_get("fsid") or None
        try:
            client.connect()
            self._known_fsid = client.get_fsid()
            self._sure_of_fsid = True
            client.open_ioctx(self._settings.pool).close()
        except rados.Error as error:
            self._amend(error)
        finally:
            client.shutdown()

    def _amend(self, error: Exception) -> None:
        import rados

        if isinstance(error, rados.ObjectNotFound):
            # The key is not found either, if there is none for the user.
            problem = f"there is no pool {self._settings.pool}, or no key for the user."
            raise BadConfiguration("rbd_store_pool", problem) from error
        if number_of(error) in DENIED:
            problem = f"the cluster does not let the user in ({name_of(error)})."
            raise BadConfiguration("rbd_store_user", problem) from error
        LOG.warning("Store %s does not answer yet: %s", self.store, name_of(error))

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> RbdWriteHandle:
        """Begin a new object of that key.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: `size` bytes do not fit.
            StoreWriteDenied, StoreUnavailable: as the cluster says.
        """
        check_key(key)
        with self._cluster.writing(), self._cluster.pool() as pool:
            if size and not self._fits(size, pool.room()):
                raise StorageFull(self.store)
            if devices.id_of(pool, key) is not None:
                raise taken(key, self.store)
        return RbdWriteHandle(self._cluster, key, size, self._location(key))

    def _fits(self, size: int, room: int | None) -> bool:
        # How much of it is zeros, which take no room, is not known.
        return size <= MAX_SIZE and (room is None or size <= room or self._settings.thin)

    def _location(self, key: str) -> Location:
        own = {"store": self.store} if self._settings.named else {}
        address = Address(key, self._fsid(), self._settings.pool, SNAPSHOT)
        return Location(address.url, own)

    def _fsid(self) -> str:
        if not self._sure_of_fsid:
            with self._cluster.reading():
                self._known_fsid = self._cluster.connected().get_fsid()
            self._sure_of_fsid = True
        return str(self._known_fsid)

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> RbdStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreUnavailable: as the cluster says.
        """
        address = self._address(location)
        with self._cluster.reading():
            pool = self._cluster.pool(address.pool)
            try:
                image = self._image(pool, address)
                there = max(0, image.size() - offset)
            except BaseException:
                pool.close()
                raise
        size = there if length is None else min(length, there)
        return RbdStream(self._cluster, pool, image, offset, size)

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes.

        Raises:
            Invalid, DataNotFound, StoreUnavailable: as `open`.
        """
        address = self._address(location)
        with self._cluster.reading(), self._cluster.pool(address.pool) as pool:
            image = self._image(pool, address)
            try:
                return int(image.size())
            finally:
                image.close()

    def _image(self, pool: Pool, address: Address) -> Any:
        """Open a device, so that others can tell that it is open, and leave it alone.

        Not with `read_only`: nobody could tell then, and librbd 16 writes to memory that it has
        given back when snapshots that were opened so are closed.
        """
        import rbd

        try:
            return rbd.Image(pool.context, address.name, snapshot=address.snapshot)
        except rbd.ImageNotFound:
            raise DataNotFound(address.name, self.store) from None

    def _address(self, location: Location) -> Address:
        address = Address.of(location.url, self.store)
        # A copy of the cluster, which has another id, may have taken its place.
        if location.store == self.store and self._settings.named:
            return address
        if address.fsid is None or address.fsid == self._fsid():
            return address
        raise not_ours(self.store)

    # ------------------------------------------------------------------ remove

    def delete(self, location: Location) -> None:
        """Remove the object for good; one with snapshots of others goes to the trash.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            InUse: it has clones, or somebody has it open.
            StoreWriteDenied, StoreUnavailable: as the cluster says.
        """
        import rbd

        address = self._address(location)
        with self._cluster.removing(), self._cluster.pool(address.pool) as pool:
            try:
                remove(pool, address.name, address.snapshot)
            except rbd.ImageNotFound:
                raise DataNotFound(address.name, self.store) from None
            except rbd.ImageBusy:
                raise InUse(address.name, self.store, "it has clones, or is open") from None

    def discard_unfinished(self, key: str) -> None:
        """Remove the devices that were to get that key; those that are open lose their names.

        Devices with the name of the key are left alone: they have it when they are finished.

        Raises:
            Invalid: it is no key.
            StoreWriteDenied, StoreUnavailable: as the cluster says.
        """
        check_key(key)
        pattern = unfinished_pattern(key)
        with self._cluster.removing(), self._cluster.pool() as pool:
            for name in devices.names(pool):
                if pattern.fullmatch(name):
                    devices.take_name(pool, name)
            devices.empty_trash(pool)
            devices.release(pool, key)

    # ------------------------------------------------------------------ look

    def probe(self) -> None:
        """Take the right to a name that no object has, and give it back.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the cluster says.
        """
        name = unfinished_name("probe")
        with self._cluster.writing(), self._cluster.pool() as pool:
            devices.claim(pool, name, name)
            devices.release(pool, name)

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key would be.

        Raises:
            Invalid: it is no key.
            StoreUnavailable: the id of the cluster is not known, and it does not answer.
        """
        check_key(key)
        return [self._location(key)]

    def keys(self) -> Iterator[str]:
        """Give the name of every device in the pool, and of unfinished ones in its trash.

        Raises:
            StoreUnavailable: as the cluster says.
        """
        with self._cluster.reading(), self._cluster.pool() as pool:
            yield from [*devices.names(pool), *devices.unfinished_in_trash(pool).values()]

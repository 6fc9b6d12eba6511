"""Objects in the memory of the process: for trials and for tests."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from oslo_config import cfg

from tintype.adapters.stores.object_keys import check_key, is_key
from tintype.domain.errors import DataNotFound, Duplicate, Invalid, StorageFull, StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability

PIECE: Final = 1 << 20


class MemoryStream:
    """A part of an object on its way out."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    @property
    def size(self) -> int:
        """How many bytes it will give."""
        return len(self._data)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        end = len(self._data) if size < 0 else self._position + size
        piece = bytes(self._data[self._position : end])
        self._position += len(piece)
        return piece

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB."""
        while piece := self.read(PIECE):
            yield piece

    def close(self) -> None:
        """Let go of nothing: the object is the store's."""


class MemoryWriteHandle:
    """An object in the making, counted against the capacity of the store as it grows."""

    def __init__(self, driver: "MemoryDriver", key: str) -> None:
        self._driver = driver
        self.key = key
        self._data = bytearray()
        self._committed = False

    def __enter__(self) -> "MemoryWriteHandle":
        """Begin."""
        self._driver.begin(self)
        return self

    def __exit__(self, *error: object) -> None:
        """Give back the room of what was not committed."""
        if not self._committed:
            self._driver.forget(self, len(self._data))
            self._data.clear()

    def write(self, piece: memoryview) -> None:
        """Append the bytes.

        Raises:
            StorageFull: the capacity is used up.
        """
        self._driver.take_room(len(piece))
        self._data += piece

    def commit(self) -> Location:
        """Make the object visible.

        Raises:
            Duplicate: an object of that key exists.
            StoreUnavailable: it was discarded.
        """
        location = self._driver.keep(self, bytes(self._data))
        self._committed = True
        return location


class MemoryDriver:
    """Keeps objects in a mapping; they live as long as the driver does."""

    TYPE = "memory"
    SCHEMES = frozenset({"memory"})
    OPTIONS: Sequence[cfg.Opt] = (
        cfg.IntOpt(
            "memory_store_capacity",
            default=1 << 30,
            min=0,
            help="How many bytes the store holds at most, of all images together.",
        ),
    )

    type = TYPE
    schemes = SCHEMES
    capabilities = (Capability.READ | Capability.RANGED_READ | Capability.WRITE) | (
        Capability.DELETE | Capability.EXCLUSIVE_DELETE
    )
    directories: Sequence[str] = ()

    def __init__(self, store: str, capacity: int = 1 << 30, *, named: bool = False) -> None:
        self.store = store
        self._capacity = capacity
        self._metadata = {"store": store} if named else {}
        self._objects: dict[str, bytes] = {}
        self._unfinished: set[MemoryWriteHandle] = set()
        self._used = 0
        self._lock = Lock()

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "MemoryDriver":
        """Build the driver from option values by name."""
        return cls(store, settings.get("memory_store_capacity", 1 << 30), named=named)

    @property
    def properties(self) -> Mapping[str, Any]:
        """How much it holds at most, in bytes."""
        return {"capacity": self._capacity}

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The one root of all its locations."""
        return (f"memory://{self.store}",)

    def start(self) -> None:
        """Nothing has to be made ready."""

    def probe(self) -> None:
        """Look whether there is room for a byte.

        Raises:
            StorageFull: there is none.
        """
        if self._used >= self._capacity:
            raise StorageFull(self.store)

    def create(self, key: str, size: int | None) -> MemoryWriteHandle:
        """Begin a new object of that key.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: `size` bytes do not fit.
        """
        check_key(key)
        if key in self._objects:
            raise _taken(key, self.store)
        if self._used + (size or 0) > self._capacity:
            raise StorageFull(self.store)
        return MemoryWriteHandle(self, key)

    def begin(self, handle: MemoryWriteHandle) -> None:
        """Note that an object is in the making."""
        with self._lock:
            self._unfinished.add(handle)

    def take_room(self, size: int) -> None:
        """Set room for so many bytes aside.

        Raises:
            StorageFull: it is not there.
        """
        with self._lock:
            if self._used + size > self._capacity:
                raise StorageFull(self.store)
            self._used += size

    def forget(self, handle: MemoryWriteHandle, size: int) -> None:
        """Free the room of an object that comes to nothing."""
        with self._lock:
            self._used -= size
            self._unfinished.discard(handle)

    def keep(self, handle: MemoryWriteHandle, data: bytes) -> Location:
        """Make an object, for whose bytes room was taken, visible.

        Raises:
            Duplicate: an object of that key exists.
            StoreUnavailable: it was discarded.
        """
        with self._lock:
            if handle.key in self._objects:
                raise _taken(handle.key, self.store)
            if handle not in self._unfinished:
                raise StoreUnavailable(f"Store {self.store} was told to discard {handle.key}.")
            self._unfinished.remove(handle)
            self._objects[handle.key] = data
        return self._location(handle.key)

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> MemoryStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
        """
        end = None if length is None else offset + length
        return MemoryStream(memoryview(self._data(location))[offset:end])

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes.

        Raises:
            Invalid, DataNotFound: as `open`.
        """
        return len(self._data(location))

    def delete(self, location: Location) -> None:
        """Forget the object; streams of it go on.

        Raises:
            Invalid, DataNotFound: as `open`.
        """
        key = self._key(location)
        with self._lock:
            data = self._objects.pop(key, None)
            if data is None:
                raise DataNotFound(key, self.store)
            self._used -= len(data)

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key would be."""
        check_key(key)
        return [self._location(key)]

    def discard_unfinished(self, key: str) -> None:
        """Let no handle of that key commit any more; its room is freed when it is left."""
        check_key(key)
        with self._lock:
            self._unfinished = {handle for handle in self._unfinished if handle.key != key}

    def keys(self) -> Iterator[str]:
        """Give the key of every object."""
        with self._lock:
            return iter(list(self._objects))

    def _location(self, key: str) -> Location:
        return Location(f"memory://{self.store}/{key}", dict(self._metadata))

    def _key(self, location: Location) -> str:
        prefix = f"memory://{self.store}/"
        key = location.object.removeprefix(prefix)
        if not location.object.startswith(prefix) or not is_key(key):
            raise Invalid(f"The location is none of store {self.store}'s.")
        return key

    def _data(self, location: Location) -> bytes:
        key = self._key(location)
        try:
            return self._objects[key]
        except KeyError:
            raise DataNotFound(key, self.store) from None


def _taken(key: str, store: str) -> Duplicate:
    return Duplicate(f"Store {store} holds data for {key} already.")

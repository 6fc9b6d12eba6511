"""Where bytes are kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Flag, auto
from typing import Any, Protocol, runtime_checkable

from tintype.domain.caller import Caller
from tintype.domain.location import Location


class Capability(Flag):
    """What a driver can do; tests and callers ask, instead of knowing drivers by name."""

    READ = auto()
    RANGED_READ = auto()
    WRITE = auto()
    DELETE = auto()
    EXCLUSIVE_DELETE = auto()
    """Of several who delete an object at the same moment one does; the others are told that
    nothing is there."""
    OPEN_FILE = auto()
    """Reads come as an open file that the server can hand to the kernel."""


@runtime_checkable
class Probed(Protocol):
    """A driver that can tell how its store is doing; drivers may do without."""

    def probe(self) -> None:
        """Find out whether the store takes data now, leaving nothing behind.

        It may be called at any time after `start`, also beside other calls, and returns or
        raises within the time that the driver gives its store to answer.

        Raises:
            StorageFull: there is no room for anything; what is there can be read and deleted.
            StoreWriteDenied: it answers, but nothing can be changed.
            StoreUnavailable: it does not answer.
        """


class WriteHandle(Protocol):
    """A new object in the making: it is there for good, whole, or not at all.

    A context manager for one thread: left without `commit`, or by an error, it takes back
    everything written.
    """

    def __enter__(self) -> "WriteHandle":
        """Begin."""

    def __exit__(self, *error: object) -> None:
        """Take back what was not committed."""

    def write(self, piece: memoryview) -> None:
        """Append the bytes; the buffer is the caller's again afterwards.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the store says.
        """

    def commit(self) -> Location:
        """Make the object durable and visible under its key, at once, and say where it is.

        When it returns, the bytes survive a power failure.

        Raises:
            Duplicate: an object of that key exists.
            StorageFull, StoreWriteDenied, StoreUnavailable: as the store says.
        """


class ReadStream(Protocol):
    """Bytes of one object on their way out; iterate over pieces of at most 1 MiB.

    A stream that also has `fileno()` is backed by a real file whose position is the first
    byte asked for: the server may send `size` bytes of it by itself.
    """

    @property
    def size(self) -> int | None:
        """How many bytes it will give; None if the store does not say, and the end has to tell."""

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""

    def close(self) -> None:
        """Let go of what is held; twice is as good as once."""


@runtime_checkable
class ActsForCallers(Protocol):
    """A driver that keeps data in accounts of projects, or notes whose it is; others do without."""

    def acting_for(self, caller: Caller) -> "StorageDriver":
        """Return the driver for a caller's project.

        In an account of that it acts with the caller's token, or in the service's own name if
        there is none.
        """


@runtime_checkable
class KeepsAccessLists(Protocol):
    """A driver whose store itself knows which projects may read and write an object."""

    def set_access(
        self, location: Location, *, public: bool, readers: Sequence[str], writers: Sequence[str]
    ) -> None:
        """Say which projects may, besides the one whose object it is; all may read if `public`.

        Raises:
            DataNotFound, Invalid: as `StorageDriver.open`.
            StoreWriteDenied, StoreUnavailable: as the store says.
        """


@runtime_checkable
class OfFile(Protocol):
    """Something that stands for an open file of this host."""

    def fileno(self) -> int:
        """Return the descriptor."""


@runtime_checkable
class TakesFiles(Protocol):
    """A driver that may take over a file of this host without copying it; others do without."""

    def create_from(self, key: str, file: OfFile) -> AbstractContextManager[WriteHandle] | None:
        """Begin a new object of that key that is the file; None if it has to be copied.

        Nobody may change the file any more. What is in it is written to the handle all the same,
        and `commit` fails if that was not all. Whose file it was removes its name.

        Raises:
            as `StorageDriver.create`.
        """


class StorageDriver(Protocol):
    """One store. Stateless between calls and safe between threads.

    Locations are read by the URL that `create` gave. Every error names the store and none a
    credential.
    """

    @property
    def store(self) -> str:
        """The id of the store."""

    @property
    def type(self) -> str:
        """The kind of store, as configuration names it (`file`, `s3`, …)."""

    @property
    def schemes(self) -> frozenset[str]:
        """URL schemes of its locations."""

    @property
    def capabilities(self) -> Capability:
        """What it can do."""

    @property
    def properties(self) -> Mapping[str, Any]:
        """What administrators are shown of it (images-api §12, stores detail)."""

    def start(self) -> None:
        """Make ready; called once, before anything else.

        Raises:
            BadConfiguration: it cannot work as configured; says why. Reading may still be tried.
        """

    def create(self, key: str, size: int | None) -> AbstractContextManager[WriteHandle]:
        """Begin a new object of that key; `size` in bytes if it is known.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: `size` bytes do not fit.
            StoreNotWritable: this kind of store never takes data.
            StoreWriteDenied, StoreUnavailable: as the store says.
        """

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> ReadStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            DataNotFound: nothing is there.
            Invalid: the location is none of this store's, or it cannot seek.
            StoreUnavailable: as the store says.
        """

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes, 0 if the store does not say.

        Raises:
            DataNotFound, Invalid, StoreUnavailable: as `open`.
        """

    def delete(self, location: Location) -> None:
        """Remove the object for good.

        Raises:
            DataNotFound: nothing is there.
            InUse: something else depends on it.
            Invalid: the location is none of this store's.
            StoreWriteDenied, StoreUnavailable: as the store says.
        """

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key may be, whether or not one is.

        Raises:
            Invalid: it is no key.
            StoreUnavailable: the store itself gives out the places, and does not answer.
        """

    def discard_unfinished(self, key: str) -> None:
        """Remove what a process that died left of an object it was creating under that key.

        Committed objects stay. Nothing to remove is no error. Should the process live after
        all, its handle can no longer commit.

        Raises:
            Invalid: it is no key.
            StoreWriteDenied, StoreUnavailable: as the store says.
        """

    def keys(self) -> Iterator[str]:
        """Give the key of every object, and the name of everything else that is there.

        Raises:
            StoreUnavailable: as the store says.
        """

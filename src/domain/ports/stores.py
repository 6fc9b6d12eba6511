"""The stores that are enabled."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tintype.domain.caller import Caller
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import StorageDriver
from tintype.domain.store import Store


class Stores(Protocol):
    """The registry of drivers, fixed when the service starts."""

    @property
    def multiple(self) -> bool:
        """Whether stores have names that callers use (`enabled_backends` is set)."""

    def acting_for(self, caller: Caller) -> "Stores":
        """Return the same stores, for one caller.

        Those that keep data in accounts of projects keep it in the caller's, with its token if
        there is one; some note which project it is of; the others are the same for everybody.
        """

    def list(self) -> Sequence[Store]:
        """Describe the stores in the order of configuration, without reserved ones."""

    def target(self, store_id: str | None) -> StorageDriver:
        """Return the driver for new data: the named store, or the default one.

        Raises:
            UnknownStore: it is not enabled, or it is reserved.
            StoreUnavailable: it is out of service.
        """

    def named(self, store_id: str) -> StorageDriver | None:
        """Return the driver of a store, reserved or not; None if it is not enabled."""

    def holding(self, location: Location) -> Sequence[StorageDriver]:
        """Return the drivers to ask for a location, the likeliest first."""

    def weight(self, location: Location) -> int:
        """Return the weight of the store that holds a location; 0 for an unknown one."""

    def identify(self, location: Location) -> Location:
        """Return a recorded location with the name of its store, without asking any store.

        The very same object if it names an enabled store, or none is known for the URL.
        Source: stores §4.
        """

    def is_undecided(self, location: Location) -> bool:
        """Whether only the stores themselves can tell whose a recorded location is, and have not.

        Source: stores §4.
        """

    def identify_by_asking(self, location: Location) -> Location:
        """Return what `identify` does, after asking the stores if only they can tell.

        It takes as long as they do. While one that may know does not answer, the location stays
        undecided.
        """

    def adopt(self, url: str, metadata: Mapping[str, Any]) -> Location:
        """Make the location of data that a caller says is at a URL, without asking for it.

        Where stores have names the metadata gets that of the store, whatever it said before.

        Raises:
            BadLocation: no store reads such URLs, or callers may not name them.
        """

    def size_of(self, url: str) -> int:
        """Ask for the size of the data at a URL, in bytes; it may take as long as a store does.

        Raises:
            BadLocation: there is nothing, or nothing in it, or nobody who could say.
            UriRefused: the URL may not be called.
        """

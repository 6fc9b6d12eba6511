"""What an entry point under `tintype.stores` has to offer."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from oslo_config import cfg

from tintype.domain.ports.storage_driver import StorageDriver
from tintype.domain.uri_filter import UriFilter


class StoreDriver(StorageDriver, Protocol):
    """A storage driver that also says where its objects lie, for the registry's sake."""

    @property
    def url_prefixes(self) -> Sequence[str]:
        """URLs under which every location of the store lies, without a slash at the end.

        Asked for with each location that does not name its store, so without any I/O. What is
        not known yet is left out; it may become known at any time.
        """

    @property
    def directories(self) -> Sequence[str]:
        """Absolute paths of local directories that the store has for itself alone."""


@runtime_checkable
class Claiming(Protocol):
    """A driver that knows its own locations otherwise than by how their URLs begin.

    Old ones may name no store, so that only what is there tells whose it is; or URLs begin in more
    ways than can be told. A class of that kind, which asks nobody, has `CLAIMS_BY_URL = True`.
    """

    def claimed(self, url: str) -> str | None:
        """Return the URL that the store would write today for what is there, None if not its own.

        `url` is of the store's scheme, and not necessarily of a form that it knows.

        Raises:
            StoreUnavailable: it cannot be told now.
        """


class DriverClass(Protocol):
    """A kind of store.

    All option tables are read at start, so the module imports its third-party library only
    when a driver is built.

    A class may have `FOR_WRITING`, the names of those `OPTIONS` that matter for new data only: if
    one of them is wrong the store takes none, and is read and deleted from with their defaults.
    A class that has `REUSABLE = False` is built and started anew for every operation. One with
    `NEEDS_URI_FILTER = True` is a `FetchingDriverClass`. A driver with `probe` (see `Probed`) is
    asked how its store is doing.
    """

    TYPE: str
    SCHEMES: frozenset[str]
    OPTIONS: Sequence[cfg.Opt]

    def from_settings(
        self, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> StoreDriver:
        """Build the driver of one store from option values by name, without any I/O.

        With `named` its locations carry the id of the store in their metadata.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """


class FetchingDriverClass(Protocol):
    """A kind of store, to be told from others by `NEEDS_URI_FILTER`, whose URLs name any host.

    It is a `DriverClass` that is built with the rules for those as well.
    """

    NEEDS_URI_FILTER: bool

    def from_settings(
        self,
        store: str,
        settings: Mapping[str, Any],
        *,
        named: bool = False,
        uri_filter: UriFilter | None = None,
    ) -> StoreDriver:
        """Build the driver of one store; see `DriverClass`."""

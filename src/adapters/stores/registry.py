"""The stores that are enabled, and which of them a location belongs to."""

import logging
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from oslo_config import cfg

from tintype.adapters.stores.enabled_store import EnabledStore
from tintype.adapters.stores.enabling import (
    RESERVED,
    named_stores,
    refuse_shared_directories,
    refuse_useless_staging,
    reserved_stores,
    unnamed_staging,
    unnamed_stores,
)
from tintype.adapters.stores.out_of_service import out_of_service
from tintype.adapters.stores.plugin import Claiming
from tintype.adapters.stores.settings import (
    list_options,
    register_options,
    register_sections,
    value_of,
)
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadLocation,
    DataNotFound,
    Invalid,
    StoreUnavailable,
    UnknownStore,
    UriRefused,
)
from tintype.domain.location import Location, check_registrable
from tintype.domain.ports.storage_driver import ActsForCallers, StorageDriver
from tintype.domain.store import STAGING_STORE, TASKS_STORE, Store
from tintype.domain.uri_filter import UriFilter

LOG = logging.getLogger(__name__)

CLAIMS: Final = 10_000
"""Most locations of which it is remembered who claims them."""

__all__ = ["ConfiguredStores", "list_options", "register_options", "register_sections"]


class ConfiguredStores:
    """The registry that `[DEFAULT] enabled_backends` or `[glance_store]` describes.

    Fixed once `start` has returned, and safe between threads. A store that is broken stays in
    the list but takes no data, unless it is the default one, which stops the start. What it
    holds is read all the same if its driver can: a disk mounted read-only has its images still.
    """

    def __init__(
        self, stores: Iterable[EnabledStore], *, multiple: bool, shared_staging: bool = False
    ) -> None:
        """Make the registry of stores, of which one is the default (or none)."""
        self.shared_staging = shared_staging
        self._stores = {each.store.id: each for each in stores}
        self._multiple = multiple
        self._default = next((each for each in self._stores.values() if each.store.default), None)
        # One list for those who act for callers too; looked up anew when none of them fits.
        self._prefixes: list[Sequence[tuple[str, EnabledStore]]] = [()]
        self._unknown: set[str] = set()
        self._claims: dict[str, tuple[EnabledStore, str] | None] = {}
        self._caller: Caller | None = None

    @classmethod
    def from_conf(
        cls,
        conf: cfg.ConfigOpts,
        *,
        state_dir: str | None = None,
        uri_filter: UriFilter | None = None,
        reserved: Mapping[str, str] = MappingProxyType(dict.fromkeys(RESERVED, "file")),
        named: bool | None = None,
        default_required: bool = True,
    ) -> "ConfiguredStores":
        """Build the drivers without touching a disk or network.

        Those that fetch from any host go where the filter lets them; without it, to addresses
        of the internet that are written as such.

        The service's own stores are `staging` and `tasks` in `state_dir`, or
        `/var/lib/glance/<store id>` without one, unless their sections say otherwise. Those in
        `reserved` are added, which are types by id (that of staging is an option), and may be
        others in the program of somebody else; where stores have no names, it is staging at most.

        `named` says which of the two forms to read, where both may be there. Unless
        `default_required`, there may be no default store.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        register_options(conf)
        uri_filter = uri_filter or UriFilter()
        enabled = value_of(conf, None, "enabled_backends") or {}
        if not (enabled if named is None else named):
            stores = unnamed_stores(conf, uri_filter, default_required=default_required)
            if STAGING_STORE in reserved:
                stores.append(unnamed_staging(conf, state_dir))
            return cls(stores, multiple=False, shared_staging=_shared(conf, stores))
        stores = [
            *named_stores(conf, enabled, uri_filter, default_required=default_required),
            *reserved_stores(conf, state_dir, enabled, reserved),
        ]
        refuse_shared_directories(stores, os.path.normpath)
        refuse_useless_staging(stores)
        return cls(stores, multiple=True, shared_staging=_shared(conf, stores))

    def start(self, *, required: Collection[str] = ()) -> None:
        """Start every driver; called once, before anything is asked of the stores.

        Raises:
            BadConfiguration: the default store does not work, or one of the `required`, or two
                share a directory by way of links.
        """
        refuse_shared_directories(self._stores.values(), os.path.realpath)
        for each in self._stores.values():
            each.start(required=each.store.id in required)

    @property
    def staging_directory(self) -> str | None:
        """The local directory in which data is staged; None if it is staged in no such place."""
        return self._directory(STAGING_STORE)

    @property
    def task_directory(self) -> str | None:
        """The local directory in which tasks work; None if there is none, or stores have no names.

        Source: stores §5.
        """
        return self._directory(TASKS_STORE)

    def _directory(self, store_id: str) -> str | None:
        found = self._stores.get(store_id)
        return next(iter(found.driver.directories), None) if found else None

    def acting_for(self, caller: Caller) -> "ConfiguredStores":
        """Return the same stores for one caller."""
        view = copy(self)
        view._caller = caller
        return view

    def _acting(self, each: EnabledStore) -> StorageDriver:
        if self._caller is not None and isinstance(each.guard, ActsForCallers):
            return each.guard.acting_for(self._caller)
        return each.guard

    @property
    def multiple(self) -> bool:
        """Whether stores have names that callers use."""
        return self._multiple

    def list(self) -> Sequence[Store]:
        """Describe the stores in the order of configuration, without reserved ones."""
        return [each.described() for each in self._public()]

    def examined(self, timeout_s: float) -> Sequence[Store]:
        """Describe all stores, reserved ones too, after a look at each; all at the same time."""
        stores = list(self._stores.values())
        with ThreadPoolExecutor(len(stores)) as threads:
            return list(threads.map(lambda each: each.examined(timeout_s), stores))

    def target(self, store_id: str | None) -> StorageDriver:
        """Return the driver for new data: the named store, or the default one.

        Raises:
            UnknownStore: it is not enabled, or it is reserved.
            StoreUnavailable: it is out of service.
        """
        found = self._default if store_id is None else self._stores.get(store_id)
        if found is None or found.store.reserved:
            raise UnknownStore("default" if store_id is None else store_id)
        if found.problem is not None:
            raise out_of_service(found.store.id, found.problem)
        return self._acting(found)

    def named(self, store_id: str) -> StorageDriver | None:
        """Return the driver of a store, reserved or not; None if it is not enabled."""
        found = self._stores.get(store_id)
        return self._acting(found) if found else None

    def holding(self, location: Location) -> Sequence[StorageDriver]:
        """Return the driver of the store that holds a location.

        That is the one its metadata names, else the one whose URLs begin as this does; if
        there is none, all that know its scheme.
        """
        home = self._home(location)
        if home is not None:
            return [self._acting(home)]
        return [self._acting(each) for each in self._of_scheme(location)]

    def weight(self, location: Location) -> int:
        """Return the weight of the store that holds a location; 0 for an unknown one."""
        home = self._home(location)
        return home.store.weight if home else 0

    def identify(self, location: Location) -> Location:
        """Return a recorded location with the name of the store under whose URL it lies.

        The very same object if it names an enabled store, or lies under none. Where the URL does
        not tell, but a store that was asked claimed what is there, it gets the form that this
        store writes today.
        """
        if not self._multiple or location.store in self._stores:
            return location
        home = self._of_prefix(location)
        found = (home, location.url) if home else self._claims.get(location.url)
        if found is not None:
            home, url = found
            return replace(
                location, url=url, metadata={**location.metadata, "store": home.store.id}
            )
        if location.scheme not in self._unknown and not self._of_scheme(location):
            self._unknown.add(location.scheme)
            LOG.warning("There are locations of scheme %r, which no store reads.", location.scheme)
        return location

    def is_undecided(self, location: Location) -> bool:
        """Whether stores know by what is there whose a location is, and were not asked."""
        if not self._multiple or location.store in self._stores:
            return False
        return (
            location.url not in self._claims
            and bool(self._claiming(location))
            and self._of_prefix(location) is None
        )

    def identify_by_asking(self, location: Location) -> Location:
        """Return what `identify` does, after asking the stores if only they can tell.

        No store is asked again that answered, nor while it is given time to recover.
        """
        if self.is_undecided(location):
            self._ask_for_claims(location)
        return self.identify(location)

    def adopt(self, url: str, metadata: Mapping[str, Any]) -> Location:
        """Make the location of data that a caller says is at a URL, without asking for it.

        The store is the one whose URLs begin as this does, else the one that the metadata
        names if it knows the scheme, else the first that does.

        Raises:
            BadLocation: no store reads such URLs, or callers may not name them.
        """
        location = Location(url, dict(metadata))
        check_registrable(location)
        knowing = self._of_scheme(location)
        if not knowing:
            raise BadLocation(f"no store reads URLs of scheme {location.scheme}.")
        if not self._multiple:
            return location
        named = next((each for each in knowing if each.store.id == location.store), knowing[0])
        home = self._of_prefix(location) or named
        return Location(url, {**metadata, "store": home.store.id})

    def size_of(self, url: str) -> int:
        """Ask for the size of the data at a URL, in bytes.

        Raises:
            BadLocation: there is nothing, or nothing in it, or nobody who could say.
            UriRefused: the URL may not be called.
        """
        for driver in self.holding(self.adopt(url, {})):
            size = _size(driver, Location(url))
            if size is not None:
                return size
        raise BadLocation("there is no data.")

    def _home(self, location: Location) -> EnabledStore | None:
        if not self._multiple:
            return None
        if location.store in self._stores:
            return self._stores[location.store]
        return self._of_prefix(location)

    def _of_prefix(self, location: Location) -> EnabledStore | None:
        rest = location.url[len(location.scheme) :]
        # Credentials change; those in old URLs may have slashes.
        bare = f"://{rest.rpartition('@')[2]}" if "@" in rest else rest
        urls = (location.scheme + rest, location.scheme + bare)
        found = _under(self._prefixes[0], urls)
        if found is None:
            self._prefixes[0] = self._all_prefixes()
            found = _under(self._prefixes[0], urls)
        return found

    def _all_prefixes(self) -> Sequence[tuple[str, EnabledStore]]:
        """Return whose URLs begin how, the longest first: the first that fits is the innermost.

        Some stores find out late, or anew, where their objects lie: once their backend answers.
        """
        prefixes = [
            (f"{prefix}/", each) for each in self._public() for prefix in each.driver.url_prefixes
        ]
        return sorted(prefixes, key=lambda pair: len(pair[0]), reverse=True)

    def _claiming(self, location: Location) -> Sequence[EnabledStore]:
        return [each for each in self._of_scheme(location) if isinstance(each.driver, Claiming)]

    def _ask_for_claims(self, location: Location) -> None:
        """Remember which store claims what is at a location, or that all say that none does."""
        all_answered = True
        for each in self._claiming(location):
            try:
                url = each.guard.claimed(location.url) if isinstance(each.guard, Claiming) else None
            except StoreUnavailable:
                all_answered = False
                continue
            if url is not None:
                self._remember(location, (each, url))
                return
        if all_answered:
            self._remember(location, None)

    def _remember(self, location: Location, claim: tuple[EnabledStore, str] | None) -> None:
        if len(self._claims) >= CLAIMS:
            self._claims.clear()
        self._claims[location.url] = claim

    def _of_scheme(self, location: Location) -> Sequence[EnabledStore]:
        return [each for each in self._public() if location.scheme in each.driver.schemes]

    def _public(self) -> Iterable[EnabledStore]:
        return [each for each in self._stores.values() if not each.store.reserved]


def _shared(conf: cfg.ConfigOpts, stores: Iterable[EnabledStore]) -> bool:
    """Tell whether every worker reaches all that is staged."""
    staging = next((each for each in stores if each.store.id == STAGING_STORE), None)
    local = staging is not None and staging.store.type == "file"
    return not local or bool(value_of(conf, STAGING_STORE, "shared"))


def _under(
    prefixes: Sequence[tuple[str, EnabledStore]], urls: Sequence[str]
) -> EnabledStore | None:
    """Return the store of the first prefix that a URL begins with, the first URL before others."""
    return next((each for url in urls for prefix, each in prefixes if url.startswith(prefix)), None)


def _size(driver: StorageDriver, location: Location) -> int | None:
    """Return how many bytes a store has there; None if it has none.

    Raises:
        BadLocation: nobody knows; UriRefused: the URL may not be called.
    """
    try:
        return driver.size(location) or None
    except UriRefused:
        raise
    except (DataNotFound, Invalid):
        return None
    except StoreUnavailable as error:
        raise BadLocation(f"store {driver.store} cannot say how much data there is.") from error

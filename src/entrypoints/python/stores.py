"""Store, read and delete the data of images, without the service around it."""

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from oslo_config import cfg

from tintype.application.data_path import Consumer, Digests, Meter, pump
from tintype.domain.caller import Caller
from tintype.domain.errors import UriRefused
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, KeepsAccessLists, StorageDriver
from tintype.domain.ports.stores import Stores
from tintype.domain.store import Condition, Store
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.capabilities import bits_of
from tintype.entrypoints.python.plain_settings import conf_of
from tintype.entrypoints.python.storage_errors import translated
from tintype.entrypoints.python.stored import (
    Readable,
    StoredData,
    StoredStream,
    StoreInfo,
    Verifier,
    check_location_metadata,
    source_of,
)

Answer = TypeVar("Answer")
AnyLocation = str | Mapping[str, Any]
"""A URL, or a stored location: a mapping of `url` and `metadata`."""


@dataclass(frozen=True)
class ImageStores:
    """The stores that a configuration enables. Stateless, and safe between threads.

    Where no store is named, data is added to the default one, and looked for in the store that
    the location's metadata names, else in that whose URLs begin as the location's, else in all
    that know its scheme. `context` has the
    `project_id` and `auth_token` of the user for whom data goes to an account of a project.
    Source: stores §1.1.
    """

    _registry: Stores
    _reserved: tuple[str, ...] = ()
    _adds_to_reserved: bool = False

    @classmethod
    def from_config(
        cls,
        conf: cfg.ConfigOpts | Mapping[str, Any],
        *,
        reserved: Mapping[str, str] | None = None,
    ) -> "ImageStores":
        """Build and start the stores of a configuration, or of plain settings by section.

        `reserved` are stores that the program keeps to itself, as the service does with its own:
        types by id. They take no data that is added.

        Raises:
            BadStoreConfiguration: says which option is wrong, and why.
        """
        # Slow to load: programs that only want the names of exceptions need none of it.
        from tintype.entrypoints.container import list_options, open_stores

        wanted = dict(reserved or {})
        with translated():
            if not isinstance(conf, cfg.ConfigOpts):
                conf = conf_of(conf, list_options())
            return cls(open_stores(conf, wanted), tuple(wanted))

    # ------------------------------------------------------------------ data

    def add(
        self,
        image_id: str,
        data: Readable | Iterable[bytes],
        *,
        size: int | None = None,
        store: str | None = None,
        hashing_algo: str = "sha512",
        context: object = None,
        verifier: Verifier | None = None,
    ) -> StoredData:
        """Store data under the id of an image, whole or not at all.

        `size` in bytes; None or 0: unknown. The verifier gets each byte once, in order.

        Raises:
            UnknownHashingAlgo, UnknownScheme: there is no such algorithm or store.
            StoreAddDisabled: the store takes no data (now).
            Duplicate: it has data of that id.
            StorageFull, StorageWriteDenied, BackendException: as the store says.
            Invalid: other bytes came than announced, or the id is none.
        """
        digests = _digests(hashing_algo)
        driver = self._acting(context)._target(store)
        watching: list[Consumer] = []
        if verifier is not None:
            # A copy: the buffer is used again, and a verifier may keep what it is given.
            watching.append(lambda piece: verifier.update(bytes(piece)))
        with translated(driver.store), driver.create(image_id, size or None) as handle:
            consumers = (*digests.consumers, handle.write, *watching)
            total = pump(source_of(data), consumers, Meter(size or None, sys.maxsize))
            location = handle.commit()
        metadata = dict(location.metadata)
        try:
            check_location_metadata(metadata)
        except exceptions.BackendException:
            with translated(driver.store):
                driver.delete(location)
            raise
        return StoredData(location.url, total, digests.checksum, digests.value, metadata)

    def get(
        self,
        location: AnyLocation,
        *,
        store: str | None = None,
        offset: int = 0,
        length: int | None = None,
        context: object = None,
    ) -> StoredStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            NotFound: no store that is asked has it.
            UnknownScheme: no store is to be asked.
            BadStoreUri: the URL is none of the store's.
            StoreGetNotSupported, StoreRandomGetNotSupported: the store gives no (parts of) data.
            Invalid: the offset or the length is negative.
            RemoteServiceUnavailable: a store does not answer; WebServerFailed, which is a
                BadStoreUri as well, if that is a web server.
            MaxRedirectsExceeded: a web server sends on and on.
        """
        if min(offset, length or 0) < 0:
            raise exceptions.Invalid("The offset and the length must not be negative.")
        ranged = bool(offset) or length is not None

        def read(driver: StorageDriver, place: Location) -> StoredStream:
            _require_reading(driver, offset, length, ranged=ranged)
            return StoredStream(driver.open(place, offset, length), driver.store)

        return self._acting(context)._ask(location, store, read)

    def get_size(
        self, location: AnyLocation, *, store: str | None = None, context: object = None
    ) -> int:
        """Return the size of the data in bytes.

        Raises:
            as `get`.
        """
        return self._acting(context)._ask(location, store, lambda driver, place: driver.size(place))

    def exists(
        self, location: AnyLocation, *, store: str | None = None, context: object = None
    ) -> bool:
        """Say whether there is data.

        Raises:
            as `get`, without NotFound: a store that does not answer is no proof of absence.
        """
        try:
            self.get_size(location, store=store, context=context)
        except exceptions.NotFound:
            return False
        return True

    def delete(
        self, location: AnyLocation, *, store: str | None = None, context: object = None
    ) -> None:
        """Remove the data for good.

        Raises:
            NotFound, UnknownScheme, BadStoreUri, RemoteServiceUnavailable: as `get`.
            Forbidden: the store lets nothing be removed.
            InUseByStore, HasSnapshot: something depends on it.
            StoreDeleteNotSupported: nothing is ever removed from this kind of store.
        """

        def remove(driver: StorageDriver, place: Location) -> None:
            if driver.capabilities and Capability.DELETE not in driver.capabilities:
                raise exceptions.StoreDeleteNotSupported(store=driver.store)
            driver.delete(place)

        stores = self._acting(context)
        stores._ask(location, store, remove, StoreWriteDenied=exceptions.Forbidden)

    def set_acls(
        self,
        location: AnyLocation,
        *,
        store: str | None = None,
        public: bool = False,
        read_tenants: Sequence[str] = (),
        write_tenants: Sequence[str] = (),
        context: object = None,
    ) -> None:
        """Say which projects may read and write the data, where a store keeps lists of that.

        Raises:
            NotFound: no such store that is asked has it.
            UnknownScheme, BadStoreUri, RemoteServiceUnavailable: as `get`.
            Forbidden: the store does not let it be said.
        """
        stores = self._acting(context)
        asked = stores._holding(_location(location), store)
        if not any(isinstance(driver, KeepsAccessLists) for driver in asked):
            return

        def tell(driver: StorageDriver, place: Location) -> None:
            if isinstance(driver, KeepsAccessLists):
                driver.set_access(place, public=public, readers=read_tenants, writers=write_tenants)

        stores._ask(location, store, tell, StoreWriteDenied=exceptions.Forbidden)

    # ------------------------------------------------------------------ the stores

    def stores(self, *, include_reserved: bool = False) -> list[StoreInfo]:
        """Describe the stores, in the order of configuration."""
        listed = [*self._registry.list()]
        if include_reserved:
            own = [driver for driver in map(self._named, self._reserved) if driver]
            listed += [Store(each.store, each.type) for each in own]
        return [_info(each, self._required(each.id)) for each in listed]

    @property
    def default_store(self) -> str:
        """The id of the store for data whose adder names none; UnknownScheme if there is none."""
        for each in self._registry.list():
            if each.default:
                return each.id
        raise exceptions.UnknownScheme("There is no default store: name one to add to.")

    def weight(self, store: str) -> int:
        """Return the weight of a store.

        Raises:
            UnknownScheme: it is not enabled.
        """
        self._required(store)
        return next((each.weight for each in self._registry.list() if each.id == store), 0)

    def schemes(self) -> list[str]:
        """Return the URL schemes that the stores know, sorted."""
        return sorted({scheme for each in self.stores() for scheme in each.schemes})

    def has(self, store: str) -> bool:
        """Say whether a store is enabled for callers."""
        return any(each.id == store for each in self._registry.list())

    def store_for(self, url: str) -> str | None:
        """Return the id of the store under whose URL another one lies, None if there is none.

        Source: stores §4.
        """
        return self._registry.identify_by_asking(Location(url)).store

    # ------------------------------------------------------------------ finding

    def _acting(self, context: object) -> "ImageStores":
        """Return the stores for whom a context of the field speaks."""
        if context is None:
            return self
        caller = Caller(
            user_id=getattr(context, "user_id", None),
            project_id=getattr(context, "project_id", None),
            auth_token=getattr(context, "auth_token", None),
        )
        return replace(self, _registry=self._registry.acting_for(caller))

    def _target(self, store: str | None) -> StorageDriver:
        if self._adds_to_reserved and store in self._reserved:
            driver = self._required(store)
        else:
            with translated(store, StoreUnavailable=exceptions.StoreAddDisabled):
                driver = self._registry.target(store)
        if Capability.WRITE not in driver.capabilities:
            raise self._no_adding_to(driver.store)
        return driver

    def _no_adding_to(self, store: str) -> exceptions.StoreAddDisabled:
        reasons = (each.health.reason for each in self._registry.list() if each.id == store)
        reason = next(reasons, None)
        message = f"{exceptions.StoreAddDisabled.message} {reason}" if reason else None
        return exceptions.StoreAddDisabled(message, store=store)

    def _named(self, store: str) -> StorageDriver | None:
        return self._registry.named(store)

    def _required(self, store: str) -> StorageDriver:
        driver = self._named(store)
        if driver is None:
            raise exceptions.UnknownScheme(scheme=store)
        return driver

    def _holding(self, location: Location, store: str | None) -> Sequence[StorageDriver]:
        if store is not None:
            return [self._required(store)]
        drivers = self._registry.holding(location)
        if not drivers:
            raise exceptions.UnknownScheme(scheme=location.scheme)
        return drivers

    def _ask(
        self,
        where: AnyLocation,
        store: str | None,
        question: Callable[[StorageDriver, Location], Answer],
        **instead: type[exceptions.GlanceStoreException],
    ) -> Answer:
        location = _location(where)
        drivers = self._holding(location, store)
        missed: list[Exception] = []
        for driver in drivers:
            try:
                with translated(driver.store, Invalid=exceptions.BadStoreUri, **instead):
                    return question(driver, location)
            except (exceptions.NotFound, exceptions.RemoteServiceUnavailable) as error:
                missed.append(error)
            except exceptions.BadStoreUri as error:
                if isinstance(error.__cause__, UriRefused):
                    raise
                missed.append(error)
        raise _weightiest(missed)


def _weightiest(missed: Sequence[Exception]) -> Exception:
    """Return what to tell of several stores that do not have it.

    One that did not answer may have it; one whose URLs are others says nothing.
    """
    if len(missed) == 1:
        return missed[0]
    for error in missed:
        if isinstance(error, exceptions.RemoteServiceUnavailable):
            return error
    if any(isinstance(error, exceptions.NotFound) for error in missed):
        return exceptions.NotFound("Image not found in any configured backend")
    return missed[0]


def _location(where: AnyLocation) -> Location:
    if isinstance(where, str):
        return Location(where)
    return Location(where["url"], dict(where.get("metadata") or {}))


def _digests(algorithm: str) -> Digests:
    # Those without a fixed length (shake) cannot be told in one way.
    if algorithm not in hashlib.algorithms_available or not hashlib.new(algorithm).digest_size:
        raise exceptions.UnknownHashingAlgo(algo=algorithm)
    return Digests(algorithm)


def _require_reading(
    driver: StorageDriver, offset: int, length: int | None, *, ranged: bool
) -> None:
    can = driver.capabilities
    if not can:
        return  # Out of service: it says itself why.
    if ranged and Capability.RANGED_READ not in can:
        raise exceptions.StoreRandomGetNotSupported(
            store=driver.store, offset=offset, chunk_size=length
        )
    if Capability.READ not in can:
        raise exceptions.StoreGetNotSupported(store=driver.store)


def _info(store: Store, driver: StorageDriver) -> StoreInfo:
    out_of_service = store.health.condition is Condition.OUT_OF_SERVICE
    return StoreInfo(
        store.id,
        store.type,
        tuple(sorted(driver.schemes)),
        store.default,
        store.read_only or out_of_service,
        store.weight,
        store.description,
        bits_of(driver.capabilities, reusable=getattr(driver, "reusable", True)),
        driver.properties,
        store.health.condition.value,
        store.health.reason,
        tuple(store.url_prefixes),
    )

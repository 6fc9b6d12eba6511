"""The driver of swift stores."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from tintype.adapters.stores.object_keys import check_key
from tintype.adapters.stores.swift.addresses import SCHEMES, name_of
from tintype.adapters.stores.swift.faults import (
    ABSENT,
    DENIED,
    code_of,
    faults,
    reading,
    status_of,
    taken,
    writing,
)
from tintype.adapters.stores.swift.options import FOR_WRITING, OPTIONS
from tintype.adapters.stores.swift.places import Place, Places, ReferredPlaces
from tintype.adapters.stores.swift.read_stream import SwiftStream, no_stream, open_stream
from tintype.adapters.stores.swift.removal import Shelf
from tintype.adapters.stores.swift.segments import MAX_SIZE
from tintype.adapters.stores.swift.service import Service
from tintype.adapters.stores.swift.settings import SwiftSettings
from tintype.adapters.stores.swift.tenants import TenantPlaces, access
from tintype.adapters.stores.swift.write_handle import SwiftWriteHandle
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability

LOG = logging.getLogger(__name__)


class SwiftDriver:
    """Keeps each object under its key in a container.

    Source: stores §6.4.
    """

    TYPE = "swift"
    SCHEMES = SCHEMES
    OPTIONS = OPTIONS
    FOR_WRITING = FOR_WRITING
    CLAIMS_BY_URL = True

    type = TYPE
    schemes = SCHEMES
    capabilities = Capability.READ | Capability.RANGED_READ | Capability.WRITE | Capability.DELETE
    directories: Sequence[str] = ()

    def __init__(self, settings: SwiftSettings, places: Places | None = None) -> None:
        self.store = settings.store
        self._settings = settings
        self._places = places or ReferredPlaces(settings)
        self._containers: set[str] = set()

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "SwiftDriver":
        """Build the driver of one store from option values by name, without asking the service.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        if find_spec("swiftclient") is None:
            raise BadConfiguration(
                "[DEFAULT] enabled_backends",
                "type swift needs python-swiftclient: pip install 'tintype[swift]'.",
            )
        own = SwiftSettings.read(store, settings, named=named)
        return TenantDriver(own, TenantPlaces(own)) if own.multi_tenant else cls(own)

    @property
    def properties(self) -> Mapping[str, Any]:
        """Say where objects are, and how large ones are cut, in bytes."""
        return {
            "container": self._settings.container,
            "large_object_size": self._settings.large_object_size,
            "large_object_chunk_size": self._settings.segment_size,
        }

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The container, in all the ways that locations say where it is; or where accounts are."""
        return self._places.prefixes

    def claimed(self, url: str) -> str | None:
        """Return the URL itself, if it is in one of the containers that objects are spread over."""
        return url if self._places.spreads_to(url) else None

    # ------------------------------------------------------------------ start

    def start(self) -> None:
        """Ask for the container, and make it if it is missing and that is wanted.

        A service that does not answer is not waited for: it may later.

        Raises:
            BadConfiguration: there is no such container, or the service does not let us in.
        """
        own = self._settings
        try:
            there = self._places.own.has_container(own.container)
            if not there and own.one_container and own.create_container:
                self._places.own.make_container(own.container)
                there = True
        except StoreUnavailable as error:
            LOG.warning("Store %s does not work yet: %s", self.store, error)
        except faults() as error:
            self._excuse(error)
        else:
            if not there and own.one_container:
                raise BadConfiguration("swift_store_container", _lacking(own.container))

    def _excuse(self, error: Exception) -> None:
        if status_of(error) in DENIED:
            problem = f"the service does not let us in ({code_of(error)})."
            option = "swift_store_config_file" if self._settings.references else "swift_store_key"
            raise BadConfiguration(option, problem) from error
        LOG.warning("Store %s does not answer yet: %s", self.store, code_of(error))

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> SwiftWriteHandle:
        """Begin a new object of that key.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: no object may have `size` bytes.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        check_key(key)
        if (size or 0) > MAX_SIZE:
            raise StorageFull(self.store)
        name = name_of(key)
        container = self._settings.container_of(name)
        location = self._location(container, name)
        with writing(self.store), self._lasting(self._places.home) as service:
            if service.head(container, name, newest=True) is not None:
                raise taken(key, self.store)
            self._prepare(service, container)
        return SwiftWriteHandle(self._settings, self._shelf(service, container), name, location)

    def _prepare(self, service: Service, container: str) -> None:
        if container in self._containers:
            return
        if not service.has_container(container):
            if not self._settings.create_container:
                raise StoreWriteDenied(self.store, _lacking(container).rstrip("."))
            admins = self._settings.admin_projects
            service.make_container(container, access(admins, readers=admins))
        if not self._settings.multi_tenant:
            self._containers.add(container)

    def _location(self, container: str, name: str) -> Location:
        url = self._places.url(container, name)
        return Location(url, {"store": self.store} if self._settings.named else {})

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> SwiftStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            CannotSeek: the service gives nothing but the whole.
            StoreUnavailable: as the service says.
        """
        if length == 0:
            self.size(location)
            return no_stream(self.store)
        found = self._places.of(location)
        with reading(self.store), self._lasting(found.service) as service:
            place = replace(found, service=service)
            with self._present(place):
                return open_stream(place, self.store, offset, length, self._settings.retries)

    @contextmanager
    def _lasting(self, service: Service) -> Iterator[Service]:
        """Give what outlives a long transfer; if that does not come about, give it up."""
        lasting = self._places.lasting(service)
        try:
            yield lasting
        except BaseException:
            lasting.leave()
            raise

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes.

        Raises:
            Invalid, DataNotFound, StoreUnavailable: as `open`.
        """
        place = self._places.of(location)
        with reading(self.store):
            found = place.service.head(place.container, place.name)
            if found is None:
                raise self._missing(place)
        return int(found["content-length"])

    @contextmanager
    def _present(self, place: Place) -> Iterator[None]:
        """Tell of an object that is not there."""
        try:
            yield
        except faults() as error:
            if status_of(error) != ABSENT:
                raise
            raise self._missing(place) from error

    def _missing(self, place: Place) -> TintypeError:
        """Return the error for an object that is not there.

        Without the container of all images none of them is to be taken for deleted.
        """
        own = self._settings
        needed = place.container == own.container and own.one_container
        if needed and not place.service.has_container(own.container):
            problem = f"Store {self.store} cannot do its work: {_lacking(own.container)}"
            return StoreUnavailable(problem)
        return DataNotFound(place.name, self.store)

    # ------------------------------------------------------------------ remove

    def delete(self, location: Location) -> None:
        """Remove the object for good, with its segments.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        place = self._places.of(location)
        with writing(self.store):
            if not self._shelf(place.service, place.container).remove(place.name):
                raise self._missing(place)

    def discard_unfinished(self, key: str) -> None:
        """Remove what uploads of that key left; those that live cannot be completed any more.

        Raises:
            Invalid: it is no key.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        check_key(key)
        name = name_of(key)
        with writing(self.store):
            self._shelf(self._places.home, self._settings.container_of(name)).discard(name)

    def _shelf(self, service: Service, container: str) -> Shelf:
        return Shelf(service, self.store, container, own=self._settings.multi_tenant)

    # ------------------------------------------------------------------ look

    def probe(self) -> None:
        """Ask whether the service's account is there, and lets us in.

        Raises:
            StoreWriteDenied: it does not; StoreUnavailable: the service does not answer.
        """
        own = self._settings
        with writing(self.store):
            there = self._places.own.has_container(own.container)
        if not there and own.one_container:
            raise StoreWriteDenied(self.store, _lacking(own.container).rstrip("."))

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key would be."""
        check_key(key)
        name = name_of(key)
        return [self._location(self._settings.container_of(name), name)]

    def keys(self) -> Iterator[str]:
        """Give the name of everything in the containers, with one for all of an upload.

        Raises:
            StoreUnavailable: as the service says.
        """
        own = self._settings
        with reading(self.store):
            service = self._places.home
            containers = [own.container]
            if not own.one_container:
                containers = list(service.containers(f"{own.container}_"))
            for container in containers:
                yield from self._shelf(service, container).keys()


class TenantDriver(SwiftDriver):
    """Keeps each object in a container of its own, in the account of a project."""

    def __init__(self, settings: SwiftSettings, places: TenantPlaces) -> None:
        super().__init__(settings, places)
        self._tenants = places

    def acting_for(self, caller: Caller) -> "TenantDriver":
        """Return the driver for the account of a caller's project, with the caller's rights."""
        return TenantDriver(self._settings, self._tenants.acting_for(caller))

    def set_access(
        self, location: Location, *, public: bool, readers: Sequence[str], writers: Sequence[str]
    ) -> None:
        """Say which projects may read and write an object by themselves, besides its own.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        place = self._places.of(location)
        headers = access(self._settings.admin_projects, readers, writers, public=public)
        with writing(self.store):
            if not place.service.set_access(place.container, headers):
                raise self._missing(place)


def _lacking(container: str) -> str:
    return (
        f"there is no container {container}: make it, or set swift_store_create_container_on_put."
    )

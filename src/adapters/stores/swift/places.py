"""From locations to objects in accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from tintype.adapters.stores.swift.accounts import account_of
from tintype.adapters.stores.swift.addresses import (
    BY_REFERENCE,
    Address,
    not_ours,
    scheme_of,
    url_of,
)
from tintype.adapters.stores.swift.faults import reading
from tintype.adapters.stores.swift.references import Reference
from tintype.adapters.stores.swift.service import Service
from tintype.adapters.stores.swift.settings import SwiftSettings
from tintype.domain.errors import Invalid
from tintype.domain.location import Location


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is, and who can be asked for it."""

    service: Service
    container: str
    name: str


class Places(Protocol):
    """Knows the accounts of a store, and which of them a location means."""

    @property
    def own(self) -> Service:
        """The account of the service's user."""

    @property
    def home(self) -> Service:
        """The account for new objects."""

    def lasting(self, service: Service) -> Service:
        """Return the account in a form that outlives a long transfer."""

    @property
    def prefixes(self) -> Sequence[str]:
        """What the URLs of all locations begin with, without a slash at the end."""

    def spreads_to(self, url: str) -> bool:
        """Say whether a URL is that of an object in a container named after the object itself.

        Such containers are too many to be among the prefixes.
        """

    def url(self, container: str, name: str) -> str:
        """Return the URL of an object in the account for new ones."""

    def of(self, location: Location) -> Place:
        """Return the place of a location.

        Raises:
            Invalid: it is in none of the store's accounts.
            StoreUnavailable: nobody can say now whether it is.
        """


class ReferredPlaces:
    """Accounts that the configuration names."""

    def __init__(self, settings: SwiftSettings) -> None:
        self._settings = settings
        self._services: dict[Reference, Service] = {}
        self._lock = Lock()

    @property
    def own(self) -> Service:
        """The account for new objects."""
        return self._service(self._settings.reference)

    @property
    def home(self) -> Service:
        """The account for new objects."""
        return self.own

    def lasting(self, service: Service) -> Service:
        """Return the account: its tokens are replaced when they expire."""
        return service

    @property
    def prefixes(self) -> list[str]:
        """The container, by the names of its account, or by where one authenticates."""
        own = self._settings
        reference = own.reference
        prefixes = [f"{BY_REFERENCE}://{name}/{own.container}" for name in own.names]
        prefixes.append(f"{scheme_of(reference)}://{reference.place}/{own.container}")
        if reference.address.startswith("https"):
            prefixes.append(f"swift://{reference.place}/{own.container}")
        return prefixes

    def spreads_to(self, url: str) -> bool:
        """Say whether the container is ours with the beginning of the object's name, of any length.

        Those of former seeds are ours, too.

        Source: stores §6.4, containers.
        """
        try:
            address = Address.of(url, self._settings.store)
        except Invalid:
            return False
        place = f"{address.scheme}://{address.place}/{address.container}"
        ours = [f"{prefix}_" for prefix in self.prefixes]
        endings = [place.removeprefix(each) for each in ours if place.startswith(each)]
        return any(each and address.name.startswith(each) for each in endings)

    def url(self, container: str, name: str) -> str:
        """Return the URL of an object, by the name of the account or with its credentials."""
        return url_of(self._settings.reference, self._settings.default_name, container, name)

    def _service(self, reference: Reference) -> Service:
        with self._lock:
            if reference not in self._services:
                account = account_of(reference, self._settings)
                self._services[reference] = Service(account, self._settings)
            return self._services[reference]

    def of(self, location: Location) -> Place:
        """Return the place of a location.

        Raises:
            Invalid: it is in none of the store's accounts.
            StoreUnavailable: it says where the account is, and nobody can say whether that is ours.
        """
        address = Address.of(location.url, self._settings.store)
        if address.scheme == BY_REFERENCE:
            service = self._referred(address)
        elif address.user is None:
            service = self._addressed(address)
        else:
            service = self._service(self._account(address, location))
        return Place(service, address.container, address.name)

    def _referred(self, address: Address) -> Service:
        found = self._settings.referred(address.place)
        if found is None:
            raise not_ours(self._settings.store)
        return self._service(found)

    def _addressed(self, address: Address) -> Service:
        with reading(self._settings.store):
            url = self.home.url
        if url.partition("://")[2].lower() != address.place.lower():
            raise not_ours(self._settings.store)
        return self.home

    def _account(self, address: Address, location: Location) -> Reference:
        """Return the account of a location with credentials.

        It is asked for where the configuration says: those who name locations do not say whom
        the service calls. The password of a user that is configured may have changed since.
        """
        own = self._settings
        known = [own.reference, *own.references.values()]
        near = [each for each in known if each.place.lower() == address.place.lower()]
        if not near and own.named and location.store != own.store:
            raise not_ours(own.store)
        candidates = near or known
        user = address.user or ""
        for each in candidates:
            if each.user == user:
                return each
        return candidates[0].of_user(user, address.key)

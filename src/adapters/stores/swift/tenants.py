"""Accounts of projects, and who gets into them."""

from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from tintype.adapters.stores.swift.accounts import Account, Entry, KeystoneAccount, plugin_of
from tintype.adapters.stores.swift.addresses import BY_REFERENCE, Address, not_ours
from tintype.adapters.stores.swift.faults import reading
from tintype.adapters.stores.swift.places import Place
from tintype.adapters.stores.swift.service import Service
from tintype.adapters.stores.swift.settings import SwiftSettings
from tintype.domain.caller import Caller
from tintype.domain.errors import StoreUnavailable
from tintype.domain.location import Location

LIFETIME: Final = timedelta(days=1)
"""How long a trust is good for at most, should it not be revoked."""


def account_of_token(
    token: str, project_id: str | None, settings: SwiftSettings
) -> KeystoneAccount:
    """Return the account of a project whose member sent a token."""
    from keystoneauth1.identity import v3

    plugin = v3.Token(settings.reference.address, token=token, project_id=project_id)
    return KeystoneAccount(plugin, settings)


def access(
    admins: Sequence[str],
    readers: Sequence[str] = (),
    writers: Sequence[str] = (),
    *,
    public: bool = False,
) -> dict[str, str]:
    """Return the headers of a container that say which projects may read and write it.

    Those of administrators are named for writing; Swift lets nobody read who may only write.

    Source: stores §6.4, set_acls.
    """
    reading = ["*:*"] if public else [f"{each}:*" for each in readers]
    writing = [f"{each}:*" for each in (*writers, *admins)]
    return {"X-Container-Read": ",".join(reading), "X-Container-Write": ",".join(writing)}


class AccountAt:
    """An account at a URL that is known, opened by the token for another one."""

    def __init__(self, url: str, other: Account) -> None:
        self._url = url
        self._other = other

    def enter(self) -> Entry:
        """Return the URL with the other one's token."""
        return Entry(self._url, self._other.enter().token)

    def forget(self) -> None:
        """Have the other one drop the token."""
        self._other.forget()

    def leave(self) -> None:
        """Have the other one leave."""
        self._other.leave()


class AccountOfProject:
    """The account of any project, for the service's own user, who may enter them all."""

    def __init__(self, project_id: str, own: KeystoneAccount) -> None:
        self._project_id = project_id
        self._own = own

    def enter(self) -> Entry:
        """Return the URL of the own account with the project put into it.

        Raises:
            StoreUnavailable: the URL does not say whose it is.
        """
        entry = self._own.enter()
        before, own_id, after = entry.url.rpartition(self._own.project_id)
        if not own_id:
            raise StoreUnavailable("The URL of an account of Swift does not name its project.")
        return Entry(f"{before}{self._project_id}{after}", entry.token)

    def forget(self) -> None:
        """Drop the token."""
        self._own.forget()

    def leave(self) -> None:
        """Nothing was made for this account alone."""


class TrustedAccount:
    """The account of a project, whose member trusts the service's user for one transfer.

    The token of a trust can be had anew, while that of the member may expire on the way. Where
    there is no trust to be had, the member's token has to do.
    """

    def __init__(
        self, member: KeystoneAccount, trustee: KeystoneAccount, settings: SwiftSettings
    ) -> None:
        self._member = member
        self._trustee = trustee
        self._settings = settings
        self._lock = Lock()
        self._trust: str | None = None
        self._account: KeystoneAccount | None = None

    def enter(self) -> Entry:
        """Return an entry by the trust, which is made at the first time."""
        with self._lock:
            if self._account is None:
                self._account = self._trusting()
        return self._account.enter()

    def _trusting(self) -> KeystoneAccount:
        from keystoneauth1.exceptions import ClientException

        try:
            self._trust = self._member.trust(self._trustee.user_id, datetime.now(UTC) + LIFETIME)
        except ClientException:
            return self._member
        plugin = plugin_of(self._settings.reference, trust=self._trust)
        return KeystoneAccount(plugin, self._settings)

    def forget(self) -> None:
        """Drop the token."""
        if self._account is not None:
            self._account.forget()

    def leave(self) -> None:
        """Revoke the trust; it goes by itself if that fails."""
        with self._lock:
            trust, self._trust, self._account = self._trust, None, None
        if trust is not None:
            self._member.revoke(trust)


class TenantPlaces:
    """Knows the accounts of projects; one of them is the home of new objects.

    That is the project of the caller. Without a caller's token the service's own user goes there,
    as it does to the accounts of others: whether an image may be read is not for them to say.
    """

    def __init__(self, settings: SwiftSettings, caller: Caller | None = None) -> None:
        self._settings = settings
        self._caller = caller
        self._own = KeystoneAccount(plugin_of(settings.reference), settings)
        self._home: Service | None = None

    def acting_for(self, caller: Caller) -> "TenantPlaces":
        """Return the same for another caller."""
        other = copy(self)
        other._caller = caller
        other._home = None
        return other

    @property
    def own(self) -> Service:
        """The account of the service's user."""
        return Service(self._own, self._settings)

    @property
    def prefixes(self) -> list[str]:
        """Where accounts are, as far as the service's own one is known: once it was asked for."""
        url = self._own.url
        if url is None:
            return []
        where = url.rpartition("/")[0]
        prefixes = [f"swift+{where}"]
        if where.startswith("https"):
            prefixes.append(f"swift{where.removeprefix('https')}")
        return prefixes

    def spreads_to(self, url: str) -> bool:
        """Say no: what is in accounts of projects is under the prefixes."""
        return False

    @property
    def home(self) -> Service:
        """The account of the caller's project.

        Raises:
            StoreUnavailable: there is no such project.
        """
        if self._home is None:
            self._home = Service(self._account(), self._settings)
        return self._home

    def _account(self) -> Account:
        caller = self._caller
        if caller is None or caller.project_id is None:
            raise StoreUnavailable(
                f"Store {self._settings.store} keeps data for projects: it must be told for which."
            )
        if caller.auth_token is None:
            return AccountOfProject(caller.project_id, self._own)
        return account_of_token(caller.auth_token, caller.project_id, self._settings)

    def lasting(self, service: Service) -> Service:
        """Return a service that can be used for longer than the caller's token lives."""
        member = service.account
        own = self._settings
        if not own.use_trusts or not isinstance(member, KeystoneAccount) or member is self._own:
            return service
        return Service(TrustedAccount(member, self._own, own), own)

    def url(self, container: str, name: str) -> str:
        """Return the URL of an object in the caller's account.

        Source: stores §6.4, multi-tenant.
        """
        with reading(self._settings.store):
            return f"swift+{self.home.url}/{container}/{name}"

    def of(self, location: Location) -> Place:
        """Return the place of a location.

        Raises:
            Invalid: it is on another host, or names its account in another way.
            StoreUnavailable: nobody can say now where accounts are.
        """
        own = self._settings
        address = Address.of(location.url, own.store)
        if address.scheme == BY_REFERENCE or address.user is not None:
            raise not_ours(own.store)
        with reading(own.store):
            ours = self._own.enter().url
        protocol, _, place = ours.partition("://")
        if address.place.rpartition("/")[0] != place.rpartition("/")[0]:
            raise not_ours(own.store)
        url = f"{protocol}://{address.place}"
        return Place(self._at(url), address.container, address.name)

    def _at(self, url: str) -> Service:
        caller = self._caller
        if caller is not None and caller.auth_token and url.endswith(f"_{caller.project_id}"):
            return self.home
        return Service(AccountAt(url, self._own), self._settings)

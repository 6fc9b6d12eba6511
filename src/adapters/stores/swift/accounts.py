"""Getting into an account: the URL where it is, and a token for it."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol

from tintype.adapters.stores.swift.references import Reference
from tintype.adapters.stores.swift.settings import SwiftSettings
from tintype.domain.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an account is, and what opens it."""

    url: str
    token: str


class Account(Protocol):
    """An account that one may use. Safe between threads; raises what its library does."""

    def enter(self) -> Entry:
        """Return an entry that is good for a while; asks for one if need be."""

    def forget(self) -> None:
        """Note that the entry was refused: the next one is another, if there can be one."""

    def leave(self) -> None:
        """Give up what was made for one transfer; it may be entered again."""


def account_of(reference: Reference, settings: SwiftSettings) -> Account:
    """Return the account of a reference, without any I/O."""
    if reference.version == "1":
        return LegacyAccount(reference, settings)
    return KeystoneAccount(plugin_of(reference), settings)


class LegacyAccount:
    """Asks Swift itself, by the first version of its authentication."""

    def __init__(self, reference: Reference, settings: SwiftSettings) -> None:
        self._reference = reference
        self._settings = settings
        self._lock = Lock()
        self._entry: Entry | None = None

    def enter(self) -> Entry:
        """Return what was got before, or ask."""
        with self._lock:
            if self._entry is None:
                self._entry = self._ask()
            return self._entry

    def _ask(self) -> Entry:
        from swiftclient.client import get_auth_1_0

        own = self._settings
        url, token = get_auth_1_0(
            self._reference.address,
            self._reference.user,
            self._reference.key,
            cacert=own.ca_file,
            insecure=own.insecure,
            timeout=(own.connect_timeout_s, own.read_timeout_s),
        )
        return Entry(own.endpoint or url, token)

    def forget(self) -> None:
        """Ask at the next time."""
        with self._lock:
            self._entry = None

    def leave(self) -> None:
        """Nothing was made for one transfer."""


class KeystoneAccount:
    """Asks Keystone, as whom the plug-in says."""

    def __init__(self, plugin: Any, settings: SwiftSettings) -> None:
        from keystoneauth1.session import Session

        verify = False if settings.insecure else settings.ca_file or True
        self._session = Session(auth=plugin, verify=verify, timeout=settings.read_timeout_s)
        self._plugin = plugin
        self._settings = settings
        self._lock = Lock()
        self.url: str | None = None
        """Where it was when it was entered last; None if it never was."""

    def enter(self) -> Entry:
        """Return a token that does not expire soon, and the URL in its catalogue.

        Raises:
            StoreUnavailable: the catalogue has no such service.
        """
        own = self._settings
        with self._lock:
            access = self._plugin.get_access(self._session)
            if access.will_expire_soon(own.expire_soon_s):
                self._plugin.invalidate()
            self.url = (own.endpoint or self._find()).rstrip("/")
            return Entry(self.url, str(self._session.get_token()))

    def _find(self) -> str:
        from keystoneauth1.exceptions import CatalogException

        own = self._settings
        try:
            url = self._session.get_endpoint(
                service_type=own.service_type,
                interface=own.endpoint_type,
                region_name=own.region,
            )
        except CatalogException:
            url = None
        if not url:
            raise StoreUnavailable(
                f"Store {own.store} is not in the catalogue: there is no {own.endpoint_type} of "
                f"{own.service_type} in region {own.region or 'any'}."
            )
        return str(url)

    def forget(self) -> None:
        """Drop the token."""
        with self._lock:
            self._plugin.invalidate()

    def leave(self) -> None:
        """Nothing was made for one transfer."""

    @property
    def user_id(self) -> str:
        """Who enters."""
        return str(self._session.get_user_id())

    @property
    def project_id(self) -> str:
        """Whose account it is."""
        return str(self._session.get_project_id())

    def trust(self, trustee_id: str, until: datetime) -> str:
        """Let another user do in this project what this one may, and return the trust's id.

        Source: Keystone's OS-TRUST.
        """
        access = self._plugin.get_access(self._session)
        wanted = {
            "trustor_user_id": access.user_id,
            "trustee_user_id": trustee_id,
            "project_id": access.project_id,
            "impersonation": True,
            "expires_at": until.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
            "roles": [{"id": role} for role in access.role_ids],
        }
        made = self._session.post(self._trusts, json={"trust": wanted})
        return str(made.json()["trust"]["id"])

    def revoke(self, trust: str) -> None:
        """End a trust."""
        self._session.delete(f"{self._trusts}/{trust}")

    @property
    def _trusts(self) -> str:
        return f"{self._plugin.auth_url.rstrip('/')}/OS-TRUST/trusts"


def plugin_of(reference: Reference, trust: str | None = None) -> Any:
    """Return what logs in at Keystone, with a trust instead of the user's own project."""
    from keystoneauth1.identity import v2, v3

    project, user = reference.names_in_user
    if reference.version == "2":
        return v2.Password(
            reference.address,
            username=user,
            password=reference.key,
            tenant_name=reference.project_name or project,
            tenant_id=reference.project_id,
        )
    if reference.credential_id:
        return v3.ApplicationCredential(
            reference.address,
            application_credential_id=reference.credential_id,
            application_credential_secret=reference.credential_secret,
        )
    kind, domain = reference.user_domain
    scope = {"trust_id": trust} if trust else _project(reference)
    who: dict[str, Any] = {f"user_domain_{kind}": domain, **scope}
    return v3.Password(reference.address, username=user, password=reference.key, **who)


def _project(reference: Reference) -> dict[str, str | None]:
    if reference.project_id:
        return {"project_id": reference.project_id}
    kind, domain = reference.project_domain
    name = reference.project_name or reference.names_in_user[0]
    return {"project_name": name, f"project_domain_{kind}": domain}

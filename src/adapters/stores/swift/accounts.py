"""Getting into an account: the URL where it is, and a token for it."""

from dataclasses import dataclass
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

    def forget(self) -> bool:
        """Note that the entry was refused; say whether the next one will be another."""


def account_of(reference: Reference, settings: SwiftSettings) -> Account:
    """Return the account of a reference, without any I/O."""
    if reference.version == "1":
        return LegacyAccount(reference, settings)
    return KeystoneAccount(_plugin(reference), settings)


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

    def forget(self) -> bool:
        """Ask at the next time."""
        with self._lock:
            had, self._entry = self._entry, None
        return had is not None


class KeystoneAccount:
    """Asks Keystone, as whom the plug-in says."""

    def __init__(self, plugin: Any, settings: SwiftSettings) -> None:
        from keystoneauth1.session import Session

        verify = False if settings.insecure else settings.ca_file or True
        self._session = Session(auth=plugin, verify=verify, timeout=settings.read_timeout_s)
        self._plugin = plugin
        self._settings = settings
        self._lock = Lock()

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
            url = own.endpoint or self._session.get_endpoint(
                service_type=own.service_type,
                interface=own.endpoint_type,
                region_name=own.region,
            )
            token = self._session.get_token()
        if not url:
            raise StoreUnavailable(
                f"Store {own.store} is not in the catalogue: there is no {own.endpoint_type} of "
                f"{own.service_type} in region {own.region or 'any'}."
            )
        return Entry(str(url).rstrip("/"), str(token))

    def forget(self) -> bool:
        """Drop the token."""
        with self._lock:
            return bool(self._plugin.invalidate())


def _plugin(reference: Reference) -> Any:
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
    user_kind, user_domain = reference.user_domain
    project_kind, project_domain = reference.project_domain
    domains: dict[str, Any] = {
        f"user_domain_{user_kind}": user_domain,
        f"project_domain_{project_kind}": project_domain,
    }
    by_name = None if reference.project_id else reference.project_name or project
    return v3.Password(
        reference.address,
        username=user,
        password=reference.key,
        project_id=reference.project_id,
        project_name=by_name,
        **domains,
    )

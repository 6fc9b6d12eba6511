"""Identity by headers that a trusted party in front of the service has set."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from wsgiref.types import WSGIApplication

from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import Invalid, Unauthenticated

CONFIRMED = "Confirmed"


@dataclass(frozen=True)
class TrustedHeaders:
    """Believes the identity headers of a request (access-control §1).

    Safe only behind a proxy or middleware that authenticates every request, removes identity
    headers which the client sent, and is the only one that can reach this service: anybody
    else who does is whoever they say they are.
    """

    is_admin: Callable[[Caller], bool]
    allow_anonymous: bool = False

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Return the caller; `headers` is the WSGI environ.

        Raises:
            Unauthenticated: nobody confirmed the identity, and anonymous callers are refused.
            Invalid: the catalogue of services is no JSON.
        """
        caller = self.believe(headers)
        if caller is not ANONYMOUS:
            _check_catalogue(headers.get("HTTP_X_SERVICE_CATALOG"))
        return caller

    def believe(self, headers: Mapping[str, str]) -> Caller:
        """Return the caller that the headers name, taking them all for well-formed.

        Raises:
            Unauthenticated: nobody confirmed the identity, and anonymous callers are refused.
        """
        if headers.get("HTTP_X_IDENTITY_STATUS") != CONFIRMED:
            if self.allow_anonymous:
                return ANONYMOUS
            raise Unauthenticated
        caller = _caller(headers)
        return replace(caller, is_admin=True) if self.is_admin(caller) else caller

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """Return the application as it is."""
        return app


def _check_catalogue(text: str | None) -> None:
    try:
        json.loads(text or "[]")
    except (ValueError, RecursionError):
        raise Invalid("The header X-Service-Catalog is no JSON.") from None


def _caller(headers: Mapping[str, str]) -> Caller:
    get = headers.get
    # A service token that was not confirmed lends nothing, where its status is told at all.
    service = get("HTTP_X_SERVICE_IDENTITY_STATUS", CONFIRMED) == CONFIRMED
    return Caller(
        user_id=_first(headers, "HTTP_X_USER_ID", "HTTP_X_USER"),
        project_id=_first(headers, "HTTP_X_PROJECT_ID", "HTTP_X_TENANT_ID", "HTTP_X_TENANT"),
        roles=_roles(_first(headers, "HTTP_X_ROLES", "HTTP_X_ROLE")),
        user_name=get("HTTP_X_USER_NAME") or None,
        project_name=_first(headers, "HTTP_X_PROJECT_NAME", "HTTP_X_TENANT_NAME"),
        user_domain_id=get("HTTP_X_USER_DOMAIN_ID") or None,
        user_domain_name=get("HTTP_X_USER_DOMAIN_NAME") or None,
        project_domain_id=get("HTTP_X_PROJECT_DOMAIN_ID") or None,
        project_domain_name=get("HTTP_X_PROJECT_DOMAIN_NAME") or None,
        domain_id=get("HTTP_X_DOMAIN_ID") or None,
        domain_name=get("HTTP_X_DOMAIN_NAME") or None,
        system_scope=get("HTTP_OPENSTACK_SYSTEM_SCOPE") or None,
        auth_token=_first(headers, "HTTP_X_AUTH_TOKEN", "HTTP_X_STORAGE_TOKEN"),
        service_catalog=get("HTTP_X_SERVICE_CATALOG") or None,
        service_user_id=get("HTTP_X_SERVICE_USER_ID") or None if service else None,
        service_project_id=get("HTTP_X_SERVICE_PROJECT_ID") or None if service else None,
        service_roles=_roles(get("HTTP_X_SERVICE_ROLES")) if service else frozenset(),
    )


def _first(headers: Mapping[str, str], *names: str) -> str | None:
    """Return the value of the first header that is there; one that is empty says: none."""
    for name in names:
        value = headers.get(name)
        if value is not None:
            return value or None
    return None


def _roles(text: str | None) -> frozenset[str]:
    if not text:
        return frozenset()
    return frozenset(role for part in text.split(",") if (role := part.strip().lower()))

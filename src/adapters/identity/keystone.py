"""Identity by Keystone: keystonemiddleware checks tokens and sets the headers to trust."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication

from oslo_config import cfg

from tintype.adapters.identity.trusted_headers import TrustedHeaders
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration, IdentityUnavailable

UNANSWERED = "tintype.keystone_unanswered"
"""Stands in the environ of a request whose tokens could not be checked."""


@dataclass(frozen=True)
class Keystone:
    """Believes the identity headers once the middleware removed what the client sent of them.

    The options in `[keystone_authtoken]` are the middleware's own. It lets requests without a
    valid token pass: `headers` decides about them (access-control §1).
    """

    conf: cfg.ConfigOpts
    headers: TrustedHeaders

    def identify(self, headers: Mapping[str, Any]) -> Caller:
        """Return the caller; `headers` is the environ as the wrapped application sees it.

        Raises:
            Unauthenticated: the token is missing or invalid, and anonymous callers are refused.
            IdentityUnavailable: Keystone did not say whether the token is valid.
        """
        if UNANSWERED in headers:
            raise IdentityUnavailable
        return self.headers.believe(_with_scope_of_user(headers))

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """Put the middleware around the application.

        Raises:
            BadConfiguration: the way in which the middleware itself is to authenticate is
                unknown, or lacks something.
        """
        # Loading these takes as long as most of the rest of the start.
        from keystoneauth1.exceptions import ClientException

        from tintype.adapters.identity.keystone_middleware import Middleware

        options = {"oslo_config_config": self.conf, "delay_auth_decision": True}
        try:
            middleware: WSGIApplication = Middleware(app, options)
        except (ClientException, cfg.Error) as error:
            raise BadConfiguration("[keystone_authtoken]", f"{error}.") from error
        return middleware


def _with_scope_of_user(environ: Mapping[str, Any]) -> Mapping[str, Any]:
    """Restore the system scope of the user's token.

    Where there is a service token, the middleware lets its scope replace that of the user.
    """
    tokens = environ.get("keystone.token_auth")
    if tokens is None or tokens.user is None or tokens.service is None:
        return environ
    scope = "all" if tokens.user.system_scoped else ""
    return {**environ, "HTTP_OPENSTACK_SYSTEM_SCOPE": scope}

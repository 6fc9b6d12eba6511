"""keystonemiddleware, telling a token that nobody could be asked about from one that is wrong.

Apart from `keystone` because importing it takes as long as most of the rest of the start.
"""

import logging
from collections.abc import Mapping
from typing import Any

from keystoneauth1.exceptions import (
    ClientException,
    ConnectFailure,
    DiscoveryFailure,
    RequestTimeout,
)
from keystonemiddleware.auth_token import (  # type: ignore[import-untyped]
    AuthProtocol,
    InvalidToken,
    ServiceError,
)

from tintype.adapters.identity.keystone import UNANSWERED

LOG = logging.getLogger(__name__)

_REASONS = (ConnectFailure, DiscoveryFailure, RequestTimeout, ServiceError)


class _Unanswered(Exception):
    """Keystone did not say whether a token is valid."""


class Middleware(AuthProtocol):  # type: ignore[misc]
    """Lets a request pass also if Keystone does not answer, with `UNANSWERED` in its environ.

    The identity headers that the client sent are gone then as well, and none are set.
    """

    def process_request(self, request: Any) -> Any:
        """Check the tokens of a request."""
        try:
            return super().process_request(request)
        except _Unanswered:
            request.environ[UNANSWERED] = True
            return None

    def fetch_token(self, token: str, allow_expired: bool = False) -> Mapping[str, Any]:
        """Return what Keystone knows of a token.

        Raises:
            InvalidToken: Keystone says that it is none.
            _Unanswered: Keystone says nothing of use.
        """
        try:
            data: Mapping[str, Any] = super().fetch_token(token, allow_expired=allow_expired)
            return data
        except InvalidToken as error:
            # Where the application decides about callers, as here, the middleware calls a token
            # that it could not ask about invalid: a client would give up instead of coming again.
            if isinstance(error.__context__, _REASONS):
                raise _Unanswered from error
            raise
        except ClientException as error:
            LOG.error("Keystone cannot be asked about a token: %s", error)
            raise _Unanswered from error

"""Who is it?"""

from collections.abc import Mapping
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from tintype.domain.caller import Caller


class Identity(Protocol):
    """Establishes who sent a request."""

    def identify(self, environ: Mapping[str, Any]) -> Caller:
        """Return the caller behind a request, given its WSGI environment.

        Raises:
            Unauthenticated: the request proves nobody.
            IdentityUnavailable: whoever could tell does not answer.
        """

    def wrap(self, application: WSGIApplication) -> WSGIApplication:
        """Return the application behind whatever must see its requests first."""

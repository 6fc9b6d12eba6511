"""Who sends a request."""

from falcon import Request, Response

from tintype.domain.ports.identity import Identity
from tintype.entrypoints.http.middleware import log_context


class Identification:
    """Puts the caller into the request's context, or refuses the request."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def process_request(self, req: Request, resp: Response) -> None:
        """Identify the caller.

        Raises:
            Unauthenticated: the request proves nobody.
            IdentityUnavailable: whoever could tell does not answer.
        """
        if not req.context.get("public"):
            req.context.caller = self._identity.identify(req.env)
            log_context.remember(req.context.caller, req.context.request_id)

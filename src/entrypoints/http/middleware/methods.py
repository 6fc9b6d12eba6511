"""Methods that a path does not know."""

from typing import Any

import falcon
from falcon import Request, Response

KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})


class Methods:
    """Answers 405 with `Allow` to every other verb on a known path (images-api §1).

    A resource may say by `others_unknown` that clients know it by its own verbs only.
    """

    def process_resource(
        self, req: Request, resp: Response, resource: object, params: dict[str, Any]
    ) -> None:
        """Refuse verbs that the resource has no method for, and paths with an empty part.

        The router takes a slash at the end for an empty id; to clients it is another path.

        Raises:
            HTTPMethodNotAllowed, HTTPNotFound.
        """
        if "" in params.values():
            unknown_path(req, resp)
        if req.method not in KNOWN or not hasattr(resource, f"on_{req.method.lower()}"):
            if getattr(resource, "others_unknown", False):
                unknown_path(req, resp)
            allowed = [verb for verb in sorted(KNOWN) if hasattr(resource, f"on_{verb.lower()}")]
            raise falcon.HTTPMethodNotAllowed(
                allowed,
                description=f"The method {req.method} is not allowed for this resource.",
            )


def unknown_path(req: Request, resp: Response, **params: str) -> None:
    """Answer for paths that lead nowhere."""
    if req.method not in KNOWN:
        raise falcon.HTTPError(501, description=f"The method {req.method} is not implemented.")
    raise falcon.HTTPNotFound(description="The resource could not be found.")

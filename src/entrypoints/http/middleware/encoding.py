"""Paths and query strings that are no text."""

from urllib.parse import unquote_to_bytes

import falcon
from falcon import Request, Response


class Encoding:
    """Refuses what is not UTF-8, of callers who were let in (images-api §1)."""

    def process_request(self, req: Request, resp: Response) -> None:
        """Look at the path, and at what a query string says in `%XX`.

        Raises:
            HTTPBadRequest: one of them is not UTF-8.
        """
        if req.context.get("public"):
            return
        try:
            # WSGI hands bytes on as characters of Latin-1.
            req.env["PATH_INFO"].encode("latin-1").decode()
        except UnicodeDecodeError:
            raise falcon.HTTPBadRequest(description="The path is not valid UTF-8.") from None
        if "%" in req.query_string:
            try:
                unquote_to_bytes(req.query_string).decode()
            except UnicodeDecodeError:
                description = "The query string is not valid UTF-8."
                raise falcon.HTTPBadRequest(description=description) from None

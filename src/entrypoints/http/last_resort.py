"""An answer of our own when something around the application breaks."""

import sys
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from falcon import Request, Response

from tintype.entrypoints.http.errors import fail


class LastResort:
    """Stands around the middleware that others wrote; servers would answer with their HTML."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Pass a request on, and log and answer what nobody foresaw."""
        try:
            return self._app(environ, start)
        except Exception as error:
            req, resp = Request(environ), Response()
            fail(req, resp, error, {})
            body = resp.data or b""
            headers = [
                ("Content-Type", str(resp.content_type)),
                ("Content-Length", str(len(body))),
            ]
            start(str(resp.status), headers, sys.exc_info())
            return [b"" if req.method == "HEAD" else body]

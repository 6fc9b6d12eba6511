"""Serve Keystone on a port of the loopback interface: `python serve.py PORT`.

A request may say how long the token lives that it asks for. As the lifetime is a setting of
all requests, the server is one that handles one at a time.
"""

import sys
from collections.abc import Iterable
from wsgiref.simple_server import make_server
from wsgiref.types import StartResponse, WSGIEnvironment

HOUR = 3600


def serve(port: int) -> None:
    """Serve until killed."""
    # Keystone reads the command line when it is imported, and knows no ports.
    del sys.argv[1:]
    import keystone.conf  # type: ignore[import-not-found]
    from keystone.wsgi.api import application  # type: ignore[import-not-found]

    def with_lifetime(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        lifetime_s = int(environ.get("HTTP_X_TOKEN_LIFETIME", HOUR))
        keystone.conf.CONF.set_override("expiration", lifetime_s, group="token")
        answer: Iterable[bytes] = application(environ, start_response)
        return answer

    make_server("127.0.0.1", port, with_lifetime).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))

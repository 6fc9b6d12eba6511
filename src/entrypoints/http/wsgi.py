"""The doors for WSGI servers (contract, building the application).

Importing this starts nothing and connects to nothing.
"""

import atexit
import os
import threading
from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from oslo_config import cfg

from tintype.domain.errors import TintypeError
from tintype.domain.ports.identity import Identity
from tintype.entrypoints.backends import require_backends
from tintype.entrypoints.config import new_config, set_up_logging
from tintype.entrypoints.container import TASKS_STOP_S, Container
from tintype.entrypoints.http.cross_origin import across_origins
from tintype.entrypoints.http.last_resort import LastResort
from tintype.entrypoints.http.request_lines import RequestLines

CONFIG_DIR: Final = "OS_GLANCE_CONFIG_DIR"
"""What names the directory of the configuration to servers that run Glance's application."""


def build(config_file: str) -> WSGIApplication:
    """Return the application for an ini file, ready to serve, in this process.

    Makes the schema in an empty database, cleans up after processes that died, and starts
    the background work of a process.

    Raises:
        RuntimeError: the configuration is wrong; says which option and what is expected.
    """
    try:
        conf = new_config([config_file])
        set_up_logging(conf)
        return assemble(conf)
    except TintypeError as error:
        raise RuntimeError(str(error)) from error


def db_sync(config_file: str) -> None:
    """Make the schema or bring it up to date, beside a running service or without one.

    Raises:
        RuntimeError: the configuration is wrong; says which option and what is expected.
    """
    try:
        conf = new_config([config_file])
        set_up_logging(conf)
        Container(conf=conf).sync_catalogue()()
    except TintypeError as error:
        raise RuntimeError(str(error)) from error


def staging_cleanup(config_file: str) -> None:
    """Remove what is staged for images that are gone, beside a running service or without one.

    Raises:
        RuntimeError: the configuration is wrong; says which option and what is expected.
    """
    try:
        conf = new_config([config_file])
        set_up_logging(conf)
        container = Container(conf=conf)
        container.stores().start()
        container.clean_staging()()
    except TintypeError as error:
        raise RuntimeError(str(error)) from error


def assemble(conf: cfg.ConfigOpts, state_dir: str | None = None) -> WSGIApplication:
    """Return the application for a configuration, ready to serve, in this process.

    Raises:
        BadConfiguration, CatalogueUnavailable: it cannot be built; says why.
    """
    require_backends(conf)
    container = Container(conf=conf)
    container.state_dir.override(state_dir)
    container.migrate()
    container.stores().start(required=container.required_stores())
    container.sweep()()
    container.clean_staging()()
    container.background().start()
    atexit.register(container.task_queue().stop, TASKS_STOP_S)
    return surrounded(container.application(), container.identity(), conf)


def surrounded(app: WSGIApplication, identity: Identity, conf: cfg.ConfigOpts) -> WSGIApplication:
    """Put around the application what sees requests before it: first what writes them down, then
    the proxy, which says where a request came from, last the identity."""
    app = across_origins(LastResort(identity.wrap(app)), conf.cors)
    if conf.oslo_middleware.enable_proxy_headers_parsing:
        app = _behind_proxy(app)
    return RequestLines(app)


def _behind_proxy(app: WSGIApplication) -> WSGIApplication:
    from oslo_middleware.http_proxy_to_wsgi import HTTPProxyToWSGI  # needed by few, slow to load

    wrapped: WSGIApplication = HTTPProxyToWSGI(app, {"enable_proxy_headers_parsing": True})
    return wrapped


def _files() -> list[str] | None:
    """Return the file of a Glance, if the environment says where one is (operations §6)."""
    folder = os.environ.get(CONFIG_DIR)
    return [os.path.join(folder, "glance-api.conf")] if folder else None


class _Lazy:
    """The application for the files in the usual places, built with its first request.

    Servers import a module before they fork; connections and threads must not cross that.
    """

    def __init__(self) -> None:
        self._building = threading.Lock()
        self._built: WSGIApplication | None = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        with self._building:
            if self._built is None:
                conf = new_config(_files())
                set_up_logging(conf)
                self._built = assemble(conf)
        return self._built(environ, start)


application = _Lazy()

"""The service under gunicorn: one parent, several processes of many threads."""

import logging
import signal
import socket
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from oslo_config.cfg import ConfigOpts

from tintype.domain.errors import TintypeError
from tintype.entrypoints.http.worker import Worker

LOG = logging.getLogger("tintype.http")


class GracefulArbiter(Arbiter):
    """A parent process for which Ctrl-C means: finish what you are at, then stop.

    A second Ctrl-C means: stop at once.
    """

    def handle_int(self) -> None:
        """Begin to stop."""
        signal.signal(signal.SIGINT, lambda *_: self.kill_workers(signal.SIGKILL))
        raise StopIteration


class Server(BaseApplication):
    """Serves what `build` returns, which is called in each process after it has forked.

    `again` returns the configuration as it is now, given the one in use, or raises TintypeError.
    """

    def __init__(
        self,
        conf: ConfigOpts,
        build: Callable[[ConfigOpts], WSGIApplication],
        ready: Callable[[], None],
        again: Callable[[ConfigOpts], ConfigOpts],
    ) -> None:
        self._conf = conf
        self._build = build
        self._ready = ready
        self._again = again
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        conf = self._conf
        settings: dict[str, Any] = {
            "bind": address(conf.bind_host, conf.bind_port),
            "workers": conf.workers,
            "threads": conf.threads,
            "worker_connections": max(1000, 4 * conf.threads),
            "worker_class": Worker,
            "backlog": conf.backlog,
            # The most that the server can do: lists of ids to filter by are long, and so are
            # tokens; Glance's max_header_line is the same.
            "limit_request_line": 8190,
            "limit_request_field_size": 16384,
            "keepalive": conf.http_keepalive_timeout,
            "graceful_timeout": conf.graceful_timeout,
            "loglevel": "warning",
            "sendfile": conf.sendfile,
            "proc_name": "tintype",
            "when_ready": lambda _arbiter: self._ready(),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application of one process."""
        return self._build(self._conf)

    def reload(self) -> None:
        """Take up the configuration as it is now; one that is wrong is told of and left alone.

        The server calls it at SIGHUP, before it replaces all processes (operations §6).
        """
        try:
            self._conf = self._again(self._conf)
        except TintypeError as error:
            LOG.error("The service goes on with the configuration that it has: %s", error)
        super().reload()

    def run(self) -> None:
        """Serve until told to stop."""
        GracefulArbiter(self).run()


def address(host: str, port: int) -> str:
    """Return `host:port`, with brackets around an IPv6 address."""
    try:
        socket.inet_pton(socket.AF_INET6, host)
    except OSError:
        return f"{host}:{port}"
    return f"[{host}]:{port}"

"""Starting the service, and what must hold before that."""

import socket
from collections.abc import Callable
from wsgiref.types import WSGIApplication

from oslo_config import cfg
from rich.console import Console

from tintype.domain.errors import BadConfiguration, TintypeError
from tintype.entrypoints import config
from tintype.entrypoints.backends import require_backends
from tintype.entrypoints.container import Container, require_loopback
from tintype.entrypoints.http.server import Server, address
from tintype.entrypoints.http.wsgi import assemble


def check(conf: cfg.ConfigOpts, state_dir: str | None = None) -> Container:
    """Build everything that does not touch the outside.

    Raises:
        BadConfiguration: the service would not start; says why.
    """
    if config.auth_strategy_of(conf) == "noauth":
        require_loopback(conf.bind_host, force=conf.noauth_anywhere)
    require_backends(conf)
    container = Container(conf=conf)
    container.state_dir.override(state_dir)
    container.engine()
    container.application()
    return container


def run(read: Callable[[], cfg.ConfigOpts], state_dir: str | None) -> None:
    """Check, bring the database up to date, and serve until told to stop.

    `read` reads the configuration, now and whenever it is to be taken up anew.

    Raises:
        BadConfiguration, CatalogueUnavailable: the service cannot start; says why.
    """
    conf = read()
    container = check(conf, state_dir)
    require_free(conf.bind_host, conf.bind_port)
    container.migrate()
    container.stores().start(required=container.required_stores())
    container.engine().dispose()  # a connection must not be shared with the workers to come

    def build(conf: cfg.ConfigOpts) -> WSGIApplication:
        return assemble(conf, state_dir)

    def again(before: cfg.ConfigOpts) -> cfg.ConfigOpts:
        now = read()
        try:
            check(now, state_dir)
            if (now.bind_host, now.bind_port) != (before.bind_host, before.bind_port):
                require_free(now.bind_host, now.bind_port)
        except TintypeError:
            config.set_up_logging(before)
            raise
        return now

    def ready() -> None:
        greet(conf)

    Server(conf, build, ready, again).run()


def require_free(host: str, port: int) -> None:
    """Raise BadConfiguration if the service cannot listen there; gunicorn would try for long."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise BadConfiguration(
            "bind_host, bind_port", f"{address(host, port)} cannot be used: {error.strerror}."
        ) from error


def greet(conf: cfg.ConfigOpts) -> None:
    """Say where the service is and how to try it."""
    url = f"http://{address(conf.bind_host, conf.bind_port)}"
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]Tintype[/bold] serves images at [bold]{url}[/bold]  (Ctrl-C stops it)")
    if config.auth_strategy_of(conf) == "noauth":
        console.print("Try it:")
        console.print(
            f"  openstack --os-auth-type none --os-endpoint {url} image create "
            "--file disk.qcow2 --disk-format qcow2 cirros"
        )
        console.print(f"  openstack --os-auth-type none --os-endpoint {url} image list")

"""No identity at all: whoever can connect is the administrator."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address
from wsgiref.types import WSGIApplication

from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration

ADMINISTRATOR = Caller(user_id="admin", roles=frozenset({"admin", "member", "reader"}))


@dataclass(frozen=True)
class NoAuth:
    """Takes every caller for the user `admin` with all roles and no project.

    Images that it creates have no owner. The roles are a **Better:** of access-control §7:
    the default policies would let a caller without any do nothing.
    """

    is_admin: Callable[[Caller], bool]

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Return the administrator, whatever the headers say."""
        return replace(ADMINISTRATOR, is_admin=self.is_admin(ADMINISTRATOR))

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """Return the application as it is."""
        return app


def require_loopback(host: str, force: bool = False) -> None:
    """Refuse to serve without authentication to other machines, unless forced.

    `host` is what the server is to listen on: an address, a name, or `unix:` and a path.

    Raises:
        BadConfiguration: other machines could connect, or the name cannot be resolved.
    """
    if force or host.startswith("unix:"):
        return
    addresses = _addresses(host.removeprefix("[").removesuffix("]"))
    if not addresses or not all(map(_is_loopback, addresses)):
        raise BadConfiguration(
            "bind_host",
            f"{host!r} can be reached from other machines, and without authentication everyone "
            "who connects may do everything. Set it to 127.0.0.1, choose another auth_strategy, "
            "or set noauth_anywhere = true if something else keeps strangers out.",
        )


def _addresses(host: str) -> set[str]:
    """Resolve a host; none for the empty one, which means every address there is."""
    if not host:
        return set()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise BadConfiguration(
            "bind_host", f"{host!r} is no address of this machine: {error.strerror}."
        ) from error
    return {str(address[0]) for *_, address in found}


def _is_loopback(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback

"""Which URLs the service may be sent to by a caller, and at which addresses it then calls."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar

from tintype.domain.errors import UriRefused
from tintype.domain.network import INTERNAL, PRIVATE, Address, Network, lies_in
from tintype.domain.ports.name_resolver import NameResolver

T = TypeVar("T")

PORTS = {"http": 80, "https": 443}
"""The schemes that data can be fetched by, and their ports where a URL names none."""

_URI = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_PLACE = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@]+))(?::(\d{0,5}))?", re.ASCII | re.IGNORECASE)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(frozen=True)
class UriRules:
    """What an operator allows; an allow-list that is not empty makes its deny-list void.

    Entries of the lists of hosts are names, addresses, or networks (`10.0.0.0/8`) that stand
    for every host in them.
    Source: import-and-tasks §10 and §16, `[import_filtering_opts]`.
    """

    allowed_schemes: tuple[str, ...] = ("http", "https")
    disallowed_schemes: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    disallowed_hosts: tuple[str, ...] = ()
    allowed_ports: tuple[int, ...] = (80, 443)
    disallowed_ports: tuple[int, ...] = ()
    deny_private: bool = False

    @cached_property
    def allowed_names(self) -> frozenset[str]:
        """Hosts that are allowed as they are written, wherever they lead."""
        return frozenset(map(_plain, self.allowed_hosts))

    @cached_property
    def allowed_networks(self) -> tuple[Network, ...]:
        """Networks of which every host is allowed."""
        return tuple(_networks(host for host in self.allowed_hosts if "/" in host))

    @cached_property
    def denied_names(self) -> frozenset[str]:
        """Hosts that are not allowed as they are written."""
        return frozenset() if self.allowed_hosts else frozenset(map(_plain, self.disallowed_hosts))

    @cached_property
    def denied_networks(self) -> tuple[Network, ...]:
        """Networks in which no host may be, whatever its name."""
        own = () if self.allowed_hosts else tuple(_networks(self.disallowed_hosts))
        return (*INTERNAL, *own, *(PRIVATE if self.deny_private else ()))


def _networks(hosts: Iterable[str]) -> Iterator[Network]:
    for host in hosts:
        try:
            yield ip_network(host.strip("[]"), strict=False)
        except ValueError:
            continue


@dataclass(frozen=True, slots=True)
class PinnedUrl:
    """A URL that may be fetched, and the addresses of its host that may be called for it.

    Nobody must look the host up again: the answer may be another one by then. `url` may hold
    credentials; `host` is in lower case, without the brackets of IPv6.
    """

    url: str = field(repr=False)
    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


class NoNames:
    """Knows no name at all."""

    def resolve(self, name: str) -> Sequence[str]:
        """Return nothing."""
        return ()


@dataclass(frozen=True)
class UriFilter:
    """Judges URLs before any of them is called (import-and-tasks §10)."""

    rules: UriRules = field(default_factory=UriRules)
    resolver: NameResolver = field(default_factory=NoNames)

    def check(self, url: str) -> PinnedUrl:
        """Return the URL with the addresses to call.

        Addresses that are denied are left out; one that is allowed is enough.

        Raises:
            UriRefused: it may not be fetched, or its host is not known.
        """
        refusal = UriRefused(without_credentials(url))
        match = _URI.fullmatch(url)
        if match is None or _CONTROL.search(url):
            raise refusal
        scheme = match[1].lower()
        place = _PLACE.fullmatch(match[2].rpartition("@")[2])
        if place is None or not self._scheme_passes(scheme):
            raise refusal
        host = _host(place[1], place[2])
        written = int(place[3]) if place[3] else None
        if host is None or not self._name_passes(host) or not self._port_passes(written):
            raise refusal
        addresses = tuple(self._addresses(host))
        if not addresses:
            raise refusal
        return PinnedUrl(url, scheme, host, written or PORTS[scheme], addresses)

    def _scheme_passes(self, scheme: str) -> bool:
        rules = self.rules
        return scheme in PORTS and _passes(scheme, rules.allowed_schemes, rules.disallowed_schemes)

    def _name_passes(self, host: str) -> bool:
        rules = self.rules
        if rules.allowed_hosts:
            # Whether it is in an allowed network shows when its addresses are known.
            return bool(rules.allowed_networks) or _plain(host) in rules.allowed_names
        return _plain(host) not in rules.denied_names

    def _port_passes(self, port: int | None) -> bool:
        if port is None:
            return True
        rules = self.rules
        return 0 < port < 1 << 16 and _passes(port, rules.allowed_ports, rules.disallowed_ports)

    def _addresses(self, host: str) -> Iterator[str]:
        listed = _plain(host) in self.rules.allowed_names
        literal = _address(host)
        if literal is not None:
            found = [literal]
        else:
            resolved = map(_address, self._resolve(_plain(host), listed))
            found = [address for address in resolved if address is not None]
        return (str(address) for address in found if listed or self._address_passes(address))

    def _resolve(self, name: str, listed: bool) -> Sequence[str]:
        # With a dot at the end the name cannot be one of the hosts file, where names of this
        # network are; those that an operator lists may be.
        return self.resolver.resolve(f"{name}.") or (self.resolver.resolve(name) if listed else ())

    def _address_passes(self, address: Address) -> bool:
        rules = self.rules
        if rules.allowed_hosts:
            return any(address in network for network in rules.allowed_networks)
        return not lies_in(address, rules.denied_networks)


def without_credentials(url: str) -> str:
    """Return the URL without what stands before the host."""
    scheme, separator, rest = url.partition("://")
    end = next((place for place, char in enumerate(rest) if char in "/?#\\"), len(rest))
    return f"{scheme}{separator}{rest[:end].rpartition('@')[2]}{rest[end:]}"


def _passes(value: T, allowed: Sequence[T], denied: Sequence[T]) -> bool:
    return value in allowed if allowed else value not in denied


def _plain(host: str) -> str:
    """Return a host as two spellings of it are compared."""
    name = host.lower().strip("[]").removesuffix(".")
    address = _address(name)
    return name if address is None else str(address)


def _host(literal: str | None, name: str | None) -> str | None:
    """Return the host in one form; None if it is neither a name nor a plain address.

    Numbers that parsers take for an address, each in its own way, are neither: `127.1`,
    `0x7f.1`, `2130706433`, `0177.0.0.1`, `127.0.0.1.`.
    """
    if literal is not None:
        address = _address(literal)
        return str(address) if isinstance(address, IPv6Address) else None
    host = (name or "").lower()
    if not host.isascii():
        host = _in_ascii(host)
    if _NAME.fullmatch(host) is None or len(host) > 253:
        return None
    if _NUMBER.fullmatch(_plain(host).rpartition(".")[2]):
        return host if _address(host) is not None and host == name else None
    return host


def _in_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None

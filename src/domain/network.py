"""Which addresses of the internet protocols are no place to fetch data from."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

INTERNAL: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            # This host: 0.0.0.0 reaches it on Linux as well as 127.0.0.1 does.
            *("0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"),
            # This link, many hosts at once, and what is reserved.
            *("169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4"),
            # Services that hand credentials to virtual machines, outside of the link.
            *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
            *("fd00:ec2::254/128", "fd20:ce::254/128"),
            # Where a site translates to IPv4 by a rule of its own (RFC 8215).
            "64:ff9b:1::/48",
        ),
    )
)
"""Networks that nobody outside of this host and link can mean."""

PRIVATE: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"),
            *("fc00::/7", "fec0::/10"),
        ),
    )
)
"""Networks of one organisation; often those of the cloud itself."""

_LAST = (
    "::/96",  # IPv4-compatible
    "::ffff:0:0/96",  # IPv4-mapped
    "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
    "64:ff9b::/96",  # NAT64 (RFC 6052)
)
_IN_LAST_BITS: tuple[IPv6Network, ...] = tuple(map(IPv6Network, _LAST))
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def meanings(address: Address) -> Iterator[Address]:
    """Give an address, and those of IPv4 that packets to it may be sent on to."""
    yield address
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    if any(address in network for network in _IN_LAST_BITS):
        yield IPv4Address(number & 0xFFFF_FFFF)
    if number >> 32 & 0xFFFF_FFFF in _ISATAP:
        yield IPv4Address(number & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def lies_in(address: Address, networks: tuple[Network, ...]) -> bool:
    """Tell whether an address, or one that it stands for, is in one of the networks."""
    return any(
        meaning.version == network.version and meaning in network
        for meaning in meanings(address)
        for network in networks
    )

"""The options that say to which URLs callers may send the service."""

from collections.abc import Sequence
from typing import Final

from oslo_config import cfg, types

from tintype.domain.uri_filter import UriRules
from tintype.entrypoints.option_types import BracketedList

GROUP: Final = "import_filtering_opts"

_WITHOUT = " Read only while {} is empty."

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.Opt(
        "allowed_schemes",
        type=BracketedList(),
        default=["http", "https"],
        help="URL schemes of data to fetch; others than http and https are never fetched.",
    ),
    cfg.Opt(
        "disallowed_schemes",
        type=BracketedList(),
        default=[],
        help="URL schemes that are refused." + _WITHOUT.format("allowed_schemes"),
    ),
    cfg.Opt(
        "allowed_hosts",
        type=BracketedList(),
        default=[],
        help="The only hosts that data is fetched from: names, addresses, or networks such as "
        "10.0.0.0/8. What is listed may also be this host itself, or a neighbour on its link, "
        "which are refused otherwise. Empty: any host.",
    ),
    cfg.Opt(
        "disallowed_hosts",
        type=BracketedList(),
        default=[],
        help="Hosts that are refused, written in the same way." + _WITHOUT.format("allowed_hosts"),
    ),
    cfg.Opt(
        "allowed_ports",
        type=BracketedList(types.Port(min=1)),
        default=[80, 443],
        help="Ports that a URL may name. Empty, as in []: any.",
    ),
    cfg.Opt(
        "disallowed_ports",
        type=BracketedList(types.Port(min=1)),
        default=[],
        help="Ports that are refused." + _WITHOUT.format("allowed_ports"),
    ),
    cfg.BoolOpt(
        "deny_private",
        default=False,
        help="Refuse the address ranges of private networks too, where allowed_hosts is empty.",
    ),
)


def rules_of(conf: cfg.ConfigOpts) -> UriRules:
    """Return the rules that the configuration sets."""
    values = conf[GROUP]
    return UriRules(
        allowed_schemes=_lower(values.allowed_schemes),
        disallowed_schemes=_lower(values.disallowed_schemes),
        allowed_hosts=tuple(values.allowed_hosts),
        disallowed_hosts=tuple(values.disallowed_hosts),
        allowed_ports=tuple(values.allowed_ports),
        disallowed_ports=tuple(values.disallowed_ports),
        deny_private=values.deny_private,
    )


def _lower(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)

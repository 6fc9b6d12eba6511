"""The options of http stores, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oslo_config import cfg

from tintype.domain.errors import BadConfiguration

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "https_ca_certificates_file",
        help="File of the certificates, in PEM, that those of servers must come from. Unset: "
        "those of the operating system.",
    ),
    cfg.BoolOpt(
        "https_insecure",
        default=False,
        help="Believe servers whatever certificate they show. Ignored if "
        "https_ca_certificates_file is set.",
    ),
    cfg.DictOpt(
        "http_proxy_information",
        default={},
        help="Proxies to go through, as scheme:host:port pairs. A proxy looks names up by "
        "itself, so it must keep callers from this network by rules of its own.",
    ),
    cfg.IntOpt(
        "http_connect_timeout",
        default=10,
        min=1,
        help="Seconds that a server has to take a connection.",
    ),
    cfg.IntOpt(
        "http_read_timeout",
        default=60,
        min=1,
        help="Seconds that a server may be silent while it is to send.",
    ),
)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """One http store as configured; `proxies` are URLs by the scheme that goes through them."""

    store: str
    ca_file: str | None = None
    insecure: bool = False
    proxies: Mapping[str, str] = field(default_factory=dict)
    connect_timeout_s: int = 10
    read_timeout_s: int = 60

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any]) -> "HttpSettings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        ca_file = values["https_ca_certificates_file"] or None
        return cls(
            store,
            ca_file,
            values["https_insecure"] and ca_file is None,
            _proxies(values["http_proxy_information"] or {}),
            values["http_connect_timeout"],
            values["http_read_timeout"],
        )


def _proxies(table: Mapping[str, str]) -> Mapping[str, str]:
    for scheme in table:
        if scheme not in ("http", "https"):
            raise BadConfiguration(
                "http_proxy_information", f"'{scheme}' must be http or https, then the proxy."
            )
    return {
        scheme: proxy if "://" in proxy else f"http://{proxy}" for scheme, proxy in table.items()
    }

"""Options of vmware stores, with the names of glance_store's where it has them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any, Final

from oslo_config import cfg

from tintype.adapters.stores.vmware.addresses import Place
from tintype.domain.errors import BadConfiguration

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "vmware_server_host",
        help="Name or address of the vCenter or ESX server, with a port or not.",
    ),
    cfg.StrOpt("vmware_server_username", help="User of the server."),
    cfg.StrOpt("vmware_server_password", secret=True, help="Password of the user."),
    cfg.IntOpt(
        "vmware_api_retry_count",
        default=10,
        min=0,
        help="How often to ask again when the connection fails or the session has ended.",
    ),
    cfg.IntOpt(
        "vmware_task_poll_interval",
        default=5,
        min=1,
        help="Seconds between two looks at a task of the server, at most.",
    ),
    cfg.IntOpt(
        "vmware_request_timeout",
        default=60,
        min=1,
        help="Seconds that the server may be silent while it is to answer.",
    ),
    cfg.StrOpt(
        "vmware_store_image_dir",
        default="/openstack_glance",
        help="Directory of the datastores that images are kept in, this store's alone.",
    ),
    cfg.BoolOpt(
        "vmware_insecure",
        default=False,
        deprecated_name="vmware_api_insecure",
        help="Whether to believe any certificate; not if vmware_ca_file is set.",
    ),
    cfg.StrOpt(
        "vmware_ca_file",
        help="File of the certificates, in PEM, that the server's must come from.",
    ),
    cfg.MultiStrOpt(
        "vmware_datastores",
        help="Datastores, as <path of the datacenter>:<name>[:<weight>]; once for each. The "
        "heaviest is taken that has room, among equals the one with most.",
    ),
)

_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:/?#@\s\[\]]+)(?::(\d{1,5}))?")
_DATASTORE: Final = re.compile(r"([^:]+):([^:]+?)(?::(\d+))?")


@dataclass(frozen=True, slots=True)
class VmwareSettings:
    """One vmware store as configured; `places` have weights."""

    store: str
    host: str
    port: int
    address: str
    username: str
    password: str = field(repr=False)
    retries: int
    poll_interval_s: int
    request_timeout_s: int
    directory: str
    insecure: bool
    ca_file: str | None
    places: Mapping[Place, int]
    named: bool

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any], *, named: bool) -> "VmwareSettings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        values = {name.removeprefix("vmware_"): value for name, value in values.items()}
        for name in ("server_host", "server_username", "server_password", "datastores"):
            if not values[name]:
                raise BadConfiguration(f"vmware_{name}", "it must be set.")
        address = _bracketed(values["server_host"])
        match = _HOST.fullmatch(address)
        if match is None:
            raise BadConfiguration(
                "vmware_server_host", "it must be a name or an address, with a port or not."
            )
        directory = values["store_image_dir"].strip("/")
        if not directory or "[" in directory or ".." in directory.split("/"):
            raise BadConfiguration("vmware_store_image_dir", "it must be a directory.")
        return cls(
            store,
            match[1].strip("[]"),
            int(match[2] or 443),
            address,
            values["server_username"],
            values["server_password"],
            values["api_retry_count"],
            values["task_poll_interval"],
            values["request_timeout"],
            directory,
            values["insecure"],
            values["ca_file"] or None,
            dict(map(_place, values["datastores"])),
            named,
        )


def _bracketed(host: str) -> str:
    try:
        return f"[{IPv6Address(host)}]"
    except ValueError:
        return host


def _place(text: str) -> tuple[Place, int]:
    match = _DATASTORE.fullmatch(text.strip())
    if match is None:
        raise BadConfiguration(
            "vmware_datastores", f"{text} must be <path of the datacenter>:<name>[:<weight>]."
        )
    return Place(match[1], match[2]), int(match[3] or 0)

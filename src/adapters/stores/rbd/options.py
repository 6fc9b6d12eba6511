"""The options of rbd stores (stores §6.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oslo_config import cfg

from tintype.domain.errors import BadConfiguration

MAX_CHUNK_MIB: Final = 32
"""RBD has no larger objects."""

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.IntOpt(
        "rbd_store_chunk_size",
        default=8,
        min=1,
        help="Size in MiB of the objects that an image is cut into, a power of two up to 32; "
        "others are rounded down to one.",
    ),
    cfg.StrOpt("rbd_store_pool", default="images", help="Pool that images are kept in."),
    cfg.StrOpt(
        "rbd_store_user",
        help="User (without `client.`) to come as; its key must be in the keyring that the "
        "configuration file of Ceph names. Unset: admin.",
    ),
    cfg.StrOpt(
        "rbd_store_ceph_conf",
        default="",
        help="Configuration file of Ceph. Unset: the one that Ceph's own tools find.",
    ),
    cfg.IntOpt(
        "rados_connect_timeout",
        default=-1,
        help="Seconds that the cluster has for a connection, and for each operation, before it "
        "counts as unavailable; 0 waits for ever. Negative: as the configuration file of Ceph "
        "says (client_mount_timeout, rados_mon_op_timeout, rados_osd_op_timeout); where that "
        "says nothing, 15 for a connection and 30 for an operation.",
    ),
    cfg.BoolOpt(
        "rbd_thin_provisioning",
        default=False,
        help="Leave out what is nothing but zeros: it takes no room, and reads as zeros.",
    ),
)

FOR_WRITING: Final = frozenset({"rbd_store_chunk_size", "rbd_thin_provisioning"})


@dataclass(frozen=True, slots=True)
class RbdSettings:
    """One rbd store as configured; an object is of 2 ** `order` bytes."""

    store: str
    pool: str
    user: str | None
    conf_file: str
    order: int
    timeout_s: int | None
    thin: bool
    named: bool

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any], *, named: bool) -> "RbdSettings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        if not values["rbd_store_pool"]:
            raise BadConfiguration("rbd_store_pool", "it must be set.")
        timeout_s = values["rados_connect_timeout"]
        return cls(
            store,
            values["rbd_store_pool"],
            values["rbd_store_user"] or None,
            values["rbd_store_ceph_conf"] or "",
            _order(values["rbd_store_chunk_size"]),
            None if timeout_s < 0 else timeout_s,
            values["rbd_thin_provisioning"],
            named,
        )


def _order(size_mib: int) -> int:
    if not 1 <= size_mib <= MAX_CHUNK_MIB:
        raise BadConfiguration(
            "rbd_store_chunk_size", f"{size_mib} must be from 1 to {MAX_CHUNK_MIB} (MiB)."
        )
    return size_mib.bit_length() + 19

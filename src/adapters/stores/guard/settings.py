"""How much patience there is with a store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oslo_config import cfg

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.IntOpt(
        "store_capabilities_update_min_interval",
        default=0,
        min=0,
        help="Seconds after which an operation has the store looked at anew, beside it: is there "
        "room, can it be written to, does it answer? 0: never.",
    ),
    cfg.IntOpt(
        "store_max_operations",
        default=24,
        min=0,
        help="Operations of one process that may wait for the store at the same time, so that "
        "one that hangs does not keep all threads (0: any number). Transfers count only while "
        "they stand still.",
    ),
    cfg.IntOpt(
        "store_max_failures",
        default=5,
        min=0,
        help="Operations in a row to which the store does not answer, after which it is not asked "
        "for store_retry_interval seconds (0: it always is).",
    ),
    cfg.IntOpt(
        "store_retry_interval",
        default=30,
        min=1,
        help="Seconds for which a store that does not answer is not asked; then one operation "
        "tries it.",
    ),
)


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """The options of one store, and how long operations wait for others to end."""

    update_interval_s: float = 0
    max_operations: int = 24
    max_failures: int = 5
    retry_interval_s: float = 30
    patience_s: float = 3
    """How long an operation waits when too many others do."""
    standstill_s: float = 5
    """How long a piece of a transfer may take before it counts as waiting."""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "GuardSettings":
        """Take the values of the options by name."""
        return cls(
            values["store_capabilities_update_min_interval"],
            values["store_max_operations"],
            values["store_max_failures"],
            values["store_retry_interval"],
        )

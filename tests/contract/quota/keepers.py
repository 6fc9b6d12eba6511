"""Every adapter of the port QuotaKeeper, each with room for `ROOM` of everything."""

from collections.abc import Callable
from pathlib import Path

from tests.keystone import blank, configured
from tintype.adapters.quota.fixed import FixedStorageQuota, NoQuotas
from tintype.adapters.quota.keystone import KeystoneLimits
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.quota import MIB, Resource

ROOM = 4
"""Mebibytes, or images."""


def on_keystone(folder: Path) -> QuotaKeeper:
    """Return what asks a Keystone in which every resource is limited."""
    keystone = blank()
    keystone.limit(dict.fromkeys(Resource, ROOM))
    return KeystoneLimits(configured(keystone, folder))


KEEPERS: dict[str, Callable[[Path], QuotaKeeper]] = {
    "none": lambda _: NoQuotas(),
    "fixed": lambda _: FixedStorageQuota(ROOM * MIB),
    "keystone": on_keystone,
}

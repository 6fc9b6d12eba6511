"""What stands between the callers of a store and its driver: they wait for no dead store."""

from tintype.adapters.stores.guard.driver import GuardedDriver
from tintype.adapters.stores.guard.settings import OPTIONS, GuardSettings
from tintype.adapters.stores.guard.watch import LOST

__all__ = ["LOST", "OPTIONS", "GuardSettings", "GuardedDriver"]

"""Block devices in a pool of a Ceph cluster."""

from tintype.adapters.stores.rbd.driver import RbdDriver

__all__ = ["RbdDriver"]

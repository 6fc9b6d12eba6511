"""Objects in files of vSphere's datastores."""

from tintype.adapters.stores.vmware.driver import VmwareDriver

__all__ = ["VmwareDriver"]

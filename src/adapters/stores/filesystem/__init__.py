"""Objects as files in local or mounted directories."""

from tintype.adapters.stores.filesystem.driver import FilesystemDriver

__all__ = ["FilesystemDriver"]

"""Objects in containers of OpenStack Swift."""

from tintype.adapters.stores.swift.driver import SwiftDriver

__all__ = ["SwiftDriver"]

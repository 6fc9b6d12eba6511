"""Objects in volumes of the Block Storage service."""

from tintype.adapters.stores.cinder.driver import CinderDriver

__all__ = ["CinderDriver"]

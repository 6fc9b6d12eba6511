"""Images in one SQLite file."""

from tintype_store_sample.driver import SqliteDriver

__all__ = ["SqliteDriver"]

"""The file, and what it refuses in the words of Tintype."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tintype.domain.errors import StorageFull, StoreUnavailable, StoreWriteDenied

TABLES = """
CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    key TEXT PRIMARY KEY, upload TEXT NOT NULL UNIQUE, size INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS pieces (
    upload TEXT NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (upload, start)
);
"""


class File:
    """Opened anew for each transaction, so that threads and forked processes may share it."""

    def __init__(self, store: str, path: str) -> None:
        self.store = store
        self.path = path

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are on disk when the block ends, or not at all.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as SQLite says.
        """
        try:
            connection = sqlite3.connect(
                f"file:{self.path}?mode=rw", timeout=30, isolation_level=None, uri=True
            )
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> StorageFull | StoreUnavailable:
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_FULL:
            return StorageFull(self.store)
        if code == sqlite3.SQLITE_READONLY:
            return StoreWriteDenied(self.store, "its file is read-only")
        return StoreUnavailable(f"Store {self.store} cannot do its work: {error}.")

    def make(self) -> None:
        """Make the file and its tables, unless they are there; raises OSError, sqlite3.Error."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        connection = sqlite3.connect(self.path)
        try:
            connection.executescript(TABLES)
        finally:
            connection.close()

    def free(self) -> int:
        """Return how many bytes there is room for."""
        status = os.statvfs(os.path.dirname(self.path))
        return status.f_bavail * status.f_frsize

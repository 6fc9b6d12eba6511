"""The driver."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oslo_config import cfg

from tintype.adapters.stores.object_keys import check_key, is_key
from tintype.domain.errors import BadConfiguration, DataNotFound, Invalid, StorageFull
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability
from tintype_store_sample.file import File
from tintype_store_sample.transfers import SqliteHandle, SqliteStream, taken


class SqliteDriver:
    """Keeps each object as rows of one file; URLs are `sqlite://<store>/<key>`."""

    TYPE = "sqlite"
    SCHEMES = frozenset({"sqlite"})
    OPTIONS: Sequence[cfg.Opt] = (
        cfg.StrOpt("sqlite_store_path", help="The file that images are kept in."),
    )

    type = TYPE
    schemes = SCHEMES
    capabilities = (Capability.READ | Capability.RANGED_READ | Capability.WRITE) | (
        Capability.DELETE | Capability.EXCLUSIVE_DELETE
    )
    directories: Sequence[str] = ()

    def __init__(self, store: str, path: str, *, named: bool) -> None:
        self.store = store
        self._file = File(store, path)
        self._metadata = {"store": store} if named else {}

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "SqliteDriver":
        """Build the driver of one store from option values by name, without any I/O."""
        path = settings["sqlite_store_path"]
        if not path or not os.path.isabs(path):
            raise BadConfiguration("sqlite_store_path", "it must be an absolute path.")
        return cls(store, path, named=named)

    @property
    def properties(self) -> Mapping[str, Any]:
        """Say where the file is."""
        return {"path": self._file.path}

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The one root of all its locations."""
        return (f"sqlite://{self.store}",)

    def start(self) -> None:
        """Make the file, unless it is there."""
        try:
            self._file.make()
        except (OSError, sqlite3.Error) as error:
            raise BadConfiguration("sqlite_store_path", f"it cannot be used: {error}.") from error

    def probe(self) -> None:
        """Find out whether the store takes data now."""
        if not self._file.free():
            raise StorageFull(self.store)
        with self._file.transaction():
            pass

    # ------------------------------------------------------------------ objects

    def create(self, key: str, size: int | None) -> SqliteHandle:
        """Begin a new object of that key."""
        check_key(key)
        if (size or 0) > self._file.free():
            raise StorageFull(self.store)
        if self._found(key) is not None:
            raise taken(key, self.store)
        return SqliteHandle(self._file, key, self._location(key))

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> SqliteStream:
        """Begin reading, from `offset`, `length` bytes or to the end."""
        key = self._key(location)
        upload, size = self._required(key)
        start = min(offset, size)
        end = size if length is None else min(size, start + length)
        return SqliteStream(self._file, key, upload, start, end)

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes."""
        return self._required(self._key(location))[1]

    def delete(self, location: Location) -> None:
        """Remove the object for good."""
        key = self._key(location)
        with self._file.transaction() as connection:
            row = connection.execute(
                "DELETE FROM objects WHERE key = ? RETURNING upload", (key,)
            ).fetchone()
            if row is None:
                raise DataNotFound(key, self.store)
            connection.execute("DELETE FROM pieces WHERE upload = ?", row)

    def discard_unfinished(self, key: str) -> None:
        """Remove what a process that died left of an object; its handle cannot commit any more."""
        check_key(key)
        with self._file.transaction() as connection:
            connection.execute(
                "DELETE FROM pieces WHERE upload IN (SELECT id FROM uploads WHERE key = ?)", (key,)
            )
            connection.execute("DELETE FROM uploads WHERE key = ?", (key,))

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key would be."""
        check_key(key)
        return [self._location(key)]

    def keys(self) -> Iterator[str]:
        """Give the key of every object, and a name for everything else that is there."""
        with self._file.transaction() as connection:
            keys = connection.execute("SELECT key FROM objects").fetchall()
            keys += connection.execute(
                "SELECT DISTINCT '.' || upload || '.part' FROM pieces"
                " WHERE upload NOT IN (SELECT upload FROM objects)"
                " UNION SELECT '.' || id || '.part' FROM uploads"
            ).fetchall()
        yield from (key for (key,) in keys)

    # ------------------------------------------------------------------ places

    def _location(self, key: str) -> Location:
        return Location(f"sqlite://{self.store}/{key}", dict(self._metadata))

    def _key(self, location: Location) -> str:
        prefix = f"sqlite://{self.store}/"
        key = location.object.removeprefix(prefix)
        if not location.object.startswith(prefix) or not is_key(key):
            raise Invalid(f"The location is none of store {self.store}'s.")
        return key

    def _found(self, key: str) -> tuple[str, int] | None:
        with self._file.transaction() as connection:
            row: tuple[str, int] | None = connection.execute(
                "SELECT upload, size FROM objects WHERE key = ?", (key,)
            ).fetchone()
        return row

    def _required(self, key: str) -> tuple[str, int]:
        found = self._found(key)
        if found is None:
            raise DataNotFound(key, self.store)
        return found

"""Objects on their way in and out."""

import sqlite3
from collections.abc import Iterator
from uuid import uuid4

from tintype.domain.errors import DataNotFound, Duplicate, StoreUnavailable
from tintype.domain.location import Location
from tintype_store_sample.file import File

PIECE = 1 << 20


def taken(key: str, store: str) -> Duplicate:
    """Return the error for a key that is in use."""
    return Duplicate(f"Store {store} holds data for {key} already.")


class SqliteHandle:
    """An object in the making: rows of pieces, which belong to nothing before `commit`."""

    def __init__(self, file: File, key: str, location: Location) -> None:
        self._file = file
        self._key = key
        self._location = location
        self._upload = uuid4().hex
        self._size = 0

    def __enter__(self) -> "SqliteHandle":
        """Begin."""
        with self._file.transaction() as connection:
            connection.execute("INSERT INTO uploads VALUES (?, ?)", (self._upload, self._key))
        return self

    def __exit__(self, *error: object) -> None:
        """Take back what was not committed."""
        with self._file.transaction() as connection:
            there = connection.execute(
                "DELETE FROM uploads WHERE id = ? RETURNING id", (self._upload,)
            ).fetchall()
            if there:
                connection.execute("DELETE FROM pieces WHERE upload = ?", (self._upload,))

    def write(self, piece: memoryview) -> None:
        """Append the bytes."""
        with self._file.transaction() as connection:
            for start in range(0, len(piece), PIECE):
                part = bytes(piece[start : start + PIECE])
                row = (self._upload, self._size, part)
                connection.execute("INSERT INTO pieces VALUES (?, ?, ?)", row)
                self._size += len(part)

    def commit(self) -> Location:
        """Make the object visible, at once.

        Raises:
            Duplicate: an object of that key exists.
            StoreUnavailable: it was discarded.
        """
        try:
            with self._file.transaction() as connection:
                found = connection.execute(
                    "DELETE FROM uploads WHERE id = ? RETURNING id", (self._upload,)
                ).fetchall()
                if not found:
                    raise StoreUnavailable(
                        f"Store {self._file.store} was told to discard {self._key}."
                    )
                row = (self._key, self._upload, self._size)
                connection.execute("INSERT INTO objects VALUES (?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise taken(self._key, self._file.store) from None
        return self._location


class SqliteStream:
    """A part of an object on its way out."""

    def __init__(self, file: File, key: str, upload: str, start: int, end: int) -> None:
        self._file = file
        self._key = key
        self._upload = upload
        self._position = start
        self._end = end
        self.size = end - start

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        wanted = self._end - self._position if size < 0 else size
        data = bytearray()
        while len(data) < wanted and (piece := self._next()):
            taken = wanted - len(data)
            data += piece[:taken]
            self._position -= len(piece) - len(piece[:taken])
        return bytes(data)

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in order, in pieces of at most 1 MiB."""
        while piece := self._next():
            yield piece

    def _next(self) -> bytes:
        if self._position >= self._end:
            return b""
        with self._file.transaction() as connection:
            row = connection.execute(
                "SELECT start, data FROM pieces WHERE upload = ? AND start <= ?"
                " ORDER BY start DESC LIMIT 1",
                (self._upload, self._position),
            ).fetchone()
        if row is None:
            raise DataNotFound(self._key, self._file.store)
        start, data = row
        piece = bytes(data[self._position - start : self._end - start])
        self._position += len(piece)
        return piece

    def close(self) -> None:
        """Let go of nothing: nothing is held."""

"""A catalogue as clouds have them, written by the database's own way of loading many rows.

One project owns most images and very many own a few; a few values are common and most are
rare; images of one batch were made in the same moment; the newest are those of one stranger, who
keeps them for himself; and some rows are deleted. The same number of images always gives the
same catalogue.
"""

import random
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from io import StringIO
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, insert
from sqlalchemy.schema import CreateIndex, DropIndex

from benchmarks.client import PROJECT
from tintype.adapters.database import label_times, schema, tables
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.indexes import additional_indexes

OWNER_OF_MOST = PROJECT
OWNER_OF_FEW = "22222222-2222-4222-8222-222222222222"
FRIEND_OF_MANY = "33333333-3333-4333-8333-333333333333"
"""Owns nothing; a third of all shared images are shared with it."""

STRANGER = "44444444-4444-4444-8444-444444444444"
NEWEST = 10
"""One in so many images is newer than all others, and the stranger's."""

FEW = 20
"""Images of the owner of few, and rows that a rare value stands in."""

COMMON_TAG, SOME_TAG, RARE_TAG = "linux", "tag-7", "golden"
COMMON_PROPERTY = ("os_type", "linux")
SOME_PROPERTY = ("os_distro", "distro-7")
RARE_PROPERTY = ("release", "golden")
SOME_NAME = "image of series 7"

BATCH = 10_000
FIRST = datetime(2022, 1, 1)

_FORMATS = ("qcow2",) * 70 + ("raw",) * 25 + ("vmdk",) * 4 + ("vhd",)
_STATUSES = ("active",) * 190 + ("deactivated",) * 4 + ("queued",) * 4 + ("saving", "killed")
_VISIBILITIES = ("private",) * 12 + ("shared",) * 4 + ("public",) * 3 + ("community",)
_ANSWERS = ("accepted", "accepted", "pending", "rejected")

_COLUMNS: Mapping[Table, tuple[str, ...]] = {
    tables.images: (
        *("id", "name", "disk_format", "container_format", "size", "virtual_size", "status"),
        *("visibility", "checksum", "os_hash_algo", "os_hash_value", "min_disk", "min_ram"),
        *("owner", "protected", "os_hidden", "created_at", "updated_at", "deleted_at", "deleted"),
    ),
    label_times.properties: (
        *("image_id", "created_at", "deleted_at", "deleted"),
        *(label_times.TIME, "name", "value"),
    ),
    label_times.tags: (
        *("image_id", "created_at", "deleted_at", "deleted"),
        *(label_times.TIME, "value"),
    ),
    tables.image_locations: (
        *("image_id", "created_at", "deleted_at", "deleted"),
        *("value", "meta_data", "status"),
    ),
    tables.image_members: (
        *("image_id", "created_at", "deleted_at", "deleted"),
        *("member", "can_share", "status"),
    ),
}

Row = tuple[Any, ...]
Rows = dict[Table, list[Row]]


def fill(database: str, images: int) -> None:
    """Bring the schema of the database up to date and add so many images to it.

    Our indexes are made after the rows, which is faster than before them.
    """
    engine = make_engine(_loading(database))
    try:
        schema.upgrade(engine)
        with engine.connect() as connection:
            _drop_indexes(connection)
            for first in range(0, images, BATCH):
                _load(connection, _rows(range(first, min(first + BATCH, images)), images))
            _make_indexes(connection)
            _analyze(engine, connection)
    finally:
        engine.dispose()


# ------------------------------------------------------------------ what is in it


def _rows(numbers: range, images: int) -> Rows:
    rows: Rows = {table: [] for table in _COLUMNS}
    for number in numbers:
        _Made(number, images).add_to(rows)
    return rows


class _Part(NamedTuple):
    """What every row that hangs on an image begins with."""

    image_id: str
    created_at: datetime
    deleted_at: datetime | None
    deleted: int


class _Made:
    """One image, drawn by its number."""

    def __init__(self, number: int, images: int) -> None:
        self._number = number
        self._chance = chance = random.Random(number)
        self._is_rare = number % max(images // FEW, 1) == 3
        self._owner = _owner(number, images, chance)
        drawn = chance.choice(_VISIBILITIES)
        self._visibility = "private" if self._owner == STRANGER else drawn
        self._status = chance.choice(_STATUSES)
        at = FIRST + timedelta(minutes=number // 4)
        gone = at + timedelta(days=90) if chance.random() < 0.05 else None
        image_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self._part = _Part(image_id, at, gone, int(gone is not None))

    def add_to(self, rows: Rows) -> None:
        """Append the rows of the image and of all that belongs to it."""
        rows[tables.images].append(self._image())
        label = (*self._part, self._part.created_at)
        rows[label_times.properties] += [(*label, *pair) for pair in self._properties()]
        rows[label_times.tags] += [(*label, tag) for tag in self._tags()]
        if self._status in ("active", "deactivated"):
            rows[tables.image_locations].append((*self._part, *self._location()))
        if self._visibility == "shared":
            rows[tables.image_members] += [(*self._part, *member) for member in self._members()]

    def _image(self) -> Row:
        number, chance = self._number, self._chance
        has_data = self._status in ("active", "deactivated")
        size = chance.randrange(1 << 36) if has_data else None
        updated_at = self._part.created_at + timedelta(seconds=chance.randrange(10_000_000))
        return (
            self._part.image_id,
            self._name(),
            *self._formats(),
            *((1 << 40) + number if self._is_rare else size, size),
            "deleted" if self._part.deleted else "importing" if self._is_rare else self._status,
            self._visibility,
            *((f"{number:032x}", "sha512", f"{number:0128x}") if has_data else (None,) * 3),
            *(5000 if self._is_rare else chance.randrange(3) * 10, chance.randrange(4) * 512),
            self._owner,
            *(int(self._is_rare), int(number % 50 == 0)),
            *(self._part.created_at, updated_at, self._part.deleted_at, self._part.deleted),
        )

    def _name(self) -> str | None:
        kind = self._number % 100
        if kind == 0:
            return None
        return f"image of series {kind}" if kind < 20 else f"image {self._number}"

    def _formats(self) -> tuple[str | None, str | None]:
        if self._is_rare:
            return "iso", "ova"
        return (None, None) if self._status == "queued" else (self._chance.choice(_FORMATS), "bare")

    def _properties(self) -> Iterator[tuple[str, str]]:
        number = self._number
        yield COMMON_PROPERTY if number % 5 else ("os_type", "windows")
        yield "os_distro", f"distro-{number % 40}"
        yield "hw_disk_bus", ("virtio", "scsi")[number % 2]
        yield "build", f"https://builds.example/{number}/" + "x" * (number % 7 * 40)
        if self._is_rare:
            yield RARE_PROPERTY

    def _tags(self) -> Iterator[str]:
        if self._number % 2:
            yield COMMON_TAG
        yield f"tag-{self._number % 40}"
        if self._is_rare:
            yield RARE_TAG

    def _location(self) -> Row:
        return f"file:///nowhere/{self._part.image_id}", '{"store": "local"}', "active"

    def _members(self) -> Iterator[Row]:
        if self._number % 3 == 0:
            yield FRIEND_OF_MANY, 0, "accepted"
        if self._chance.random() < 0.002:
            yield OWNER_OF_FEW, 0, self._chance.choice(_ANSWERS)
        yield f"member-{self._number % 997}", 0, self._chance.choice(_ANSWERS)


def _owner(number: int, images: int, chance: random.Random) -> str:
    if number >= images - images // NEWEST:
        return STRANGER
    if number % max(images // FEW, 1) == 1:
        return OWNER_OF_FEW
    if chance.random() < 0.6:
        return OWNER_OF_MOST
    return str(uuid.UUID(int=int(chance.paretovariate(0.5)) % 10_000, version=4))


# ------------------------------------------------------------------ how it gets there


def _loading(database: str) -> str:
    if not database.startswith(("mysql", "mariadb")):
        return database
    return f"{database}{'&' if '?' in database else '?'}local_infile=1"


def _drop_indexes(connection: Connection) -> None:
    for index in additional_indexes(connection.dialect.name):
        connection.execute(DropIndex(index))


def _make_indexes(connection: Connection) -> None:
    for index in additional_indexes(connection.dialect.name):
        connection.execute(CreateIndex(index))


def _load(connection: Connection, rows: Rows) -> None:
    for table, found in rows.items():
        if not found:
            continue
        match connection.dialect.name:
            case "postgresql":
                _copy(connection, table, found)
            case "mysql":
                _load_file(connection, table, found)
            case _:
                names = _COLUMNS[table]
                values = [dict(zip(names, row, strict=True)) for row in found]
                connection.exec_driver_sql("BEGIN")
                connection.execute(insert(table), values)
                connection.exec_driver_sql("COMMIT")


def _copy(connection: Connection, table: Table, rows: list[Row]) -> None:
    with closing(connection.connection.cursor()) as cursor:
        columns = ", ".join(_COLUMNS[table])
        cursor.copy_expert(f"COPY {table.name} ({columns}) FROM STDIN", StringIO(_lines(rows)))


def _load_file(connection: Connection, table: Table, rows: list[Row]) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(_lines(rows))
        file.flush()
        connection.exec_driver_sql(
            f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE {table.name} "
            f"CHARACTER SET utf8mb4 ({', '.join(_COLUMNS[table])})"
        )


def _lines(rows: list[Row]) -> str:
    """Return the form that PostgreSQL and MySQL have in common; no value needs escaping."""
    return "".join(
        "\t".join(r"\N" if value is None else str(value) for value in row) + "\n" for row in rows
    )


def _analyze(engine: Engine, connection: Connection) -> None:
    """Let the server know what is there, as it would find out by itself in a while."""
    names = ", ".join(table.name for table in _COLUMNS)
    connection.exec_driver_sql(
        {"postgresql": "VACUUM ANALYZE", "mysql": f"ANALYZE TABLE {names}"}.get(
            engine.dialect.name, "ANALYZE"
        )
    )

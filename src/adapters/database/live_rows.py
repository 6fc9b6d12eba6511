"""A project is a member of an image once, and an image has a tag once: among rows not deleted.

The field's keys do not say so, and its programs, when two requests meet, leave such rows
twice. Ours count the oldest.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    Table,
    and_,
    cast,
    delete,
    exists,
    false,
    func,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy.schema import CreateIndex

from tintype.adapters.database.tables import exact_collation, image_members, image_tags
from tintype.domain.adoption import Doubles

_KEYS = ((image_members, "member"), (image_tags, "value"))
_LIVE = "tintype_live"
_AT_ONCE = 500


def count_doubles(connection: Connection) -> Doubles:
    """Count the rows that say again what an older one says."""
    return Doubles(*(_count(connection, table, key) for table, key in _KEYS))


def drop_doubles(connection: Connection) -> None:
    """Remove them; what they say is still said.

    Those go too that were deleted at one moment with their image: it may come back with them.
    """
    for table, key in _KEYS:
        # MySQL deletes from no table that it reads in the same statement.
        double = _is_double(connection.dialect.name, table, key, live_only=False)
        found = connection.scalars(select(table.c.id).where(double)).all()
        for ids in _pieces(found):
            connection.execute(delete(table).where(table.c.id.in_(ids)))


def make_unique(connection: Connection) -> None:
    """Have the database refuse such rows, where there are none and it does not do so yet."""
    for table, key in _KEYS:
        name = f"tintype_{table.name}_live"
        known = {index["name"] for index in inspect(connection).get_indexes(table.name)}
        if name not in known and not _count(connection, table, key):
            _refuse_doubles(connection, name, table, key)


def _count(connection: Connection, table: Table, key: str) -> int:
    double = _is_double(connection.dialect.name, table, key)
    return connection.scalar(select(func.count()).select_from(table).where(double)) or 0


def _is_double(
    dialect: str, table: Table, key: str, *, live_only: bool = True
) -> ColumnElement[bool]:
    older, this = table.alias("older").c, table.c
    same = [older.image_id == this.image_id, older[key] == this[key]]
    if dialect == "mysql":
        # It takes texts for equal that differ in case; the comparison above is for its index.
        same.append(cast(older[key], LargeBinary) == cast(this[key], LargeBinary))
    live = and_(this.deleted == false(), older.deleted == false())
    if live_only:
        # Said of this row alone as well, so that it is found by its index.
        return and_(this.deleted == false(), exists().where(*same, live, older.id < this.id))
    together = older.deleted_at == this.deleted_at
    return exists().where(*same, or_(live, together), older.id < this.id)


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _refuse_doubles(connection: Connection, name: str, table: Table, key: str) -> None:
    copy = table.to_metadata(MetaData())
    if connection.dialect.name != "mysql":
        live: Any = copy.c.deleted == false()
        index = Index(
            name,
            *(copy.c.image_id, copy.c[key]),
            unique=True,
            postgresql_where=live,
            sqlite_where=text("deleted = 0"),
        )
        connection.execute(CreateIndex(index))
        return
    # MySQL has no index over some rows only, but any number of NULL in a unique one.
    if _LIVE not in {each["name"] for each in inspect(connection).get_columns(table.name)}:
        connection.exec_driver_sql(
            f"ALTER TABLE {table.name} ADD COLUMN {_LIVE} VARCHAR(255) "
            f"CHARACTER SET utf8mb4 COLLATE {exact_collation(connection)} "
            f"GENERATED ALWAYS AS (CASE WHEN deleted THEN NULL ELSE {key} END) STORED"
        )
    connection.exec_driver_sql(f"CREATE UNIQUE INDEX {name} ON {table.name} (image_id, {_LIVE})")

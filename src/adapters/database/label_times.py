"""Tags and properties say when their images were made, so that an index has them in this order.

A page of the images that have one is then read from that index, however many have it (decision
0030). The time of an image never changes. Programs of the field do not know the column: rows that
they write have NULL in it until `fill_in`, and lists look at those apart.
"""

from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, bindparam, func, inspect, select, update
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeEngine

from tintype.adapters.database.tables import image_properties, image_tags, images

TIME = "tintype_image_created_at"

_AT_ONCE = 1000
"""Rows that others have to wait for."""


def _with_time(table: Table) -> Table:
    copy = table.to_metadata(MetaData())
    copy.append_column(Column(TIME, images.c.created_at.type))
    return copy


tags = _with_time(image_tags)
properties = _with_time(image_properties)

_LABELS = (tags, properties)


def add_columns(connection: Connection) -> None:
    """Add the column where it is not yet."""
    for table in _LABELS:
        known = {column["name"] for column in inspect(connection).get_columns(table.name)}
        if TIME not in known:
            column = _compiled(connection, _type_of_times(connection))
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column}")


def fill_in(connection: Connection) -> None:
    """Have every row say it, a piece at a time; others may read and write meanwhile."""
    for table in _LABELS:
        last = connection.scalar(select(func.max(table.c.id))) or 0
        for first in range(0, last, _AT_ONCE):
            connection.execute(_FILL_IN[table.name], {"after": first, "to": first + _AT_ONCE})


def column_of(connection: Connection, table: Table) -> str | None:
    """Return how this release would make the column in such a table; None if it has none."""
    if table.name not in _FILL_IN:
        return None
    return _compiled(connection, images.c.created_at.type)


def _fill_in(table: Table) -> Any:
    made_at = select(images.c.created_at).where(images.c.id == table.c.image_id)
    of_a_piece = table.c.id > bindparam("after"), table.c.id <= bindparam("to")
    return (
        update(table)
        .where(*of_a_piece, table.c[TIME].is_(None))
        .values({TIME: made_at.scalar_subquery()})
    )


_FILL_IN = {table.name: _fill_in(table) for table in _LABELS}


def _type_of_times(connection: Connection) -> TypeEngine[Any]:
    """Return what the times of images are kept in here.

    Both must be rounded alike, and MySQL may keep whole seconds of them.
    """
    found = {column["name"]: column["type"] for column in inspect(connection).get_columns("images")}
    return found["created_at"]


def _compiled(connection: Connection, type_: TypeEngine[Any]) -> str:
    return str(CreateColumn(Column(TIME, type_)).compile(dialect=connection.dialect))

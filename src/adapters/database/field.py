"""Databases of the field's programs: whether they are as ours expect them. Source: spec
database §12, §13."""

from typing import Any

from sqlalchemy import Connection, Enum, Inspector, insert, inspect, select

from tintype.adapters.database.tables import alembic_version, field_schema, images
from tintype.domain.errors import BadConfiguration

FIELD_REVISION = "2024_1_contract01"
"""The only state of the field's schema that is taken over, and the one that ours is marked by."""

_OPTION = "[database] connection"


def field_revisions(connection: Connection) -> set[str]:
    """Return how the field's programs marked the database; nothing if they never saw it."""
    if not inspect(connection).has_table(alembic_version.name):
        return set()
    return set(connection.scalars(select(alembic_version.c.version_num)))


def require_finished(revisions: set[str]) -> None:
    """Refuse a database that their upgrade has not brought to its end.

    Raises:
        BadConfiguration: it is at another revision; names it, and the way on.
    """
    if revisions - {FIELD_REVISION}:
        raise BadConfiguration(
            _OPTION,
            f"the database is at revision {', '.join(sorted(revisions))}, not at "
            f"{FIELD_REVISION}: finish the upgrade with the old release first "
            "(glance-manage db sync of Glance 29 or later).",
        )


def verify(connection: Connection) -> None:
    """Look whether the tables are what their mark says.

    Raises:
        BadConfiguration: something is missing or in the way; names it.
    """
    inspector = inspect(connection)
    for table in field_schema.sorted_tables:
        if not inspector.has_table(table.name):
            raise BadConfiguration(_OPTION, f"the database lacks the table {table.name}.")
        _verify_columns(inspector, table.name, set(table.c.keys()))
    _verify_visibilities(inspector)


def _verify_columns(inspector: Inspector, table: str, wanted: set[str]) -> None:
    found = {column["name"]: column for column in inspector.get_columns(table)}
    missing = sorted(wanted - set(found))
    if missing:
        raise BadConfiguration(_OPTION, f"table {table} lacks the columns {', '.join(missing)}.")
    # We would not fill such a column, so every insert would fail.
    unknown = sorted(
        name
        for name, column in found.items()
        if name not in wanted and not column["nullable"] and column["default"] is None
    )
    if unknown:
        raise BadConfiguration(
            _OPTION, f"table {table} has unknown columns without default: {', '.join(unknown)}."
        )


def _verify_visibilities(inspector: Inspector) -> None:
    kinds: dict[str, Any] = {it["name"]: it["type"] for it in inspector.get_columns(images.name)}
    there = kinds["visibility"]
    wanted: Any = images.c.visibility.type
    # SQLite has text with a check in its place.
    if isinstance(there, Enum) and set(there.enums) != set(wanted.enums):
        raise BadConfiguration(
            _OPTION,
            f"column images.visibility knows {', '.join(there.enums)}, "
            f"not {', '.join(wanted.enums)}.",
        )


def stamp(connection: Connection) -> None:
    """Mark the database as their programs do when their upgrade is finished."""
    alembic_version.create(connection, checkfirst=True)
    if not field_revisions(connection):
        connection.execute(insert(alembic_version), {"version_num": FIELD_REVISION})

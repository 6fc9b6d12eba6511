"""Leaving the forms of the field behind: on MySQL its tables take half of Unicode and whole
seconds. Source: spec database §1 (4-byte characters), §12, §13."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, DateTime, ForeignKeyConstraint, Table, inspect, text
from sqlalchemy.schema import AddConstraint, CreateColumn

from tintype.adapters.database.label_times import column_of
from tintype.adapters.database.tables import exact_collation, exactly_compared, field_schema

_OF_OLD = text(
    "SELECT DISTINCT table_name FROM information_schema.columns"
    " WHERE table_schema = database() AND (datetime_precision = 0"
    " OR (character_set_name IS NOT NULL AND collation_name <> :collation))"
)


def anything_of_old(connection: Connection) -> bool:
    """Tell whether a table is not as this release would have made it."""
    if connection.dialect.name != "mysql":
        return False
    tables = _tables(connection)
    return bool(_of_old(connection, tables) or _missing_keys(connection, tables))


def renew(connection: Connection) -> None:
    """Rebuild such tables; nobody may use them meanwhile, and it takes as long as a copy.

    Safe to repeat: MySQL does not undo DDL when this breaks off.
    """
    tables = _tables(connection)
    # MySQL changes the characters of no column that a foreign key is about.
    for table in tables:
        for key in inspect(connection).get_foreign_keys(table.name):
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP FOREIGN KEY {key['name']}")
    for table in _of_old(connection, tables):
        _rebuild(connection, table)
    for missing in _missing_keys(connection, tables):
        connection.execute(AddConstraint(missing))


def _tables(connection: Connection) -> Sequence[Table]:
    return exactly_compared(field_schema, connection).sorted_tables


def _of_old(connection: Connection, tables: Collection[Table]) -> Sequence[Table]:
    collation = {"collation": exact_collation(connection)}
    found = set(connection.scalars(_OF_OLD, collation))
    return [table for table in tables if table.name in found]


def _missing_keys(
    connection: Connection, tables: Collection[Table]
) -> Sequence[ForeignKeyConstraint]:
    missing = []
    for table in tables:
        there = {
            tuple(key["constrained_columns"])
            for key in inspect(connection).get_foreign_keys(table.name)
        }
        missing += [
            key for key in table.foreign_key_constraints if tuple(key.column_keys) not in there
        ]
    return missing


def _rebuild(connection: Connection, table: Table) -> None:
    times = [column for column in table.columns if isinstance(column.type, DateTime)]
    changes = [f"CONVERT TO CHARACTER SET utf8mb4 COLLATE {exact_collation(connection)}"]
    changes += [
        f"MODIFY {CreateColumn(column).compile(dialect=connection.dialect)}" for column in times
    ]
    if column := column_of(connection, table):
        changes.append(f"MODIFY {column}")
    connection.exec_driver_sql(f"ALTER TABLE {table.name} {', '.join(changes)}")

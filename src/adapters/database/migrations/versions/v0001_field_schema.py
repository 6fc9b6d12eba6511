"""Have the field's schema: make it, or recognise it. Source: spec database §12, §13."""

from alembic import op
from sqlalchemy import Connection, Inspector, insert, inspect, select

from tintype.adapters.database.tables import alembic_version, exactly_compared, field_schema
from tintype.domain.errors import BadConfiguration

revision = "0001"
down_revision = None

FIELD_REVISION = "2024_1_contract01"
_OPTION = "[database] connection"


def upgrade() -> None:
    """Make the tables, or check those of an adopted database and leave them as they are."""
    connection = op.get_bind()
    inspector = inspect(connection)
    if inspector.has_table(alembic_version.name):
        revisions = set(connection.scalars(select(alembic_version.c.version_num)))
        _require_finished(revisions)
        if revisions:
            _verify(inspector)
            return
    _create(connection)


def _create(connection: Connection) -> None:
    # Existing tables are passed over: where DDL is not undone, an earlier try may have died.
    exactly_compared(field_schema, connection).create_all(connection)
    alembic_version.create(connection, checkfirst=True)
    connection.execute(insert(alembic_version), {"version_num": FIELD_REVISION})


def _require_finished(revisions: set[str]) -> None:
    if revisions - {FIELD_REVISION}:
        raise BadConfiguration(
            _OPTION,
            f"the database is at revision {', '.join(sorted(revisions))}, not at "
            f"{FIELD_REVISION}: finish the upgrade with the old release first.",
        )


def _verify(inspector: Inspector) -> None:
    for table in field_schema.sorted_tables:
        if not inspector.has_table(table.name):
            raise BadConfiguration(_OPTION, f"the database lacks the table {table.name}.")
        found = {column["name"]: column for column in inspector.get_columns(table.name)}
        missing = sorted(set(table.c.keys()) - set(found))
        if missing:
            raise BadConfiguration(
                _OPTION, f"table {table.name} lacks the columns {', '.join(missing)}."
            )
        # We would not fill such a column, so every insert would fail.
        unknown = sorted(
            name
            for name, column in found.items()
            if name not in table.c and not column["nullable"] and column["default"] is None
        )
        if unknown:
            raise BadConfiguration(
                _OPTION,
                f"table {table.name} has unknown columns without default: {', '.join(unknown)}.",
            )

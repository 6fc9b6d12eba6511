"""Add Tintype's own tables and the indexes that lists need; the field does not notice."""

from alembic import op
from sqlalchemy.schema import CreateIndex

from tintype.adapters.database.tables import additional_indexes, additions, exactly_compared

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what is not there yet."""
    connection = op.get_bind()
    exactly_compared(additions, connection).create_all(connection)
    for index in additional_indexes(connection.dialect.name):
        # MySQL has no IF NOT EXISTS here, and SQLite does not list indexes on expressions.
        if connection.dialect.name == "mysql":
            index.create(connection, checkfirst=True)
        else:
            connection.execute(CreateIndex(index, if_not_exists=True))

"""Let leases set bytes aside, and give quotas something to lock; the field does not notice."""

from alembic import op
from sqlalchemy import inspect

from tintype.adapters.database.tables import (
    additions,
    exactly_compared,
    leases,
    reservation_columns,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what is not there yet."""
    connection = op.get_bind()
    exactly_compared(additions, connection).create_all(connection)
    # The table is new, and complete, where an earlier step has just made it.
    there = {column["name"] for column in inspect(connection).get_columns(leases.name)}
    for column in reservation_columns():
        if column.name not in there:
            op.add_column(leases.name, column)

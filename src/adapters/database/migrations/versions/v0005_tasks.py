"""Let leases speak of tasks, and keep of tasks what the field's tables have no room for."""

from alembic import op
from sqlalchemy import inspect

from tintype.adapters.database.tables import additions, exactly_compared, leases

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add what is not there yet."""
    connection = op.get_bind()
    exactly_compared(additions, connection).create_all(connection)
    table = exactly_compared(additions, connection).tables[leases.name]
    inspector = inspect(connection)
    # A database that began with this step has them from the one before.
    if all(column["name"] != "task_id" for column in inspector.get_columns(table.name)):
        op.execute(f"ALTER TABLE {table.name} ADD COLUMN task_id VARCHAR(36)")
    index = next(index for index in table.indexes if index.name == "tintype_leases_task_id")
    index.create(connection, checkfirst=True)

"""Add Tintype's own tables and the indexes that lists need; the field does not notice."""

from alembic import op

from tintype.adapters.database.indexes import make_indexes
from tintype.adapters.database.tables import additions, exactly_compared

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what is not there yet."""
    connection = op.get_bind()
    exactly_compared(additions, connection).create_all(connection)
    make_indexes(connection)

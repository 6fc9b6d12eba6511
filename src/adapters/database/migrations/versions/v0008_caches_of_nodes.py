"""Have an index for what the cache of one node holds, where 0004 made none."""

from alembic import op

from tintype.adapters.database.indexes import make_indexes

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add what is not there yet."""
    make_indexes(op.get_bind())

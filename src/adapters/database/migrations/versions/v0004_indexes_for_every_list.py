"""Have an index for every order and filter of lists, where 0002 made fewer."""

from alembic import op

from tintype.adapters.database.indexes import make_indexes

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what is not there yet, and drop what is superseded."""
    make_indexes(op.get_bind())

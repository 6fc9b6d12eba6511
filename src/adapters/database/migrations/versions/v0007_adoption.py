"""Keep record of adoption and of ids that were used, and refuse members and tags that are there."""

from alembic import op

from tintype.adapters.database.live_rows import make_unique
from tintype.adapters.database.tables import additions, exactly_compared

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what is not there yet."""
    connection = op.get_bind()
    exactly_compared(additions, connection).create_all(connection)
    make_unique(connection)

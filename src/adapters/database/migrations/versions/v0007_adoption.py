"""Keep record of adoption, and refuse members and tags that are there already, if none are."""

from alembic import op

from tintype.adapters.database.live_rows import make_unique
from tintype.adapters.database.tables import additions, adoption, exactly_compared

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what is not there yet."""
    connection = op.get_bind()
    table = exactly_compared(additions, connection).tables[adoption.name]
    table.create(connection, checkfirst=True)
    make_unique(connection)

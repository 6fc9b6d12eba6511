"""Have tags and properties say when their images were made, and an index in this order."""

from alembic import op

from tintype.adapters.database.adoption.facts import WITHOUT_THE_FIELD, facts
from tintype.adapters.database.indexes import make_indexes
from tintype.adapters.database.label_times import add_columns, fill_in

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add what is not there yet; rows that programs of the field wrote wait for `migrate`."""
    connection = op.get_bind()
    add_columns(connection)
    if facts(connection) & WITHOUT_THE_FIELD:
        # Before there is an index to be kept.
        fill_in(connection)
    make_indexes(connection)

"""Have the field's schema: make it, or recognise it. Source: spec database §12, §13."""

from alembic import op
from sqlalchemy import Connection, select

from tintype.adapters.database.adoption.facts import Fact, record
from tintype.adapters.database.field import field_revisions, require_finished, stamp, verify
from tintype.adapters.database.tables import exactly_compared, field_schema, images

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, or check those of an adopted database and leave them as they are."""
    connection = op.get_bind()
    revisions = field_revisions(connection)
    require_finished(revisions)
    if revisions:
        verify(connection)
    else:
        _create(connection)


def _create(connection: Connection) -> None:
    # Existing tables are passed over: where DDL is not undone, an earlier try may have died.
    exactly_compared(field_schema, connection).create_all(connection)
    # Somebody else's without their mark are not ours because they are there.
    verify(connection)
    if connection.execute(select(images.c.id).limit(1)).first() is None:
        record(connection, Fact.MADE)
    stamp(connection)

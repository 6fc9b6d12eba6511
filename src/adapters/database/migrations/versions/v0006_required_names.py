"""Keep the names that an object requires as JSON too: the field's commas may be part of a name.

Source: spec metadefs §4.
"""

from alembic import op
from sqlalchemy import Column, Text, inspect

revision = "0006"
down_revision = "0005"

_TABLE, _COLUMN = "metadef_objects", "tintype_required"


def upgrade() -> None:
    """Add the column; where DDL is not undone, an earlier try may have died after it."""
    columns = {column["name"] for column in inspect(op.get_bind()).get_columns(_TABLE)}
    if _COLUMN not in columns:
        op.add_column(_TABLE, Column(_COLUMN, Text))

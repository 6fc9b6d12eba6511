"""The rows of tags and properties, which say when their images were made."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Insert, Table, insert, literal, select

from tintype.adapters.database.label_times import TIME
from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import field_schema, images


class SqlLabelRows(SqlRows):
    """One of the two tables; what is read are the columns that the field has."""

    def __init__(self, session: Session, table: Table) -> None:
        super().__init__(session, field_schema.tables[table.name])
        self._with_time = table

    def insertion(self, row: Mapping[str, Any]) -> Insert:
        """Add the time as the database has it."""
        made_at = select(images.c.created_at).where(images.c.id == literal(row["image_id"]))
        return insert(self._with_time).values({**row, TIME: made_at.scalar_subquery()})

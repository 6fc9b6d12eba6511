"""The rows of one table."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Insert, Table, delete, false, insert, select, update
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database.records.columns import can_match, equals, fitting, require_whole
from tintype.adapters.database.session import Session
from tintype.domain.errors import Duplicate

BATCH = 1000
"""Values in one statement; SQLite takes thirty times as many."""


class SqlRows:
    """A table by its primary key."""

    def __init__(self, session: Session, table: Table) -> None:
        self._session = session
        self._table = table
        (self._key,) = table.primary_key.columns

    def find(self, *, lock: bool = False, **equal: Any) -> list[dict[str, Any]]:
        """Return rows in order of their keys; with `lock` nobody else changes them meanwhile."""
        for name, value in equal.items():
            if isinstance(value, list) and len(value) > BATCH:
                parts = [value[at : at + BATCH] for at in range(0, len(value), BATCH)]
                return [
                    row for part in parts for row in self.find(lock=lock, **equal | {name: part})
                ]
        statement = select(self._table).where(*self._conditions(equal)).order_by(self._key)
        # SQLite locked everything when the transaction began.
        if lock and self._session.dialect != "sqlite":
            statement = statement.with_for_update()
        return [dict(row._mapping) for row in self._session.find(statement)]

    def add(self, **values: Any) -> Any:
        """Add a row and return its key.

        Raises:
            Duplicate: the table has such a row and may have it but once.
            Invalid: a column cannot hold its value.
        """
        row = self.fitting(values)
        require_whole(self._table, row)
        try:
            result = self._session.execute(self.insertion(row))
        except IntegrityError as error:
            raise self._duplicate() from error
        key = result.inserted_primary_key
        assert key is not None, "every table has a primary key"
        return key[0]

    def insertion(self, row: Mapping[str, Any]) -> Insert:
        """Return the statement that adds a row."""
        return insert(self._table).values(row)

    def change(self, values: Mapping[str, Any], **equal: Any) -> int:
        """Change rows and return how many there were; raises as `add`."""
        statement = update(self._table).where(*self._conditions(equal))
        try:
            return int(self._session.execute(statement.values(**self.fitting(values))).rowcount)
        except IntegrityError as error:
            raise self._duplicate() from error

    def remove(self, **equal: Any) -> int:
        """Delete rows for good and return how many there were."""
        statement = delete(self._table).where(*self._conditions(equal))
        return int(self._session.execute(statement).rowcount)

    def fitting(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those values that the table has a column for; others are left out.

        Raises:
            Invalid: a column cannot hold its value.
        """
        return fitting(self._table, values)

    def _conditions(self, equal: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        if not can_match(equal):
            return [false()]
        return [equals(self._table.c[name], value) for name, value in equal.items()]

    def _duplicate(self) -> Duplicate:
        return Duplicate(f"The table {self._table.name} has such a row already.")

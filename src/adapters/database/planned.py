"""A statement that PostgreSQL plans once a connection instead of at each call.

Planning the statement that reads one image takes it about three times as long as running it.
"""

import hashlib
import logging
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Dialect, Select

LOG = logging.getLogger(__name__)

_NOT_HERE = frozenset({"26000", "42P05", "0A000"})
"""invalid_sql_statement_name, duplicate_prepared_statement, cached plan must not change."""


class Planned:
    """A query by one text, for connections in autocommit; safe between threads.

    Connections through a pooler may be another server process at each call, which knows
    nothing of what was prepared. The first sign of that ends preparing for good: from then on
    the statement is sent whole.
    """

    def __init__(self, name: str, statement: Select[Any], dialect: Dialect) -> None:
        """Take a statement with a single parameter, of type varchar."""
        text = str(statement.compile(dialect=dialect))
        (parameter,) = statement.compile(dialect=dialect).params
        text = text.replace(f"%({parameter})s", "$1")
        # Programs of two releases may meet behind one pooler: a name stands for one text.
        self._name = f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        self._prepare = f"PREPARE {self._name} (varchar) AS {text}"
        self._execute = f"EXECUTE {self._name} (%s)"
        self._statement = statement
        self._parameter = parameter
        self._off = threading.Event()

    def rows(self, connection: Connection, value: str) -> Sequence[Sequence[Any]]:
        """Return all rows for the value.

        Raises:
            DBAPIError: as any statement.
        """
        if not self._off.is_set():
            try:
                return self._planned(connection, value)
            except connection.dialect.loaded_dbapi.Error as error:
                if getattr(error, "pgcode", None) in _NOT_HERE:
                    LOG.info("Prepared statements do not last on this database: doing without.")
                    self._off.set()
        # Whatever else was wrong shows again, and is told in the library's terms.
        return connection.execute(self._statement, {self._parameter: value}).all()

    def _planned(self, connection: Connection, value: str) -> Sequence[Sequence[Any]]:
        # Straight from the driver: the library's result would take as long as the statement.
        with closing(connection.connection.cursor()) as cursor:
            if self._name not in connection.info:
                cursor.execute(self._prepare)
                connection.info[self._name] = True
            cursor.execute(self._execute, (value,))
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
            return rows

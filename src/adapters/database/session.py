"""One connection for one unit of work."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, Row
from sqlalchemy.exc import DBAPIError, OperationalError
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from tintype.adapters.database.engine import BEGIN, SNAPSHOT
from tintype.adapters.database.errors import Incomparable, is_busy, translated
from tintype.adapters.database.planned import Planned
from tintype.adapters.database.url_cipher import UrlCipher
from tintype.domain.errors import CatalogueUnavailable

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_Result = TypeVar("_Result")
_TURN_S = 30


def utc_now() -> datetime:
    """Return the present as an aware UTC datetime."""
    return datetime.now(UTC)


class Session:
    """Runs statements on a connection that is taken at the first and given back at the end.

    One that writes is a transaction; one that only reads is none, unless it is to have a
    `snapshot`: then all its statements see the same moment. A connection that turns out to be
    dead at the first statement is replaced without anybody noticing. `turn` makes the
    writers of one process queue for SQLite's single lock, whose own waiting is by polling.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        read_only: bool,
        turn: "threading.Lock | None",
        now: Callable[[], datetime],
        urls: UrlCipher | None = None,
        snapshot: bool = False,
    ) -> None:
        self.dialect = engine.dialect.name
        self.urls = urls or UrlCipher()
        self.read_only = read_only
        self.now = now
        self._engine = engine
        self._turn = turn
        self._snapshot = snapshot
        self._has_turn = False
        self._connection: Connection | None = None

    def execute(
        self, statement: Executable, parameters: Parameters | None = None, *, about: str = ""
    ) -> CursorResult[Any]:
        """Run one statement; `about` is the id of the image that it is about, for errors.

        Raises:
            StaleWrite, CatalogueUnavailable, Invalid: as `errors.translated`.
            IntegrityError: the schema forbids it.
        """
        with translated(about):
            return self._run(lambda connection: connection.execute(statement, parameters))

    def find(
        self, statement: Executable, parameters: Parameters | None = None, *, about: str = ""
    ) -> Sequence[Row[Any]]:
        """Return all rows; none where no row can hold what is sought. Raises as `execute`."""
        try:
            return self.execute(statement, parameters, about=about).all()
        except Incomparable:
            return []

    def find_planned(self, planned: Planned, value: str) -> Sequence[Sequence[Any]]:
        """Return all rows of a statement that the database keeps planned; raises as `execute`."""
        assert self.read_only, "a statement that is not known would break a transaction"
        with translated(value):
            return self._run(lambda connection: planned.rows(connection, value))

    def insert(self, statement: Insert, row: Mapping[str, Any], *, about: str) -> int:
        """Add one row and return the number that the database gave it; raises as `execute`."""
        key = self.execute(statement, row, about=about).inserted_primary_key
        assert key is not None, "every table has a primary key"
        number: int = key[0]
        return number

    def _run(self, use: Callable[[Connection], _Result]) -> _Result:
        if self._connection is not None:
            return use(self._connection)
        try:
            return use(self._open())
        except DBAPIError as error:
            if not (self.read_only and error.connection_invalidated):
                raise
        # The whole pool was thrown away with the dead connection; this one is new.
        self.close()
        return use(self._open())

    def _open(self) -> Connection:
        if self.read_only:
            self._connection = self._begun(SNAPSHOT[self.dialect] if self._snapshot else ())
        else:
            self._take_turn()
            self._connection = self._begin()
        return self._connection

    def _take_turn(self) -> None:
        if self._turn is None or self._has_turn:
            return
        if not self._turn.acquire(timeout=_TURN_S):
            raise CatalogueUnavailable
        self._has_turn = True

    def _begin(self) -> Connection:
        try:
            return self._begun((BEGIN[self.dialect],))
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._begun((BEGIN[self.dialect],))

    def _begun(self, statements: Sequence[str]) -> Connection:
        connection = self._engine.connect()
        try:
            for statement in statements:
                _begin(connection, statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def commit(self) -> None:
        """Make true for good what was done; without anything done, nothing happens."""
        if self._connection is None or self.read_only:
            return
        with translated():
            self._connection.exec_driver_sql("COMMIT")
        self._release()

    def close(self) -> None:
        """Undo what was not committed and give the connection back."""
        connection = self._connection
        open_transaction = self._snapshot or not self.read_only
        if connection is not None and open_transaction and not connection.invalidated:
            try:
                connection.exec_driver_sql("ROLLBACK")
            except DBAPIError:
                # In an unknown state it must not serve anybody else.
                connection.invalidate()
        self._release()

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._turn is not None and self._has_turn:
            self._has_turn = False
            self._turn.release()


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and is_busy(error)


# SQLite's own waiting favours nobody, so one of many processes may starve in it.
@retry(
    retry=retry_if_exception(_is_busy),
    wait=wait_random(0.001, 0.05),
    stop=stop_after_delay(30),
    reraise=True,
)
def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)

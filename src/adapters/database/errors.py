"""What the database's errors mean here."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from tintype.domain.errors import CatalogueUnavailable, Invalid, StaleWrite, TintypeError

_RETRIED_POSTGRESQL = frozenset({"40001", "40P01", "55P03"})
"""serialization_failure, deadlock_detected, lock_not_available."""

_RETRIED_MYSQL = frozenset({1020, 1205, 1213})
"""Record has changed, lock wait timeout, deadlock."""

_INCOMPARABLE_MYSQL = 1267
"""Text that an adopted column has no characters for, and so is not in it."""

_READ_ONLY_POSTGRESQL = "25006"
"""It was the primary server before it handed over to another one."""

_UNREACHABLE_MYSQL = frozenset(
    {
        *(1021, 1037, 1040, 1041, 1053, 1114, 1203, 1226, 1290, 1836),
        *range(2000, 2100),
    }
)
"""Out of disk, memory, connections or room; shutting down, read-only; and what the client says."""


class Incomparable(Invalid):
    """No row can hold the text that is sought."""


@contextmanager
def translated(image_id: str = "") -> Iterator[None]:
    """Let no error of the library out; integrity is judged by those who know what was written.

    Raises:
        StaleWrite: the database chose this transaction as the one to give way.
        CatalogueUnavailable: it does not answer, or has no connection to spare.
        Invalid: it cannot hold a value.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, IntegrityError):
            raise
        meaning = _meaning(error, image_id)
        if meaning is None:
            raise
        raise meaning from error
    except PoolExhausted as error:
        raise CatalogueUnavailable from error


def is_busy(error: OperationalError) -> bool:
    """Tell whether SQLite gave up waiting for another writer."""
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _meaning(error: DBAPIError, image_id: str) -> TintypeError | None:
    if error.connection_invalidated:
        return CatalogueUnavailable()
    code = getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None)
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    if code in _RETRIED_POSTGRESQL or number in _RETRIED_MYSQL:
        return StaleWrite(image_id)
    if code == _READ_ONLY_POSTGRESQL:
        return CatalogueUnavailable()
    if number == _INCOMPARABLE_MYSQL:
        return Incomparable("The database cannot hold such text.")
    if isinstance(error, DataError):
        return Invalid("A value cannot be stored: it is too long or out of range.")
    if isinstance(error, OperationalError) and _unreachable(error, code, number):
        return CatalogueUnavailable()
    return None


def _unreachable(error: OperationalError, code: str | None, number: object) -> bool:
    if is_busy(error):
        return True
    if isinstance(number, int):
        return number in _UNREACHABLE_MYSQL
    # psycopg2 gives no code when it could not connect at all; class 57 is an operator's
    # intervention, class 08 the connection, 53 a lack of resources.
    return code is None or code[:2] in ("08", "53", "57")

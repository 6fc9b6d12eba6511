"""Connections to the database, made so that no request pays for more than it uses.

Connections are in autocommit; a unit of work that writes says BEGIN by itself (`BEGIN`).
Hence reading costs no round trip beside its statements, and returning a connection none.
"""

import sqlite3
from typing import Any

from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from tintype.domain.errors import BadConfiguration

BEGIN = {
    # IMMEDIATE: a reader that turns writer in mid-transaction may fail with "locked".
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "BEGIN ISOLATION LEVEL READ COMMITTED",
    "mysql": "START TRANSACTION",
}
"""How a writing unit of work begins."""

SNAPSHOT = {
    "sqlite": ("BEGIN",),
    "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    "mysql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
}
"""How a unit of work begins that reads all as it is at one moment."""

_DRIVERS = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
_SQLITE_WAIT_S = 30
# It would read an index of the field's from the newest image on, and sort little by little, where
# one of ours leads to the caller's images: as if these came evenly, but the newest may all be of
# others. And it would start helpers for a page, or compile its statement, which takes longer than
# to read it. What a server does not know it is not told.
_POSTGRESQL_SESSION = (
    "SELECT set_config(name, CASE vartype WHEN 'bool' THEN 'off' ELSE '0' END, false) "
    "FROM pg_settings "
    "WHERE name IN ('enable_incremental_sort', 'jit', 'max_parallel_workers_per_gather')"
)
_MYSQL_SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    # JSON aggregates are cut off at this many bytes, and properties may be long.
    "SET SESSION group_concat_max_len = 4294967295",
    # What does not fit is refused, not cut.
    "SET SESSION sql_mode = 'TRADITIONAL'",
    # It would read three whole indexes of the field's where one of ours ends in the order.
    "SET SESSION optimizer_switch = 'index_merge_intersection=off'",
    "SET SESSION time_zone = '+00:00'",
)


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    max_overflow: int = 50,
    pool_timeout_s: float = 30,
    pool_recycle_s: int = 3600,
) -> Engine:
    """Return an engine that connects at first use; make it after fork, not before.

    Takes the URLs of the field (`mysql://`, `postgresql://`, `sqlite:///path`, with or without
    the driver).

    Raises:
        BadConfiguration: the URL cannot be read, or its driver is not installed.
    """
    parsed = _parse(url)
    options: dict[str, Any] = {}
    if parsed.get_backend_name() == "sqlite":
        options["connect_args"] = {"check_same_thread": False, "timeout": _SQLITE_WAIT_S}
    if _in_memory(parsed):
        # Each connection is a database of its own, so there is one, and units take turns.
        options |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
    else:
        options |= {
            "pool_size": pool_size,
            "max_overflow": max_overflow,
            "pool_timeout": pool_timeout_s,
            "pool_recycle": pool_recycle_s,
            "pool_use_lifo": True,
        }
    try:
        engine = create_engine(
            parsed,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_reset_on_return=None,
            # Locations may hold credentials, and errors are logged.
            hide_parameters=True,
            **options,
        )
    except (ArgumentError, ImportError) as error:
        raise BadConfiguration("[database] connection", str(error)) from error
    _prepare_connections(engine)
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # The message must not repeat the URL: it may hold a password.
        raise BadConfiguration("[database] connection", "this is no database URL.") from error
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.get_backend_name() not in BEGIN:
        raise BadConfiguration(
            "[database] connection",
            f"'{parsed.drivername}' is none of sqlite, postgresql and mysql.",
        )
    if parsed.get_backend_name() == "mysql":
        # The field writes charset=utf8 here, with which MySQL refuses half of Unicode.
        parsed = parsed.update_query_dict({"charset": "utf8mb4"})
    return parsed


def _in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _prepare_connections(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    elif engine.dialect.name == "mysql":
        event.listen(engine, "do_connect", _connect_to_mysql)
        event.listen(engine, "connect", _prepare_mysql)
    else:
        event.listen(engine, "connect", _prepare_postgresql)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_SQLITE_WAIT_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    # What was acknowledged survives a power failure; NORMAL would only keep the file whole.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _connect_to_mysql(
    _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]
) -> Any:
    from tintype.adapters.database.mysql_connection import MysqlConnection

    return MysqlConnection(*arguments, **options)


def _prepare_mysql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for statement in _MYSQL_SESSION:
            cursor.execute(statement)


def _prepare_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL_SESSION)
    connection.commit()

"""Bringing the schema up to date, once, however many processes start together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, String, Table, inspect, select, text
from sqlalchemy.schema import Column

from tintype.adapters.database.engine import BEGIN
from tintype.adapters.database.errors import translated
from tintype.adapters.database.field import (
    FIELD_REVISION,
    field_revisions,
    require_finished,
    stamp,
    verify,
)
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.migration_backend import Version

HEAD = "0009"
"""The newest step; stated here so that a start need not load Alembic to see that it is done."""

_table = Table("tintype_version", MetaData(), Column("version_num", String(32), primary_key=True))
_LOCK = 0x74696E74797065
_LOCK_NAME = "tintype_schema"
_LOCK_WAIT_S = 600


class SqlMigrations:
    """The port `MigrationBackend`: Alembic's steps, recorded in a table of their own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def version(self) -> Version:
        """Tell how far the schema is."""
        return version(self._engine)

    def upgrade(self) -> None:
        """Take the steps that are missing, or see at once that there are none."""
        upgrade(self._engine)


def version(engine: Engine) -> Version:
    """Tell how far the schema is.

    Raises:
        CatalogueUnavailable: the database does not answer.
    """
    with translated(), engine.connect() as connection:
        return Version(_current(connection), HEAD)


def upgrade(engine: Engine) -> None:
    """Take the steps that are missing, or see at once that there are none.

    Safe to be called by any number of processes at the same time.

    Raises:
        BadConfiguration: the database is in a state that cannot be taken over; says why.
        CatalogueUnavailable: the database does not answer.
    """
    if version(engine).up_to_date:
        return
    with translated(), engine.connect() as connection, alone(connection):
        if _current(connection) != HEAD:
            _run(connection)


def put_under_control(engine: Engine, revision: str | None = None) -> str:
    """Mark a database that has the field's tables but no mark of its programs.

    Raises:
        BadConfiguration: there is no such mark, or the tables are not what it says.
        CatalogueUnavailable: the database does not answer.
    """
    if revision not in (None, FIELD_REVISION):
        raise BadConfiguration(
            "[database] connection", f"a database can be marked as {FIELD_REVISION} only."
        )
    with translated(), engine.connect() as connection, alone(connection):
        require_finished(field_revisions(connection))
        verify(connection)
        stamp(connection)
    return FIELD_REVISION


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_table.name):
        return None
    return connection.scalar(select(_table.c.version_num))


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Keep others out; where the database can undo DDL, an error undoes all of it."""
    dialect = connection.dialect.name
    if dialect == "mysql":
        connection.scalar(
            text("SELECT GET_LOCK(:name, :wait)"), {"name": _LOCK_NAME, "wait": _LOCK_WAIT_S}
        )
        try:
            yield
        finally:
            connection.scalar(text("SELECT RELEASE_LOCK(:name)"), {"name": _LOCK_NAME})
        return
    connection.exec_driver_sql(BEGIN[dialect])
    try:
        if dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _run(connection: Connection) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import ScriptDirectory

    folder = Path(__file__).parent / "migrations"
    script = ScriptDirectory(str(folder))

    def steps(revision: Any, _context: MigrationContext) -> list[RevisionStep]:
        return [*script._upgrade_revs("heads", revision)]

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        # transactional_ddl off: the transaction around it all is ours.
        environment.configure(
            connection=connection, version_table=_table.name, transactional_ddl=False
        )
        environment.run_migrations()

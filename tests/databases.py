"""Real databases for tests: a fresh empty one at each call, made once a session and emptied.

A server is taken from TINTYPE_TEST_POSTGRES_URL or TINTYPE_TEST_MARIADB_URL, else started by
the scripts of `tests/services`. Databases are named after the process, so that test runs
beside one another do not meet.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, inspect, make_url, text

from tintype.adapters.database import schema, tables
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.ports.unit_of_work import Work

KINDS = ("sqlite", "postgresql", "mariadb")

_numbers = count(1)
_SERVICES = Path(__file__).parent / "services"
_SERVERS = {
    "postgresql": ("TINTYPE_TEST_POSTGRES_URL", "postgres.sh", "postgresql"),
    "mariadb": ("TINTYPE_TEST_MARIADB_URL", "mariadb.sh", "mariadb-server mariadb-client"),
}
_CREATE = {
    "postgresql": "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0",
    "mariadb": "CREATE DATABASE {} CHARACTER SET utf8mb4",
}
_DROP = {
    "postgresql": "DROP DATABASE IF EXISTS {} WITH (FORCE)",
    "mariadb": "DROP DATABASE IF EXISTS {}",
}


def catalogues() -> dict[str, Callable[[], AbstractContextManager[Work]]]:
    """Return what opens an empty catalogue on each kind of database."""
    return {kind: partial(_catalogue, kind) for kind in KINDS}


@contextmanager
def _catalogue(kind: str) -> Iterator[Work]:
    with migrated(kind) as engine:
        yield SqlWork(engine)


def migrated(kind: str) -> AbstractContextManager[Engine]:
    """Give a database that has the schema of today and no rows."""
    return made_by(schema.upgrade, kind)


@contextmanager
def made_by(make: Callable[[Engine], None], kind: str) -> Iterator[Engine]:
    """Give a database with the tables that `make` makes, once a session, and no rows."""
    if kind == "sqlite":
        with blank_url(kind) as url:
            shutil.copy(_made_file(make), make_url(url).database or "")
            with _disposed(make_engine(url)) as engine:
                yield engine
        return
    engine, filled = _shared(make, kind)
    with engine.connect() as connection:
        for table in filled:
            # Not TRUNCATE: on tables this small it takes ten times as long.
            connection.execute(table.delete())
    yield engine


@contextmanager
def blank_url(kind: str) -> Iterator[str]:
    """Give the URL of a database without any table, gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="tintype-") as folder:
            yield f"sqlite:///{folder}/catalogue.db"
        return
    name = f"tintype_blank_{os.getpid()}_{next(_numbers)}"
    try:
        yield _create(kind, name)
    finally:
        _administrate(kind, _DROP[kind].format(name))


@cache
def _made_file(make: Callable[[Engine], None]) -> Path:
    """Make a database to copy from: that is faster than making each anew."""
    folder = Path(tempfile.mkdtemp(prefix="tintype-"))
    atexit.register(shutil.rmtree, folder)
    file = folder / "empty.db"
    with _disposed(make_engine(f"sqlite:///{file}")) as engine:
        make(engine)
    return file


@contextmanager
def _disposed(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


@cache
def _shared(make: Callable[[Engine], None], kind: str) -> tuple[Engine, list[Table]]:
    """Return a database of this process, and its tables in the order to empty them in."""
    name = f"tintype_test_{os.getpid()}_{next(_numbers)}"
    engine = make_engine(_create(kind, name))
    atexit.register(_administrate, kind, _DROP[kind].format(name))
    atexit.register(engine.dispose)
    make(engine)
    there = set(inspect(engine).get_table_names())
    ours = [*reversed(tables.field_schema.sorted_tables), *tables.additions.sorted_tables]
    return engine, [table for table in ours if table.name in there]


def _create(kind: str, name: str) -> str:
    drop, create = _DROP[kind].format(name), _CREATE[kind].format(name)
    _administrate(kind, drop, create)
    url = make_url(_server(kind)).set(database=name)
    return url.render_as_string(hide_password=False)


def _administrate(kind: str, *statements: str) -> None:
    with _disposed(make_engine(_server(kind))) as engine, engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@cache
def _server(kind: str) -> str:
    variable, script, packages = _SERVERS[kind]
    if url := os.environ.get(variable):
        return url
    started = subprocess.run(
        [str(_SERVICES / script), "start"], capture_output=True, text=True, check=False
    )
    settings = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
    if variable in settings:
        return settings[variable]
    problem = f"{kind} cannot be started; try: apt-get install {packages}\n{started.stderr}"
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)

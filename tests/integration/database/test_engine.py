"""Connections: how they are made, what they promise, and how they heal."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import IntegrityError

from tests.builders import ADMIN, THEN, an_image
from tests.contract.catalogue.steps import ids, keep, look
from tests.databases import blank_url
from tintype.adapters.database import schema
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.tables import image_locations
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.errors import BadConfiguration, CatalogueUnavailable
from tintype.domain.image_query import ImageQuery


@pytest.fixture
def sqlite_engine() -> Iterator[Engine]:
    """Give an SQLite file without any table."""
    with blank_url("sqlite") as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://u:p@h/d", "psycopg2"),
        ("postgresql+psycopg2://u:p@h/d", "psycopg2"),
        ("mysql://u:p@h/d", "pymysql"),
        ("mysql+pymysql://u:p@h/d?charset=utf8", "pymysql"),
        ("mariadb://u:p@h/d", "pymysql"),
        ("sqlite:////nowhere/d.db", "pysqlite"),
        ("sqlite://", "pysqlite"),
    ],
)
def test_urls_as_the_field_writes_them_are_understood(url: str, driver: str) -> None:
    assert make_engine(url).dialect.driver == driver


def test_mysql_is_spoken_to_in_all_of_unicode() -> None:
    assert make_engine("mysql://h/d?charset=utf8").url.query["charset"] == "utf8mb4"


def test_connections_to_mysql_do_without_the_certificates_of_all_authorities(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def loaded(*_: object) -> None:
        pytest.fail("It takes longer than to connect.")

    monkeypatch.setattr("ssl.SSLContext.load_default_certs", loaded)

    with blank_url("mariadb") as url, make_engine(url).connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("url", ["oracle://u:secret@h/d", "u:secret@h", ""])
def test_what_is_no_url_of_ours_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(BadConfiguration) as refusal:
        make_engine(url)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["postgresql://u:p@127.0.0.1:1/d", "mysql://u:p@127.0.0.1:1/d"])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_server_that_does_not_answer_is_told_as_such(url: str, read_only: bool) -> None:
    work = SqlWork(make_engine(url))

    with pytest.raises(CatalogueUnavailable), work(read_only=read_only) as unit:
        unit.images.get("i", seen_by=ADMIN)


def test_a_database_with_no_connection_to_spare_is_told_as_such(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    narrow = make_engine(url, pool_size=1, max_overflow=0, pool_timeout_s=0.05)
    work = SqlWork(narrow)
    with work(read_only=True) as first:
        first.leases.list()

        with pytest.raises(CatalogueUnavailable), work(read_only=True) as second:
            second.leases.list()

    narrow.dispose()


KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mysql": "SELECT concat('KILL ', id) FROM information_schema.processlist "
    "WHERE db = database() AND id <> connection_id()",
}


def kill_connections(engine: Engine) -> None:
    """End all connections to the database from its own side."""
    other = make_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        found = connection.execute(text(KILL[engine.dialect.name])).scalars().all()
        for kill in found:
            if isinstance(kill, str):
                connection.execute(text(kill))
    other.dispose()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize("read_only", [True, False])
def test_nobody_notices_that_idle_connections_were_lost(
    engine: Engine, work: SqlWork, read_only: bool
) -> None:
    image = an_image()
    keep(work, image)
    kill_connections(engine)

    with work(read_only=read_only) as unit:
        assert unit.images.get(image.id, seen_by=ADMIN).id == image.id


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_connection_lost_in_mid_transaction_fails_that_unit_only(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image()
    with pytest.raises(CatalogueUnavailable), work() as unit:
        unit.images.add(image)
        kill_connections(engine)
        unit.commit()

    keep(work, image)

    assert look(work, image.id).id == image.id


def test_what_sqlite_acknowledged_survives_a_power_failure(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("kind", ["postgresql"])
def test_postgresql_compiles_no_statement_that_it_takes_for_dear(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET jit_above_cost = 0"))
        plan = connection.scalars(
            text("EXPLAIN (ANALYZE) SELECT sum(n) FROM generate_series(1, 9) n")
        )

    assert not [line for line in plan if line.startswith("JIT")]


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = make_engine("sqlite://")
    schema.upgrade(engine)
    work = SqlWork(engine)
    images = [an_image() for _ in range(16)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda image: keep(work, image), images))

    assert sorted(ids(work, ImageQuery(limit=99))) == sorted(image.id for image in images)


def test_errors_of_the_database_do_not_repeat_what_was_written(engine: Engine) -> None:
    location = {
        **{"image_id": "of no image", "value": "s3://key:secret@host", "status": "active"},
        **{"created_at": THEN.replace(tzinfo=None), "deleted": False},
    }

    with pytest.raises(IntegrityError) as failure, engine.connect() as connection:
        connection.execute(insert(image_locations), location)

    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_server_that_was_demoted_is_told_as_one_that_is_away(
    engine: Engine, work: SqlWork
) -> None:
    with engine.connect() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    engine.dispose()
    try:
        with pytest.raises(CatalogueUnavailable):
            keep(work, an_image())
    finally:
        with engine.connect() as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        engine.dispose()

    keep(work, an_image())

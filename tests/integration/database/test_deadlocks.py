"""A call of the database functions that gives way to another writer is done again."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.contract.records.making import OWNER, an_image, live
from tests.databases import migrated
from tintype.adapters.database.engine import BEGIN
from tintype.entrypoints.python import database as db

PATIENCE_S = 30
BETWEEN_LOOKS_S = 0.15
"""MariaDB makes its table of transactions anew only if nobody has looked for 0.1 s."""

WAITING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'",
    "mysql": "SELECT count(*) FROM information_schema.innodb_trx "
    "JOIN information_schema.processlist ON id = trx_mysql_thread_id "
    "WHERE trx_state = 'LOCK WAIT' AND db = database()",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Bind the functions to an empty database in which several write at once."""
    with migrated(request.param) as engine:
        db.configure(engine.url.render_as_string(hide_password=False))
        yield engine


def wait_for_a_waiter(engine: Engine) -> None:
    """Return when somebody waits for a lock."""
    deadline = time.monotonic() + PATIENCE_S
    with engine.connect() as connection:
        while not connection.scalar(text(WAITING[engine.dialect.name])):
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(BETWEEN_LOOKS_S)


def write_against(connection: Connection, image_id: str) -> None:
    """Go on to the row that somebody holds who waits for ours: one of both has to give way."""
    with suppress(DBAPIError):
        connection.execute(text("UPDATE images SET min_ram = 7 WHERE id = :id"), {"id": image_id})
        connection.exec_driver_sql("COMMIT")
        return
    connection.exec_driver_sql("ROLLBACK")


def test_an_update_that_meets_another_one_crosswise_succeeds(server: Engine) -> None:
    image_id = an_image(properties={"a": "before"})["id"]
    values = {"name": "ours", "properties": {"a": "ours"}}

    with ThreadPoolExecutor(1) as thread, server.connect() as other:
        other.exec_driver_sql(BEGIN[server.dialect.name])
        other.execute(text("UPDATE image_properties SET value = 'theirs'"))
        update = thread.submit(db.image_update, OWNER, image_id, values)
        try:
            wait_for_a_waiter(server)
        finally:
            # Whoever waits is not left to wait for a connection that went back to its pool.
            write_against(other, image_id)
        update.result(PATIENCE_S)

    image = db.image_get(OWNER, image_id)
    assert (image["name"], live(image)) == ("ours", {"a": "ours"})

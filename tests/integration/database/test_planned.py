"""The statement that PostgreSQL keeps planned, and the databases that forget it."""

import pytest
from sqlalchemy import Engine, event, text

from tests.builders import ADMIN, an_image
from tests.contract.catalogue.steps import keep, look
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.image import Image

pytestmark = pytest.mark.parametrize("kind", ["postgresql"])


@pytest.fixture(autouse=True)
def _new_connections(engine: Engine) -> None:
    """Forget what other tests did to connections."""
    engine.dispose()


def read(work: SqlWork, image: Image) -> Image:
    """Read an image as the service does to show it."""
    with work(read_only=True) as unit:
        return unit.images.get(image.id, seen_by=ADMIN)


def statements_kept(engine: Engine) -> list[str]:
    """Name what the one idle connection has prepared."""
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT name FROM pg_prepared_statements")).scalars())


def test_an_image_is_read_by_a_statement_that_is_prepared_once(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(name="kept")
    keep(work, image)

    assert [read(work, image).name for _ in range(3)] == ["kept"] * 3
    assert len(statements_kept(engine)) == 1


@pytest.mark.parametrize(
    ("forget", "undo"),
    [
        # As a pooler does that gives each transaction another server process.
        ("DEALLOCATE ALL", "SELECT 1"),
        (
            "ALTER TABLE images ALTER COLUMN name TYPE varchar(256)",
            "ALTER TABLE images ALTER COLUMN name TYPE varchar(255)",
        ),
    ],
)
def test_a_database_that_forgets_is_asked_in_full(
    engine: Engine, work: SqlWork, forget: str, undo: str
) -> None:
    image = an_image(name="kept")
    keep(work, image)
    read(work, image)
    with engine.connect() as connection:
        connection.execute(text(forget))

    assert [read(work, image).name for _ in range(2)] == ["kept"] * 2

    with engine.connect() as connection:
        connection.execute(text(undo))


def test_a_name_that_another_client_left_on_the_connection_does_no_harm(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(name="kept")
    keep(work, image)
    read(work, image)
    (name,) = statements_kept(engine)

    @event.listens_for(engine, "checkout")
    def forget_that_it_was_prepared(_dbapi: object, record: object, _proxy: object) -> None:
        record.info.pop(name, None)  # type: ignore[attr-defined]

    assert [read(work, image).name for _ in range(2)] == ["kept"] * 2
    assert look(work, image.id).name == "kept"

"""The database that the functions speak to during a test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.databases import KINDS, migrated
from tintype.application.records.catalogue import RecordCatalogue
from tintype.entrypoints.python import database
from tintype.entrypoints.python.database.binding import bound


@pytest.fixture(params=KINDS, autouse=True)
def server(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Bind the functions to an empty database, and give another way to it."""
    with migrated(request.param) as engine:
        database.configure(engine.url.render_as_string(hide_password=False))
        yield engine


@pytest.fixture
def catalogue(server: Engine) -> RecordCatalogue:
    """Return what stands behind the functions."""
    return bound()

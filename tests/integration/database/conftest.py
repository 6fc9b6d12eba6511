"""Databases for the tests of the database adapter."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.databases import KINDS, blank_url, migrated
from tintype.adapters.database.unit_of_work import SqlWork


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name a kind of database."""
    name: str = request.param
    return name


@pytest.fixture
def url(kind: str) -> Iterator[str]:
    """Give the URL of a database without any table."""
    with blank_url(kind) as url:
        yield url


@pytest.fixture
def engine(kind: str) -> Iterator[Engine]:
    """Give a database with the schema of today and no rows."""
    with migrated(kind) as engine:
        yield engine


@pytest.fixture
def work(engine: Engine) -> SqlWork:
    """Begin units of work on that database."""
    return SqlWork(engine)

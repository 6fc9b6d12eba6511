"""Databases that a real Glance left, with rows in every table, are taken over as they are.

`tests/services/glance/make_databases.py` makes them, and keeps what Glance said about them.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import falcon.testing
import pytest
from sqlalchemy import Engine, func, select

from tests.databases import blank_url
from tests.e2e.api import ADMIN
from tests.services.glance.make_databases import ASKED, FOLDER, KEY, STORES
from tintype.adapters.database import tables
from tintype.adapters.database.engine import make_engine
from tintype.domain.adoption import Due
from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import Container
from tintype.entrypoints.http.wsgi import surrounded

CONFIGURATION = f"""\
[DEFAULT]
auth_strategy = trusted_headers
enabled_backends = {", ".join(f"{name}:file" for name in STORES)}
show_multiple_locations = true
metadata_encryption_key = {KEY}
[glance_store]
default_backend = fast
[database]
connection = {{database}}
"""


def load(engine: Engine, dump: str) -> None:
    """Make a database of a dump."""
    if engine.dialect.name == "sqlite":
        # Not by the engine, whose connections insist on foreign keys from the beginning.
        with closing(sqlite3.connect(str(engine.url.database))) as connection:
            connection.executescript(dump)
        return
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if engine.dialect.name == "mysql":
            # The tables come in the order of their names.
            cursor.execute("SET SESSION foreign_key_checks = 0")
        for statement in filter(str.strip, dump.split(";\n")):
            cursor.execute(statement)
    engine.dispose()


@pytest.fixture
def left(kind: str) -> Iterator[Engine]:
    """Give the database that Glance left."""
    with blank_url(kind) as url:
        engine = make_engine(url)
        load(engine, (FOLDER / f"{kind}.sql").read_text(encoding="utf-8"))
        yield engine
        engine.dispose()


@pytest.fixture
def container(left: Engine, tmp_path: Path) -> Container:
    """Configure Tintype as that Glance was."""
    url = left.url.render_as_string(hide_password=False)
    stores = "".join(
        f"[{name}]\nfilesystem_store_datadir = {folder}\n" for name, folder in STORES.items()
    )
    file = tmp_path / "tintype.conf"
    file.write_text(CONFIGURATION.format(database=url) + stores, encoding="utf-8")
    return Container(conf=new_config([str(file)]))


def rows(engine: Engine) -> dict[str, list[Any]]:
    """Return all rows by table."""
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(select(table).order_by(*table.primary_key)))
            for table in tables.field_schema.sorted_tables
        }


def test_there_is_something_in_every_table(left: Engine) -> None:
    with left.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in tables.field_schema.sorted_tables
        }

    assert all(counts.values()), counts


def test_adopting_changes_no_row(left: Engine, container: Container) -> None:
    before = rows(left)

    found = container.adopt_catalogue()(dry_run=False)

    assert (found.anything, found.encrypted) == (False, found.locations)
    assert rows(left) == before
    assert container.former_catalogue().due() is Due.NOTHING


def test_all_is_told_as_glance_told_it(kind: str, container: Container) -> None:
    container.migrate()
    app = surrounded(container.application(), container.identity(), container.conf())
    told = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))

    answers = {path: falcon.testing.simulate_get(app, path, headers=ADMIN).json for path in told}

    assert set(ASKED) < set(told)
    for path, by_glance in told.items():
        assert in_order(answers[path]) == in_order(by_glance), path


def test_a_property_is_told_under_the_name_that_a_type_of_resource_writes(
    container: Container,
) -> None:
    container.migrate()
    app = surrounded(container.application(), container.identity(), container.conf())
    by_images = "/v2/metadefs/namespaces/N::S{}?resource_type=OS::Glance::Image"

    of_all, alone = (
        falcon.testing.simulate_get(app, by_images.format(path), headers=ADMIN).json
        for path in ("", "/properties/hw_size")
    )

    assert {name: it["name"] for name, it in of_all["properties"].items()} == {"hw_size": "hw_size"}
    assert alone == of_all["properties"]["hw_size"]


def in_order(answer: Any) -> Any:
    """Return an answer with what is in no order in one."""
    if isinstance(answer, Mapping):
        return {key: in_order(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return sorted(map(in_order, answer), key=lambda it: json.dumps(it, sort_keys=True))
    return answer

"""JSON that other programs left in the database, and that no answer could repeat."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from dependency_injector import providers
from sqlalchemy import Engine, insert, select, update

from tests.databases import migrated
from tests.unit.http.service import ADMIN, Service
from tintype.adapters.database import tables
from tintype.adapters.database.unit_of_work import SqlWork

SEVERAL_STORES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory
    show_multiple_locations = true
    {defaults}
    [glance_store]
    default_backend = ram
"""
NOON = datetime(2026, 1, 1, 12)
DEEP = {depth: '{"a":' * depth + "1" + "}" * depth for depth in (300, 1010, 100_000)}
UNSHOWABLE = {
    **{f"{depth} levels": text for depth, text in DEEP.items()},
    "no JSON": "{'a': 1}",
    "a surrogate": '{"a": "\\ud800"}',
}


@pytest.fixture
def engine() -> Iterator[Engine]:
    with migrated("sqlite") as engine:
        yield engine


@pytest.fixture
def service(tmp_path: Path, engine: Engine) -> Service:
    """The application on a database that others write to as well."""
    service = Service.configured(tmp_path, SEVERAL_STORES)
    service.container.work.override(providers.Object(SqlWork(engine)))
    return service.seen_by(ADMIN)


def write(engine: Engine, statement: Any) -> None:
    with engine.begin() as connection:
        connection.execute(statement)


@pytest.mark.parametrize("text", UNSHOWABLE.values(), ids=UNSHOWABLE)
def test_an_image_with_unreadable_metadata_of_a_location_is_shown_and_listed(
    service: Service, engine: Engine, text: str
) -> None:
    image = service.an_image(b"data")
    write(engine, update(tables.image_locations).values(meta_data=text))

    shown, listed = service.get(f"/v2/images/{image}"), service.get("/v2/images")

    assert shown.status == listed.status == 200, shown.body
    assert [location["metadata"] for location in shown.json["locations"]] == [
        {"store": "ram"}  # which its URL tells
    ]
    assert service.get(f"/v2/images/{image}/file").body == b"data"


@pytest.mark.parametrize("text", UNSHOWABLE.values(), ids=UNSHOWABLE)
def test_unreadable_metadata_of_a_location_is_not_overwritten(
    service: Service, engine: Engine, text: str
) -> None:
    image = service.an_image(b"data")
    write(engine, update(tables.image_locations).values(meta_data=text))

    service.get(f"/v2/images/{image}/file")
    assert service.patch(image, [{"op": "add", "path": "/k", "value": "v"}]).status == 200
    list(service.container.identify_locations()())

    with engine.connect() as connection:
        assert connection.scalar(select(tables.image_locations.c.meta_data)) == text


def test_an_image_with_unreadable_metadata_of_a_location_can_be_deleted(
    service: Service, engine: Engine
) -> None:
    image = service.an_image(b"data")
    write(engine, update(tables.image_locations).values(meta_data=DEEP[100_000]))

    assert service.ask("DELETE", f"/v2/images/{image}").status == 204


@pytest.mark.parametrize(
    "text",
    [*UNSHOWABLE.values(), f'{{"a": {1 << 70}}}', '{"a": NaN}'],
    ids=[*UNSHOWABLE, "a large number", "no number"],
)
def test_a_task_with_odd_json_is_shown(service: Service, engine: Engine, text: str) -> None:
    image, task = service.an_image(), str(uuid4())
    about = {"type": "api_image_import", "status": "failure", "owner": "operators"}
    times = dict.fromkeys(("created_at", "updated_at"), NOON)
    row = {"id": task, "image_id": image, "deleted": False, **about, **times}
    write(engine, insert(tables.tasks).values(row))
    write(engine, insert(tables.task_info).values(task_id=task, input=text, result=text))

    shown = service.get(f"/v2/tasks/{task}")

    assert shown.status == 200, shown.body
    for path in ("/v2/tasks", f"/v2/images/{image}/tasks"):
        assert service.get(path).status == 200

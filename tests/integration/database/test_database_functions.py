"""The database functions on a database that the field's own programs filled."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert

from tests.contract.records.making import ADMIN, OTHER, OWNER
from tests.databases import made_by
from tests.integration.database.field import ROW, leave, leave_doubles, make_tolerant_database
from tintype.adapters.database import tables
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions


@pytest.fixture
def field(kind: str) -> Iterator[Engine]:
    """Give a database with an image, and with a member and a tag that are there twice."""
    with made_by(make_tolerant_database, kind) as engine:
        leave_doubles(engine)
        db.configure(engine.url.render_as_string(hide_password=False))
        yield engine
        db.configure("sqlite://")


def test_an_image_with_a_member_twice_can_be_deleted(field: Engine) -> None:
    assert db.image_member_count(OWNER, "an-image") == 1
    assert db.image_destroy(OWNER, "an-image")["deleted"] is True
    assert db.image_member_count(OWNER, "an-image") == 0


def test_a_tag_that_is_there_twice_is_listed_once_and_deleted_whole(field: Engine) -> None:
    before = db.image_tag_get_all(OWNER, "an-image")
    db.image_tag_delete(OWNER, "an-image", "x")

    assert (before, db.image_tag_get_all(OWNER, "an-image")) == (["x"], [])


def test_ids_and_names_are_compared_by_case(field: Engine) -> None:
    with pytest.raises(exceptions.ImageNotFound):
        db.image_get(ADMIN, "AN-IMAGE")
    db.node_reference_create(ADMIN, "http://node")
    with pytest.raises(exceptions.NotFound):
        db.node_reference_get_by_url(ADMIN, "http://NODE")
    db.metadef_namespace_create(OWNER, {"namespace": "a"})
    with pytest.raises(exceptions.MetadefNamespaceNotFound):
        db.metadef_namespace_get(OWNER, "A")


def test_tasks_that_left_plain_text_are_read(field: Engine) -> None:
    task = {"id": "t", "type": "import", "status": "success", "owner": "owner", **ROW}
    leave(field, tables.tasks, task)
    with field.connect() as connection:
        info = {"task_id": "t", "input": '{"a": 1}', "result": "no JSON", "message": ""}
        connection.execute(insert(tables.task_info), info)
    leave(field, tables.tasks, {**task, "id": "bare"})

    found = db.task_get(OWNER, "t")

    assert (found["input"], found["result"]) == ({"a": 1}, "no JSON")
    assert db.task_get(OWNER, "bare")["input"] is None
    assert db.task_update(OWNER, "bare", {"result": "new"})["result"] == "new"


def test_a_location_without_metadata_has_none(field: Engine) -> None:
    location = {"image_id": "an-image", "value": "file:///a", "status": "active"}
    leave(field, tables.image_locations, location)

    (shown,) = db.image_get(OTHER, "an-image")["locations"]

    assert (shown["url"], shown["metadata"]) == ("file:///a", {})

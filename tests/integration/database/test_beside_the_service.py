"""The database functions and the service on one database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from tests.builders import THEN, a_caller, a_location, a_member, a_task, an_image
from tests.contract.catalogue.steps import change, keep, look
from tests.contract.records.making import ADMIN, OTHER, OWNER, live
from tests.contract.records.making import an_image as a_row
from tintype.adapters.database import label_times
from tintype.adapters.database.tables import image_locations
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.database.url_cipher import UrlCipher
from tintype.domain.image import Image
from tintype.domain.member import MemberStatus
from tintype.domain.status import Status
from tintype.domain.task_query import TaskQuery
from tintype.domain.visibility import Visibility
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

MINE = a_caller("owner")


@pytest.fixture
def service(engine: Engine) -> Iterator[SqlWork]:
    """Bind the functions to the database of a service, whose units of work are given."""
    db.configure(engine.url.render_as_string(hide_password=False))
    yield SqlWork(engine)
    db.configure("sqlite://")


def test_the_service_reads_what_the_functions_write(service: SqlWork) -> None:
    row = a_row(
        **{"name": "n", "size": 17, "visibility": "private", "properties": {"a": "1", "b": "2"}},
        locations=[{"url": "file:///a", "metadata": {"store": "fast"}, "status": "active"}],
    )
    db.image_property_delete(OWNER, "b", row["id"])
    db.image_tag_set_all(OWNER, row["id"], ["y", "x"])

    image = look(service, row["id"], MINE)

    assert (image.name, image.size, image.visibility) == ("n", 17, Visibility.PRIVATE)
    assert (image.properties, image.tags) == ({"a": "1"}, ["y", "x"])
    assert [(it.url, it.metadata) for it in image.locations] == [("file:///a", {"store": "fast"})]
    assert image.updated_at.replace(tzinfo=None) == row["updated_at"]


def test_the_functions_read_what_the_service_writes(service: SqlWork) -> None:
    image = an_image(
        Status.ACTIVE, owner="owner", name="n", properties={"a": "1", "b": "2"}, tags=["x"]
    )
    keep(service, image, a_member(image.id, "other", status=MemberStatus.ACCEPTED))
    change(service, image.id, lambda it: it.properties.pop("b"))

    row = db.image_get(OTHER, image.id)

    assert (row["name"], row["status"], row["size"]) == ("n", "active", image.size)
    assert live(row) == {"a": "1"}
    assert [entry.name for entry in row["properties"] if entry.deleted] == ["b"]
    assert row["locations"][0]["url"] == image.locations[0].url
    assert db.image_tag_get_all(OTHER, image.id) == ["x"]
    assert [member["status"] for member in db.image_member_find(OTHER)] == ["accepted"]


def test_tags_and_properties_of_both_say_when_their_image_was_made(
    engine: Engine, service: SqlWork
) -> None:
    row = a_row(properties={"a": "1"})
    db.image_property_create(OWNER, {"image_id": row["id"], "name": "b", "value": "2"})
    db.image_tag_set_all(OWNER, row["id"], ["x"])
    kept = an_image(tags=["y"], properties={"a": "1"})
    keep(service, kept)
    change(service, kept.id, lambda it: it.properties.update(c="3"))
    made_at = {row["id"]: row["created_at"], kept.id: kept.created_at.replace(tzinfo=None)}

    for table, rows in ((label_times.tags, 2), (label_times.properties, 4)):
        with engine.connect() as connection:
            found = connection.execute(select(table.c.image_id, table.c[label_times.TIME])).all()
        assert len(found) == rows
        assert {(image, at) for image, at in found} == set(made_at.items())


def test_an_image_that_the_service_is_about_to_delete_is_restored_whole(service: SqlWork) -> None:
    image = an_image(Status.ACTIVE, owner="owner", properties={"a": "1"}, tags=["x"])
    keep(service, image)
    change(service, image.id, Image.delay_deletion)
    gone = db.image_get_all(OWNER, filters={"deleted": True})

    db.image_restore(ADMIN, image.id)

    assert [row["status"] for row in gone] == ["pending_delete"]
    back = look(service, image.id, MINE)
    assert (back.status, back.properties, back.tags) == (Status.ACTIVE, {"a": "1"}, ["x"])
    assert [it.url for it in back.locations] == [a_location().url]


def test_an_image_that_the_functions_delete_is_gone_for_the_service(service: SqlWork) -> None:
    row = a_row(locations=[{"url": "file:///a", "metadata": {}, "status": "active"}])

    db.image_update(OWNER, row["id"], {"status": "deleted"})
    db.image_destroy(OWNER, row["id"])

    with service() as unit:
        gone = unit.images.get_gone(row["id"])
    assert gone is not None
    assert (gone.status, gone.locations) == (Status.DELETED, [])


def test_every_change_moves_the_time_on_by_which_the_service_compares(service: SqlWork) -> None:
    far = THEN.replace(year=2999)
    row = a_row(updated_at=far)

    after = db.image_update(OWNER, row["id"], {"name": "new"})

    assert after["updated_at"] > far.replace(tzinfo=None)
    assert look(service, row["id"], MINE).updated_at > far


def test_a_task_is_the_same_for_both(service: SqlWork) -> None:
    keep(service, a_task(id="theirs", owner="owner", input={"a": 1}, image_id="i"))
    db.task_create(OWNER, {"type": "import", "status": "success", "owner": "owner", "id": "ours"})

    with service(read_only=True) as unit:
        listed = unit.tasks.list(TaskQuery(limit=10), seen_by=MINE)

    assert {task.id for task in listed} == {"theirs", "ours"}
    assert db.task_get(OWNER, "theirs")["input"] == {"a": 1}
    assert [task["id"] for task in db.tasks_get_by_image(OWNER, "i")] == ["theirs"]


def test_an_import_lock_is_one_for_both(service: SqlWork) -> None:
    image = an_image(owner="owner")
    keep(service, image)
    with service() as unit:
        assert unit.images.take_lock(image.id, "a-task")
        unit.commit()

    with pytest.raises(exceptions.Duplicate):
        db.image_set_property_atomic(image.id, "os_glance_import_task", "another")
    db.image_delete_property_atomic(image.id, "os_glance_import_task", "a-task")
    db.image_set_property_atomic(image.id, "os_glance_import_task", "another")

    with service() as unit:
        assert not unit.images.take_lock(image.id, "a-task")


KEY = "k" * 32


def test_with_the_key_both_keep_urls_encrypted_and_read_those_of_the_other(engine: Engine) -> None:
    db.configure(engine.url.render_as_string(hide_password=False), metadata_encryption_key=KEY)
    service = SqlWork(engine, UrlCipher(KEY))
    locations = [{"url": "swift://a:secret@b/c", "metadata": {}, "status": "active"}]
    row = a_row(locations=locations)
    image = an_image(Status.ACTIVE, owner="owner")
    keep(service, image)

    with engine.connect() as connection:
        texts = connection.execute(select(image_locations.c.value)).scalars().all()
    assert len(texts) == 2 and not any("://" in text for text in texts)
    assert look(service, row["id"], MINE).locations[0].url == locations[0]["url"]
    assert db.image_get(OWNER, image.id)["locations"][0]["url"] == image.locations[0].url
    with pytest.raises(exceptions.Duplicate):
        db.image_location_add(OWNER, row["id"], locations[0])
    db.image_update(OWNER, row["id"], {"locations": db.image_get(OWNER, row["id"])["locations"]})
    assert db.image_get(OWNER, row["id"])["locations"][0]["url"] == locations[0]["url"]
    db.configure("sqlite://")


def test_a_key_that_none_is_is_refused() -> None:
    with pytest.raises(exceptions.BadStoreConfiguration):
        db.configure("sqlite://", metadata_encryption_key="short")

"""Deleting for good what was deleted long ago."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from tests.contract.records.making import ADMIN, OWNER, THEN, an_image, ids
from tintype.adapters.database import tables
from tintype.application.records.catalogue import RecordCatalogue
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

PARTS = ("image_properties", "image_tags", "image_locations", "image_members")


def rows(server: Engine, name: str) -> int:
    """Count the rows of a table."""
    table = (tables.field_schema if name in tables.field_schema.tables else tables.additions).tables
    with server.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(table[name])) or 0)


def a_deleted_image(**values: Any) -> str:
    """Record an image with all kinds of parts, and delete it."""
    image = an_image(
        properties={"a": "1"}, locations=[{"url": "file:///a", "metadata": {}}], **values
    )
    with_member = {"image_id": image["id"], "member": "other"}
    db.image_member_create(OWNER, with_member)
    db.image_tag_create(OWNER, image["id"], "tag")
    db.image_destroy(OWNER, image["id"])
    return str(image["id"])


def test_rows_that_are_deleted_go_and_images_stay(server: Engine) -> None:
    kept = an_image(properties={"a": "1"})["id"]
    gone = a_deleted_image()

    counts = db.purge_deleted_rows(ADMIN, 0, -1)

    assert counts == dict.fromkeys(PARTS, 1) | {"tasks": 0}
    assert set(ids(db.image_get_all(ADMIN))) == {kept, gone}
    assert rows(server, "image_properties") == 1


def test_images_go_by_themselves_once_nothing_is_left_of_them(server: Engine) -> None:
    kept = an_image()["id"]
    a_deleted_image()

    before = db.purge_deleted_rows_from_images(ADMIN, 0, -1)
    db.purge_deleted_rows(ADMIN, 0, -1)
    after = db.purge_deleted_rows_from_images(ADMIN, 0, -1)

    assert (before, after) == (0, 1)
    assert ids(db.image_get_all(ADMIN)) == [kept]


def test_the_id_of_a_purged_image_is_not_given_again() -> None:
    image_id = an_image(deleted=True, deleted_at=THEN)["id"]
    db.purge_deleted_rows_from_images(ADMIN, 30, -1)

    for _ in range(2):
        with pytest.raises(exceptions.Duplicate, match=f"{image_id} already exists"):
            an_image(id=image_id)
    assert db.image_get_all(ADMIN) == []


def test_the_age_is_that_of_the_deletion(server: Engine) -> None:
    now = db.image_get(ADMIN, a_deleted_image(), force_show_deleted=True)["deleted_at"]
    with server.connect() as connection:
        for days, name in ((3, "image_tags"), (5, "image_members")):
            table = tables.field_schema.tables[name]
            connection.execute(update(table).values(deleted_at=now - timedelta(days=days)))

    counts = db.purge_deleted_rows(ADMIN, 4, -1)

    assert counts == dict.fromkeys([*PARTS, "tasks"], 0) | {"image_members": 1}


def test_a_row_goes_by_its_time_of_deletion_whoever_set_it(server: Engine) -> None:
    image = an_image(properties={"a": "1"}, deleted_at=THEN)
    db.task_create(ADMIN, {"type": "import", "status": "success", "deleted_at": THEN})
    with server.connect() as connection:
        properties = tables.field_schema.tables["image_properties"]
        connection.execute(update(properties).values(deleted_at=THEN))
        connection.commit()

    counts = db.purge_deleted_rows(ADMIN, 30, -1)

    assert (counts["image_properties"], counts["tasks"]) == (1, 1)
    assert db.purge_deleted_rows_from_images(ADMIN, 30, -1) == 1
    with pytest.raises(exceptions.ImageNotFound):
        db.image_get(ADMIN, image["id"])


def test_a_row_with_data_stays_whatever_its_time_of_deletion(server: Engine) -> None:
    for url, status in (("file:///a", "active"), ("file:///b", "deactivated")):
        an_image(status=status, locations=[{"url": url, "metadata": {}}], deleted_at=THEN)
    for status in ("saving", "uploading", "importing"):
        an_image(status=status, deleted_at=THEN)
    with server.connect() as connection:
        locations = tables.field_schema.tables["image_locations"]
        connection.execute(update(locations).values(deleted_at=THEN))
        connection.commit()

    counts = db.purge_deleted_rows(ADMIN, 30, -1)

    assert counts["image_locations"] == 0
    assert db.purge_deleted_rows_from_images(ADMIN, 30, -1) == 0


def test_of_each_table_so_many_go_the_oldest_first(server: Engine) -> None:
    old = [an_image(deleted=True, deleted_at=THEN + timedelta(days=day))["id"] for day in (2, 0, 1)]

    gone = db.purge_deleted_rows_from_images(ADMIN, 30, 2)

    assert gone == 2
    assert ids(db.image_get_all(ADMIN)) == [old[0]]


def test_a_task_goes_with_what_belongs_to_it(server: Engine) -> None:
    for day in (1, 2):
        old = {"deleted": True, "deleted_at": THEN + timedelta(days=day)}
        db.task_create(ADMIN, {"type": "import", "status": "success", "owner": "owner", **old})

    counts = db.purge_deleted_rows(ADMIN, 30, 1)

    assert counts["tasks"] == 1
    assert (rows(server, "tasks"), rows(server, "task_info")) == (1, 1)


def test_a_location_whose_data_is_still_there_keeps_its_row(server: Engine) -> None:
    image = an_image(locations=[{"url": "file:///a", "metadata": {}}])
    location = image["locations"][0]["id"]
    db.image_location_delete(OWNER, image["id"], location, "pending_delete", THEN)
    db.image_destroy(OWNER, image["id"])

    waiting = db.purge_deleted_rows(ADMIN, 0, -1), db.purge_deleted_rows_from_images(ADMIN, 0, -1)
    db.image_location_delete(OWNER, image["id"], location, "deleted", THEN)
    done = db.purge_deleted_rows(ADMIN, 0, -1), db.purge_deleted_rows_from_images(ADMIN, 0, -1)

    assert (waiting[0]["image_locations"], waiting[1]) == (0, 0)
    assert (done[0]["image_locations"], done[1]) == (1, 1)


def test_a_location_whose_data_is_on_its_way_out_keeps_its_row(server: Engine) -> None:
    a_deleted_image()
    leaving = a_deleted_image()
    lease = {"id": "a-lease", "image_id": leaving, "purpose": "delete", "holder": "somebody"}
    with server.begin() as connection:
        connection.execute(insert(tables.leases).values(**lease, expires_at=THEN))

    assert db.purge_deleted_rows(ADMIN, 0, -1)["image_locations"] == 1
    assert rows(server, "image_locations") == 1


def test_more_rows_than_one_batch_holds_go_too(catalogue: RecordCatalogue) -> None:
    purge = replace(catalogue.purge, batch=2)
    for _ in range(6):
        an_image(deleted=True, deleted_at=THEN)

    assert purge.images(30, 3) == 3
    assert purge.images(30) == 3


def test_arguments_out_of_range_are_invalid() -> None:
    for age, most in ((1 << 31, 1), (1, 1 << 31), (-1, 1), (1, -2), (100_000, 1)):
        for function in (db.purge_deleted_rows, db.purge_deleted_rows_from_images):
            with pytest.raises(exceptions.Invalid):
                function(ADMIN, age, most)


def test_arguments_are_whatever_says_a_whole_number(server: Engine) -> None:
    for _ in range(2):
        a_deleted_image()

    assert db.purge_deleted_rows(ADMIN, "0", "1") == dict.fromkeys(PARTS, 1) | {"tasks": 0}
    assert db.purge_deleted_rows(ADMIN, 0.0, "-1") == dict.fromkeys(PARTS, 1) | {"tasks": 0}
    assert db.purge_deleted_rows_from_images(ADMIN, "0", "-1") == 2


@pytest.mark.parametrize("wrong", ["", "many", None, [], float("inf"), float("nan")])
def test_arguments_that_are_no_whole_number_are_invalid(wrong: Any) -> None:
    for function in (db.purge_deleted_rows, db.purge_deleted_rows_from_images):
        with pytest.raises(exceptions.Invalid, match="age_in_days must be a whole number"):
            function(ADMIN, wrong, 1)
        with pytest.raises(exceptions.Invalid, match="max_rows must be a whole number"):
            function(ADMIN, 1, wrong)

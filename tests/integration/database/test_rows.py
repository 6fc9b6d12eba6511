"""What the rows look like to the field's own programs."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, false, insert, select, update

from tests.builders import ADMIN, THEN, a_caller, a_member, an_image
from tests.contract.catalogue.steps import change, delete, keep, look
from tests.databases import made_by
from tests.integration.database.field import make_tolerant_database
from tintype.adapters.database import tables
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.status import Status

LIMITS = Limits()
NOON = THEN.replace(tzinfo=None)


def rows(engine: Engine, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return these columns of all rows, oldest first."""
    with engine.connect() as connection:
        chosen = [table.c[name] for name in columns]
        return [tuple(row) for row in connection.execute(select(*chosen).order_by(table.c.id))]


def test_a_deleted_image_leaves_all_its_rows_behind_as_deleted(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(Status.ACTIVE, properties={"k": "v"}, tags=["t"])
    keep(work, image, a_member(image.id))

    delete(work, image.id)

    assert rows(engine, tables.images, "status", "deleted") == [("deleted", True)]
    assert rows(engine, tables.image_locations, "status", "deleted") == [("deleted", True)]
    for table in (tables.image_properties, tables.image_tags, tables.image_members):
        [(deleted, at)] = rows(engine, table, "deleted", "deleted_at")
        assert deleted
        assert at is not None


def test_an_image_pending_deletion_is_deleted_to_others_and_keeps_its_parts(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(Status.ACTIVE, properties={"k": "v"}, tags=["t"])
    keep(work, image)

    change(work, image.id, Image.begin_deletion)

    pending = [("pending_delete", True)]
    assert rows(engine, tables.images, "status", "deleted") == pending
    assert rows(engine, tables.image_locations, "status", "deleted") == pending
    assert rows(engine, tables.image_properties, "deleted") == [(False,)]
    assert rows(engine, tables.image_tags, "deleted") == [(False,)]


def test_a_restored_image_has_no_trace_of_its_deletion(engine: Engine, work: SqlWork) -> None:
    image = an_image(Status.ACTIVE)
    keep(work, image)
    change(work, image.id, Image.begin_deletion)

    with work() as unit:
        found = unit.images.get_gone(image.id)
        assert found is not None
        found.restore(Status.ACTIVE)
        unit.images.save(found)
        unit.commit()

    facts = ("status", "deleted", "deleted_at")
    assert rows(engine, tables.images, *facts) == [("active", False, None)]
    assert rows(engine, tables.image_locations, *facts) == [("active", False, None)]


def test_what_another_service_took_away_with_an_image_comes_back_with_it(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(Status.ACTIVE, properties={"k": "v", "old": "v"}, tags=["t"])
    keep(work, image, a_member(image.id))
    change(work, image.id, lambda it: it.remove_property("old"))
    change(work, image.id, Image.begin_deletion)
    [(at,)] = rows(engine, tables.images, "deleted_at")
    with engine.begin() as connection:
        for table in (tables.image_properties, tables.image_tags, tables.image_members):
            live = update(table).where(table.c.deleted == false())
            connection.execute(live.values(deleted=True, deleted_at=at))

    with work() as unit:
        found = unit.images.get_gone(image.id)
        assert found is not None
        found.undelete()
        unit.images.save(found)
        unit.commit()

    with work(read_only=True) as unit:
        back = unit.images.get(image.id, seen_by=ADMIN)
        members = unit.members.list(image.id)
    assert (back.properties, back.tags, len(members)) == ({"k": "v"}, ["t"], 1)


def test_a_removed_property_that_comes_back_uses_its_row_again(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(properties={"k": "old"})
    keep(work, image)
    change(work, image.id, lambda it: it.remove_property("k"))

    change(work, image.id, lambda it: it.set_property("k", "new"))

    facts = ("name", "value", "deleted", "deleted_at")
    assert rows(engine, tables.image_properties, *facts) == [("k", "new", False, None)]


def test_a_save_leaves_columns_alone_that_did_not_change(engine: Engine, work: SqlWork) -> None:
    image = an_image(name="ours")
    keep(work, image)

    with work() as unit:
        found = unit.images.get(image.id, seen_by=ADMIN, for_update=True)
        with_owner = update(tables.images).values(owner="given away by another program")
        unit._session.execute(with_owner)
        found.set_attribute("name", "changed", LIMITS)
        unit.images.save(found)
        unit.commit()

    assert rows(engine, tables.images, "name", "owner") == [
        ("changed", "given away by another program")
    ]


def test_a_member_that_comes_back_keeps_the_time_of_the_first_offer(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image()
    first = a_member(image.id)
    keep(work, image, first)
    with work() as unit:
        unit.members.remove(first)
        unit.commit()
    again = a_member(image.id, created_at=THEN.replace(year=2030))

    keep(work, again)

    assert again.created_at == THEN
    assert rows(engine, tables.image_members, "id", "deleted", "status") == [
        (first.id, False, "pending")
    ]


@pytest.fixture
def tolerant(kind: str) -> Iterator[Engine]:
    """Give a database that had rows twice when it was taken over, and so lets there be more."""
    with made_by(make_tolerant_database, kind) as engine:
        yield engine


def with_twins(engine: Engine, work: SqlWork) -> Image:
    """Record an image that the field's programs gave one member and one tag twice."""
    image = an_image(tags=["t"])
    keep(work, image, a_member(image.id, "friend"))
    base = {"image_id": image.id, "created_at": NOON, "updated_at": NOON, "deleted": False}
    with engine.connect() as connection:
        connection.execute(
            insert(tables.image_members),
            {**base, "member": "friend", "can_share": False, "status": "pending"},
        )
        connection.execute(insert(tables.image_tags), {**base, "value": "t"})
    return image


def test_a_member_recorded_twice_is_listed_once(tolerant: Engine) -> None:
    work = SqlWork(tolerant)
    image = with_twins(tolerant, work)

    with work(read_only=True) as unit:
        members = unit.members.list(image.id)

    assert [member.member_id for member in members] == ["friend"]


def test_a_member_recorded_twice_is_removed_at_once(tolerant: Engine) -> None:
    work = SqlWork(tolerant)
    image = with_twins(tolerant, work)

    with work() as unit:
        unit.members.remove(unit.members.get(image.id, "friend"))
        unit.commit()

    with work(read_only=True) as unit:
        assert unit.members.list(image.id) == []


def test_an_image_with_a_member_recorded_twice_can_be_deleted(tolerant: Engine) -> None:
    work = SqlWork(tolerant)
    image = with_twins(tolerant, work)

    delete(work, image.id)

    assert rows(tolerant, tables.image_members, "deleted") == [(True,)]


def test_a_tag_recorded_twice_is_shown_once_and_removed_at_once(tolerant: Engine) -> None:
    work = SqlWork(tolerant)
    image = with_twins(tolerant, work)
    assert look(work, image.id, a_caller()).tags == ["t"]

    change(work, image.id, lambda it: it.remove_tag("t"))

    assert look(work, image.id).tags == []

"""Several at once: nothing is lost, nothing is done twice."""

import threading
from functools import partial

import pytest
from sqlalchemy import Engine, func, select

from tests.builders import ADMIN, OWNER, a_member, an_image, stored_data
from tests.contract.catalogue.steps import at_once, change, ids, insist, keep, look
from tests.databases import blank_url
from tintype.adapters.database import schema, tables
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.errors import Duplicate
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.limits import Limits
from tintype.domain.quota import Resource
from tintype.domain.status import Status

LIMITS = Limits()
COUNT = Resource.COUNT_TOTAL


def change_unlocked(work: SqlWork, image_id: str, name: str, value: str) -> None:
    """Change one attribute of an image that was not got for update."""
    with work() as unit:
        image = unit.images.get(image_id, seen_by=ADMIN)
        image.set_attribute(name, value, LIMITS)
        unit.images.save(image)
        unit.commit()


def test_changes_of_different_fields_at_once_both_survive(work: SqlWork) -> None:
    image = an_image()
    keep(work, image)
    attempts = [
        partial(change_unlocked, work, image.id, "name", "new"),
        partial(change_unlocked, work, image.id, "disk_format", "qcow2"),
    ]

    at_once(*(partial(insist, attempt) for attempt in attempts))

    seen = look(work, image.id)
    assert (seen.name, seen.disk_format) == ("new", "qcow2")


def test_a_change_made_while_data_is_uploaded_survives_the_end_of_the_upload(
    work: SqlWork,
) -> None:
    image = an_image(name="before", properties={"k": "before"})
    keep(work, image)

    change(work, image.id, Image.begin_upload)
    change(work, image.id, lambda it: it.set_attribute("name", "meanwhile", LIMITS))
    change(work, image.id, lambda it: it.set_property("k", "meanwhile"))
    change(work, image.id, lambda it: it.finish_upload(stored_data()))

    seen = look(work, image.id)
    assert (seen.status, seen.name) == (Status.ACTIVE, "meanwhile")
    assert seen.properties == {"k": "meanwhile"}


def test_of_eight_who_take_one_id_one_wins(work: SqlWork) -> None:
    image_id = an_image().id

    outcomes = at_once(*(partial(keep, work, an_image(id=image_id, name=f"{n}")) for n in range(8)))

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, Duplicate) for outcome in outcomes) == 7


def test_a_member_removed_and_added_by_many_has_one_row(engine: Engine, work: SqlWork) -> None:
    image = an_image()
    keep(work, image)

    def come_and_go() -> None:
        for _ in range(5):
            try:
                keep(work, a_member(image.id, "friend"))
            except Duplicate:
                with work() as unit:
                    for member in unit.members.list(image.id):
                        unit.members.remove(member)
                    unit.commit()

    at_once(*(partial(insist, come_and_go) for _ in range(4)))

    with engine.connect() as connection:
        rows = connection.scalar(select(func.count()).select_from(tables.image_members))
    assert rows == 1


def test_what_waited_for_a_lock_reads_the_properties_of_the_winner(work: SqlWork) -> None:
    image = an_image(properties={"k": "before"})
    keep(work, image)
    second_is_off = threading.Event()
    seen: list[str] = []

    def second() -> None:
        second_is_off.set()
        with work() as unit:
            found = unit.images.get(image.id, seen_by=ADMIN, for_update=True)
            seen.append(found.properties["k"])

    with work() as unit:
        found = unit.images.get(image.id, seen_by=ADMIN, for_update=True)
        thread = threading.Thread(target=second)
        thread.start()
        second_is_off.wait()
        found.set_property("k", "after")
        unit.images.save(found)
        unit.commit()
    thread.join(60)

    assert seen == ["after"]


def test_who_waited_for_the_lock_on_a_project_counts_what_the_winner_added(
    work: SqlWork,
) -> None:
    second_is_off = threading.Event()
    counted: list[int] = []

    def second() -> None:
        second_is_off.set()
        with work() as unit:
            unit.usage.lock(OWNER)
            counted.append(unit.usage.of(OWNER, COUNT)[COUNT].present)

    with work() as unit:
        unit.usage.lock(OWNER)
        thread = threading.Thread(target=second)
        thread.start()
        second_is_off.wait()
        unit.images.add(an_image())
        unit.commit()
    thread.join(60)

    assert counted == [1]


@pytest.mark.parametrize("shared_engine", [True, False], ids=["one process", "many"])
def test_eight_writers_to_sqlite_lose_nothing_and_never_fail(shared_engine: bool) -> None:
    writers, commits = 8, 25
    with blank_url("sqlite") as url:
        engine = make_engine(url)
        schema.upgrade(engine)
        shared = SqlWork(engine)
        engines = [engine if shared_engine else make_engine(url) for _ in range(writers)]
        works = [shared if shared_engine else SqlWork(it) for it in engines]
        counter = an_image(owner=OWNER, min_ram=0)
        keep(shared, counter)

        def write(work: SqlWork) -> None:
            for _ in range(commits):
                keep(work, an_image())
                change(work, counter.id, count_up)

        outcomes = at_once(*(partial(write, work) for work in works))

        assert outcomes == [None] * writers
        assert look(shared, counter.id).min_ram == writers * commits
        assert len(ids(shared, ImageQuery(limit=9999))) == writers * commits + 1
        for each in {*engines}:
            each.dispose()


def count_up(image: Image) -> None:
    """Add one to a number that the image has."""
    image.set_attribute("min_ram", image.min_ram + 1, LIMITS)

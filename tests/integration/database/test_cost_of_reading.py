"""Reads cost a constant number of statements, along indexes that end in the sort keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg2.extensions import cursor
from sqlalchemy import Engine, event, insert

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_location, a_member, an_image
from tests.contract.catalogue.steps import keep
from tintype.adapters.database import label_times, tables
from tintype.adapters.database.engine import BEGIN
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.caller import Caller
from tintype.domain.image_query import Comparison, Condition, ImageQuery, SortKey, sort_keys
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility


@contextmanager
def statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Give the list of statements that are sent meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        sent.append((statement, values))

    class NotingCursor(cursor):
        def execute(self, query: Any, vars: Any = None) -> None:
            if not query.startswith("PREPARE"):  # once a connection
                sent.append((query, vars))
            super().execute(query, vars)

    def note_in_driver(connection: Any, *_more: object) -> None:
        connection.cursor_factory = NotingCursor

    # One statement goes past the library there.
    on_postgresql = engine.dialect.name == "postgresql"
    hook = ("checkout", note_in_driver) if on_postgresql else ("before_cursor_execute", note)
    event.listen(engine, *hook)
    try:
        yield sent
    finally:
        event.remove(engine, *hook)
        engine.dispose()


def fill(engine: Engine, count: int, first: int = 0) -> None:
    """Record images of every visibility and of two owners, each with parts."""
    visibilities = [visibility.value for visibility in Visibility]
    rows: dict[Any, list[dict[str, Any]]] = {
        **{tables.images: [], label_times.properties: []},
        **{label_times.tags: [], tables.image_locations: []},
    }
    for n in range(first, count):
        at = (THEN + timedelta(seconds=n)).replace(tzinfo=None)
        image_id = f"{n:08x}-0000-4000-8000-000000000000"
        base = {"created_at": at, "updated_at": at, "deleted": False}
        image = {"id": image_id, "status": "active", "min_disk": 0, "min_ram": 0}
        owner = OWNER if n % 2 else "somebody-else"
        rows[tables.images].append(
            {**base, **image, "owner": owner, "visibility": visibilities[n // 2 % 4]}
        )
        part = {**base, "image_id": image_id}
        label = {**part, label_times.TIME: at}
        rows[label_times.properties].append({**label, "name": "k", "value": str(n % 7)})
        rows[label_times.tags] += [{**label, "value": "t"}, {**label, "value": f"t{n % 9}"}]
        rows[tables.image_locations].append({**part, "value": f"file:///{n}"})
    with engine.connect() as connection:
        connection.exec_driver_sql(BEGIN[engine.dialect.name])
        for table, found in rows.items():
            connection.execute(insert(table), found)
        connection.exec_driver_sql("COMMIT")


@pytest.mark.parametrize("caller", [ADMIN, a_caller()], ids=["admin", "member"])
def test_a_page_is_one_statement_whatever_its_size(
    engine: Engine, work: SqlWork, caller: Caller
) -> None:
    fill(engine, 2000)

    with statements(engine) as sent:
        for limit in (1, 25, 1000):
            with work(read_only=True) as unit:
                assert len(unit.images.list(ImageQuery(limit=limit), seen_by=caller)) == limit

    assert len(sent) == 3 * (1 + counts_offers(engine, caller))


def counts_offers(engine: Engine, caller: Caller) -> bool:
    """Tell whether a page that is read along its ranges costs a look at what was offered."""
    return engine.dialect.name == "sqlite" and not caller.is_admin


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_others_share_with_others_costs_nothing(engine: Engine, work: SqlWork) -> None:
    steps: list[int] = []

    def watch(connection: Any, *_more: object) -> None:
        connection.set_progress_handler(lambda: steps.append(1), 100)

    event.listen(engine, "checkout", watch)
    fill(engine, 400)

    def cost() -> int:
        steps.clear()
        with work(read_only=True) as unit:
            unit.images.list(ImageQuery(limit=25), seen_by=a_caller())
        return len(steps)

    before = cost()
    fill(engine, 8000, first=400)

    assert cost() < 2 * before


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (ImageQuery(limit=1, tags=("t",)), 4),
        (ImageQuery(limit=1, properties={"k": "3"}, tags=("t", "t3")), 4),
        (ImageQuery(limit=1, sort=sort_keys((SortKey("name", False),), None)), 2),
        (ImageQuery(limit=1, sort=sort_keys((SortKey("name", False),), False)), 1),
    ],
    ids=["by tag", "by tags and a property", "name up, time down", "name up, time up"],
)
def test_a_page_is_a_few_statements_whatever_is_asked(
    engine: Engine, work: SqlWork, query: ImageQuery, most: int
) -> None:
    fill(engine, 500)

    for limit in (1, 7, 20):
        with statements(engine) as sent, work(read_only=True) as unit:
            unit.images.list(replace(query, limit=limit), seen_by=a_caller())
        walked = not query.tags
        assert len(sent) <= most + (walked and counts_offers(engine, a_caller()))


def test_looking_up_a_marker_costs_one_statement_more(engine: Engine, work: SqlWork) -> None:
    fill(engine, 10)
    query = ImageQuery(limit=5, marker=f"{7:08x}-0000-4000-8000-000000000000")

    with statements(engine) as sent, work(read_only=True) as unit:
        assert len(unit.images.list(query, seen_by=ADMIN)) == 5

    assert len(sent) == 2


def test_a_lookup_is_one_statement_however_many_parts_there_are(
    engine: Engine, work: SqlWork
) -> None:
    image = an_image(
        Status.ACTIVE,
        properties={f"k{n}": "v" for n in range(50)},
        tags=[f"t{n}" for n in range(50)],
        locations=[a_location(f"file:///{n}") for n in range(10)],
    )
    keep(work, image)

    with statements(engine) as sent, work(read_only=True) as unit:
        found = unit.images.get(image.id, seen_by=a_caller())

    assert len(sent) == 1
    assert (len(found.properties), len(found.tags), len(found.locations)) == (50, 50, 10)


def test_membership_is_asked_for_only_where_it_matters(engine: Engine, work: SqlWork) -> None:
    image = an_image()
    keep(work, image, a_member(image.id))

    with statements(engine) as sent:
        with work(read_only=True) as unit:
            unit.images.get(image.id, seen_by=a_caller())
        with work(read_only=True) as unit:
            unit.images.get(image.id, seen_by=a_caller("a-friend"))

    assert len(sent) == 1 + 2


def test_reading_neither_begins_nor_ends_a_transaction(engine: Engine, work: SqlWork) -> None:
    with statements(engine) as sent, work(read_only=True) as unit:
        unit.leases.list()

    assert [statement for statement, _ in sent if not statement.startswith("SELECT")] == []


# ------------------------------------------------------------------ plans

LISTS = {
    "newest first": ImageQuery(limit=25),
    "deep": ImageQuery(limit=25, marker=f"{901:08x}-0000-4000-8000-000000000000"),
    "by visibility": ImageQuery(limit=25, visibility=Visibility.PUBLIC),
    "with community": ImageQuery(limit=25, any_visibility=True),
    "by name": ImageQuery(limit=25, conditions=(Condition("name", Comparison.EQ, "x"),)),
    "by tag": ImageQuery(limit=25, tags=("t3",)),
    "by property": ImageQuery(limit=25, properties={"k": "3"}),
    "sorted by name": ImageQuery(limit=25, sort=sort_keys((SortKey("name", False),), None)),
}


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("query", LISTS.values(), ids=LISTS.keys())
@pytest.mark.parametrize("caller", [ADMIN, a_caller()], ids=["admin", "member"])
def test_no_list_reads_a_whole_table(
    engine: Engine, work: SqlWork, query: ImageQuery, caller: Caller
) -> None:
    fill(engine, 1000)
    with statements(engine) as sent, work(read_only=True) as unit:
        unit.images.list(query, seen_by=caller)
    statement, values = sent[-1]

    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()

    steps = [step for *_, step in plan]
    tables_read = [step for step in steps if step.startswith(("SCAN image", "SCAN images"))]
    assert [step for step in tables_read if "USING INDEX" not in step] == [], steps
    assert not any("ix_image_properties_deleted" in step for step in steps), steps

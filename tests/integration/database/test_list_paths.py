"""A list is the same whichever way it is read: past what does not match, or from what does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Select, update

from tests.builders import ADMIN, THEN, a_caller, an_image
from tests.contract.catalogue.model import Entry, listed
from tests.contract.catalogue.steps import delete, keep
from tests.contract.catalogue.test_lists_by_model import (
    callers,
    catalogues,
    clear,
    fill,
    queries,
)
from tintype.adapters.database import label_times
from tintype.adapters.database.image_lists.statements import ListStatements
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery, SortKey, sort_keys
from tintype.domain.visibility import Visibility


class Lists:
    """Pages as one way of reading finds them.

    `few` is the most matches to begin from, `reach` how many with a label are looked at first.
    """

    def __init__(self, engine: Engine, few: int, reach: int = 0) -> None:
        self._engine = engine
        self.statements = ListStatements(engine.dialect.name, few, reach)
        self._work = SqlWork(engine)

    def all_pages(self, query: ImageQuery, caller: Caller) -> list[str]:
        """Follow the pages to the end."""
        found: list[str] = []
        while True:
            page = self._page(query, caller)
            found += page
            if len(page) < query.limit:
                return found
            query = replace(query, marker=page[-1])

    def _page(self, query: ImageQuery, caller: Caller) -> list[str]:
        after = None
        if query.marker is not None:
            with self._work(read_only=True) as unit:
                after = unit.images.get(query.marker, seen_by=caller)
        page: list[str] = []
        for page in self.tries(query, caller, after):
            if len(page) >= query.limit:
                break
        return page

    def tries(self, query: ImageQuery, caller: Caller, after: Image | None) -> Iterator[list[str]]:
        """Yield what each of the statements for a page finds."""
        for statement, values in self.statements.pages(query, caller, after, self.first_row):
            yield [str(row[0]) for row in self._rows(statement, values)]

    def first_row(self, statement: Select[Any], values: dict[str, Any]) -> Sequence[Any]:
        rows = self._rows(statement, values)
        return rows[0] if rows else ()

    def _rows(self, statement: Select[Any], values: dict[str, Any]) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(statement, values).all()


@pytest.mark.parametrize(
    ("few", "reach", "lacking"),
    [(0, 0, 0), (1000, 0, 0), (0, 1, 2), (0, 1000, 2), (1, 2, 3)],
    ids=["walked", "gathered", "a label first", "along a label", "any"],
)
@settings(
    deadline=None,
    max_examples=4,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(entries=catalogues(), asked=st.lists(st.tuples(callers, queries()), min_size=1, max_size=8))
def test_pages_are_those_of_the_model_whichever_way_they_are_read(
    engine: Engine,
    work: SqlWork,
    few: int,
    reach: int,
    lacking: int,
    entries: list[Entry],
    asked: list[tuple[Caller, ImageQuery]],
) -> None:
    lists = Lists(engine, few, reach)
    fill(work, entries)
    if lacking:
        forget_times(engine, lacking)
    try:
        for caller, query in asked:
            assert lists.all_pages(query, caller) == listed(entries, query, caller)
    finally:
        clear(work, entries)


def forget_times(engine: Engine, each: int) -> None:
    """Have some tags and properties as programs write them that know nothing of the time."""
    with engine.connect() as connection:
        for table in (label_times.tags, label_times.properties):
            those = update(table).where(table.c.id % each == 0)
            connection.execute(those.values({label_times.TIME: None}))


def test_what_another_program_tagged_does_not_come_before_its_turn(
    engine: Engine, work: SqlWork
) -> None:
    oldest, middle, unseen, newest = images = [
        an_image(tags={"t"}, created_at=THEN + timedelta(hours=hour)) for hour in range(4)
    ]
    unseen.owner, unseen.visibility = "a-stranger", Visibility.PRIVATE
    keep(work, *images)
    c = label_times.tags.c
    with engine.connect() as connection:
        of_oldest = update(label_times.tags).where(c.image_id == oldest.id)
        connection.execute(of_oldest.values({label_times.TIME: None}))
    by_tag = ImageQuery(limit=2, sort=sort_keys((), None), tags=("t",))

    lists = Lists(engine, few=0, reach=1)

    assert lists.all_pages(by_tag, a_caller()) == [newest.id, middle.id, oldest.id]


@pytest.mark.parametrize(
    ("tag", "begins_from_one"),
    [("a", False), ("b", True)],
    ids=["on many images", "on hardly any image"],
)
def test_filters_that_never_meet_are_noticed(
    engine: Engine, work: SqlWork, tag: str, begins_from_one: bool
) -> None:
    with work() as unit:
        for number in range(60):
            unit.images.add(an_image(tags={"x", "a" if number else "b"}))
        unit.images.add(an_image(tags={"b"}))
        unit.commit()
    query = ImageQuery(limit=2, sort=sort_keys((), None), tags=("x", tag))
    lists = Lists(engine, few=0)

    statement, _ = next(lists.statements.pages(query, ADMIN, None, lists.first_row))

    assert ("matches" in str(statement)) is begins_from_one


def test_a_page_is_read_again_if_images_went_since_its_boundary_was_looked_up(
    engine: Engine, work: SqlWork
) -> None:
    images = [an_image(name=name) for name in "abcd"]
    for image in images:
        keep(work, image)

    class Hasty(Lists):
        def first_row(self, statement: Select[Any], values: dict[str, Any]) -> Sequence[Any]:
            found = super().first_row(statement, values)
            delete(work, images[0].id)
            return found

    by_name = ImageQuery(limit=2, sort=sort_keys((SortKey("name", False),), None))

    first, last = Hasty(engine, few=0).tries(by_name, ADMIN, None)

    assert first == [images[1].id]
    assert last == [images[1].id, images[2].id]

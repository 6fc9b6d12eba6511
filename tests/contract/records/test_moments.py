"""What a call sees of what happens meanwhile, and what it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.contract.records.making import ADMIN, OWNER, an_image, images, live
from tintype.adapters.database.records.work import SqlRecordWork
from tintype.adapters.system.clock import SystemClock
from tintype.adapters.system.ids import RandomIds
from tintype.application.records.images import ImageRecords
from tintype.domain.caller import Caller
from tintype.domain.record.image_query import ImageRecordQuery
from tintype.domain.record.viewer import Viewer
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.sorting import sorted_by


def test_all_that_is_read_in_one_call_is_of_one_moment(server: Engine) -> None:
    image_id = an_image(properties={"a": "1"})["id"]

    with SqlRecordWork(server)(read_only=True) as records:
        (before,) = records.images.find(id=image_id)
        db.image_update(OWNER, image_id, {"name": "new", "properties": {"a": "2"}})
        (entry,) = records.properties.find(image_id=image_id)
        (after,) = records.images.find(id=image_id)

    assert (before, entry["value"]) == (after, "1")
    assert live(db.image_get(OWNER, image_id)) == {"a": "2"}


def test_a_call_that_is_refused_leaves_everything_as_it_was() -> None:
    image = an_image(properties={"a": "1"}, locations=[{"url": "file:///a", "metadata": {}}])
    values = {
        **{"name": "new", "properties": {"a": "2", "b": "3"}},
        "locations": [{"id": 4711, "url": "file:///b", "metadata": {}}],
    }

    with pytest.raises(exceptions.NotFound):
        db.image_update(OWNER, image["id"], values, purge_props=True)

    assert db.image_get(OWNER, image["id"]) == image


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the questions that are put to a database."""
    asked: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_a_list_takes_as_many_questions_as_one_image(server: Engine) -> None:
    for image_id in images(10, properties={"a": "1", "b": "2"}):
        db.image_tag_set_all(ADMIN, image_id, ["x", "y"])
    everything = ImageRecordQuery(sort=sorted_by(None, None, ["created_at"]))
    work = ImageRecords(SqlRecordWork(server), SystemClock(), RandomIds())

    with counted(server) as asked:
        found = work.list(Viewer(Caller(is_admin=True)), everything, with_tags=True)

    assert [image["tags"] for image in found] == [["x", "y"]] * 10
    assert len(asked) == 4

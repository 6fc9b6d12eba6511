"""What the cache of a node holds is read along an index, however much other nodes hold."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from tests.builders import THEN
from tests.integration.database.test_cost_of_reading import statements
from tintype.adapters.database import tables
from tintype.adapters.database.records.work import SqlRecordWork
from tintype.adapters.system.clock import SystemClock
from tintype.application.records.cache import CacheRecords

NODES, IMAGES = 50, 60
NODE = "http://node-7:9292"
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN", "mysql": "EXPLAIN"}


@pytest.fixture
def caches(engine: Engine) -> CacheRecords:
    """Caches of many nodes, with as many images in each."""
    at = THEN.replace(tzinfo=None)
    urls = [{"node_reference_url": f"http://node-{n}:9292"} for n in range(NODES)]
    with engine.connect() as connection:
        connection.execute(insert(tables.node_reference), urls)
        keys = connection.scalars(tables.node_reference.select()).all()
        row = {"last_modified": at, "size": 1, "hits": 0}
        held = [
            {
                **row,
                "image_id": f"image-{n}",
                "node_reference_id": key,
                "last_accessed": at + timedelta(seconds=n * key),
            }
            for n in range(IMAGES)
            for key in keys
        ]
        connection.execute(insert(tables.cached_images), held)
        table = "TABLE " if engine.dialect.name == "mysql" else ""
        connection.exec_driver_sql(f"ANALYZE {table}cached_images")
    return CacheRecords(SqlRecordWork(engine), SystemClock())


BY_NODE = "tintype_cached_images_node"
READS: dict[str, tuple[Callable[[CacheRecords], Any], str]] = {
    "get_least_recently_accessed": (
        lambda caches: caches.least_recently_accessed(NODE),
        BY_NODE,
    ),
    # There the index of the foreign key has the rows in order of their ids, too.
    "get_cached_images": (lambda caches: caches.find(NODE), "node_reference_id"),
}


@pytest.mark.parametrize(("read", "on_mysql"), READS.values(), ids=READS)
def test_the_cache_of_a_node_is_read_along_an_index(
    engine: Engine, caches: CacheRecords, read: Callable[[CacheRecords], Any], on_mysql: str
) -> None:
    with statements(engine) as sent:
        assert read(caches)
    [(statement, values)] = [it for it in sent if "FROM cached_images" in it[0]]

    with engine.connect() as connection:
        explained = f"{EXPLAIN[engine.dialect.name]} {statement}"
        plan = connection.exec_driver_sql(explained, values).all()

    if engine.dialect.name == "mysql":
        assert [step.key for step in plan] == [on_mysql]
    else:
        assert BY_NODE in str(plan)

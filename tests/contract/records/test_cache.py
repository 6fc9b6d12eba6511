"""What the caches of nodes hold."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.records.making import ADMIN, THEN
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

NODE, ELSEWHERE = "http://node-1:9292", "http://node-2:9292"


@pytest.fixture(autouse=True)
def nodes(server: object) -> None:
    """Record two nodes."""
    for url in (NODE, ELSEWHERE):
        db.node_reference_create(ADMIN, url)


def cached(url: str = NODE) -> list[str]:
    """Return the ids of the images in the cache of a node."""
    return [row["image_id"] for row in db.get_cached_images(ADMIN, url)]


def test_a_node_is_recorded_once() -> None:
    node = db.node_reference_get_by_url(ADMIN, NODE)

    assert set(node) == {"node_reference_id", "node_reference_url"}
    assert node["node_reference_url"] == node.node_reference_url == NODE
    assert (
        node.node_reference_id
        != db.node_reference_get_by_url(ADMIN, ELSEWHERE)["node_reference_id"]
    )
    with pytest.raises(exceptions.Duplicate):
        db.node_reference_create(ADMIN, NODE)
    with pytest.raises(exceptions.NotFound):
        db.node_reference_get_by_url(ADMIN, "http://unknown")


def test_an_image_is_in_the_cache_of_its_node() -> None:
    times: dict[str, Any] = {
        "last_accessed": THEN,
        "last_modified": THEN.replace(tzinfo=UTC).timestamp(),
    }
    db.insert_cache_details(ADMIN, NODE, "i", 17, checksum="c", hits=3, **times)

    (row,) = db.get_cached_images(ADMIN, NODE)

    moment = THEN.replace(tzinfo=UTC).timestamp()
    assert isinstance(row.pop("id"), int)
    assert row == {
        **{"image_id": "i", "size": 17, "hits": 3, "checksum": "c"},
        **{"last_accessed": moment, "last_modified": moment},
    }
    assert db.is_image_cached_for_node(ADMIN, NODE, "i") is True
    assert db.is_image_cached_for_node(ADMIN, ELSEWHERE, "i") is False
    assert (cached(ELSEWHERE), cached("http://unknown")) == ([], [])


def test_what_is_recorded_already_stays_as_it_is() -> None:
    before = datetime.now(UTC).timestamp()
    db.insert_cache_details(ADMIN, NODE, "i", 17)
    db.insert_cache_details(ADMIN, NODE, "i", 99)

    (row,) = db.get_cached_images(ADMIN, NODE)

    assert (row["size"], row["hits"], row["checksum"]) == (17, 0, None)
    assert before - 1 <= row["last_accessed"] == row["last_modified"] <= before + 300


def test_a_node_must_be_recorded_before_its_images() -> None:
    with pytest.raises(exceptions.NotFound):
        db.insert_cache_details(ADMIN, "http://unknown", "i", 17)


def test_hits_are_counted() -> None:
    db.insert_cache_details(ADMIN, NODE, "i", 17, last_accessed=THEN)

    counts = [db.get_hit_count(ADMIN, "i", NODE)]
    for _ in range(2):
        db.update_hit_count(ADMIN, "i", NODE)
        counts.append(db.get_hit_count(ADMIN, "i", NODE))

    assert counts == [0, 1, 2]
    last = db.get_cached_images(ADMIN, NODE)[0]["last_accessed"]
    assert last > THEN.replace(tzinfo=UTC).timestamp()
    assert db.get_hit_count(ADMIN, "unknown", NODE) == 0
    assert db.get_hit_count(ADMIN, "i", ELSEWHERE) == 0


def test_the_least_recently_accessed_image_is_known() -> None:
    assert db.get_least_recently_accessed(ADMIN, NODE) is None
    for name, minute in (("late", 3), ("first", 1), ("second", 1)):
        time = THEN.replace(minute=minute)
        db.insert_cache_details(ADMIN, NODE, name, 17, last_accessed=time)

    assert db.get_least_recently_accessed(ADMIN, NODE) == "first"
    db.update_hit_count(ADMIN, "first", NODE)
    assert db.get_least_recently_accessed(ADMIN, NODE) == "second"


def test_images_are_forgotten_one_by_one_or_all() -> None:
    for url in (NODE, ELSEWHERE):
        for name in ("a", "b"):
            db.insert_cache_details(ADMIN, url, name, 17)

    nodes = db.get_cached_nodes(ADMIN, "a")
    db.delete_cached_image(ADMIN, "a", NODE)
    one = cached()
    db.delete_all_cached_images(ADMIN, NODE)

    assert nodes == [NODE, ELSEWHERE]
    assert (one, cached(), cached(ELSEWHERE)) == (["b"], [], ["a", "b"])
    assert db.get_cached_nodes(ADMIN, "a") == [ELSEWHERE]
    db.delete_cached_image(ADMIN, "unknown", NODE)
    db.delete_all_cached_images(ADMIN, "http://unknown")

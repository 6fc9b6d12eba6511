"""What cannot be is refused by an exception that callers know (contract, database functions)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tintype.entrypoints.python import database, exceptions

db: Any = database
"""The functions, as a program calls them whose types nobody checks."""

ADMIN = db.Context(is_admin=True, project_id="admin")
MEMBER = db.Context(project_id="p1")
IMAGE, NAMESPACE, NODE = "image", "namespace", "http://node"
TASK = {"type": "import", "status": "pending"}

CIRCLE: dict[str, Any] = {}
CIRCLE["itself"] = CIRCLE


@pytest.fixture(scope="module", autouse=True)
def _catalogue() -> None:
    """An image, a task, a namespace and a node in an empty database."""
    db.configure("sqlite://")
    db.image_create(ADMIN, {"id": IMAGE, "status": "active"})
    db.task_create(ADMIN, {"id": "task", **TASK})
    db.metadef_namespace_create(ADMIN, {"namespace": NAMESPACE})
    db.node_reference_create(ADMIN, NODE)


def with_location(location: Any) -> Any:
    """Give the image a location."""
    return db.image_location_add(ADMIN, IMAGE, location)


def an_image(**values: Any) -> Any:
    """Record an image."""
    return db.image_create(ADMIN, {"status": "active", **values})


def cached(**details: Any) -> Any:
    """Record an image in the cache of the node."""
    return db.insert_cache_details(ADMIN, NODE, IMAGE, 1, **details)


INVALID: dict[str, Callable[[], Any]] = {
    "images without values": lambda: db.image_create(ADMIN, None),
    "changes without values": lambda: db.image_update(ADMIN, IMAGE, None),
    "a status in a list": lambda: an_image(status=["active"]),
    "a visibility in a list": lambda: an_image(visibility=["public"]),
    "locations that are URLs": lambda: an_image(locations=["http://x"]),
    "locations that are a number": lambda: an_image(locations=5),
    "no location": lambda: with_location(None),
    "a location that is a URL": lambda: with_location("http://x"),
    "changes of no location": lambda: db.image_location_update(ADMIN, IMAGE, None),
    "metadata of objects": lambda: with_location({"url": "u", "metadata": {"a": object()}}),
    "metadata with sets": lambda: an_image(locations=[{"url": "u", "metadata": {"a": {1}}}]),
    "a mark in a list": lambda: db.image_location_delete(ADMIN, IMAGE, 1, ["deleted"]),
    "a text for a time": lambda: db.image_location_delete(ADMIN, IMAGE, 1, "deleted", "zz"),
    "a property without values": lambda: db.image_property_create(ADMIN, None),
    "a member without values": lambda: db.image_member_create(ADMIN, None),
    "changes of a member without values": lambda: db.image_member_update(ADMIN, 1, None),
    "a task without values": lambda: db.task_create(ADMIN, None),
    "changes of a task without values": lambda: db.task_update(ADMIN, "task", None),
    "input of bytes": lambda: db.task_create(ADMIN, {**TASK, "input": b"x"}),
    "input with a time": lambda: db.task_create(
        ADMIN, {**TASK, "input": {"at": datetime(2020, 1, 1)}}
    ),
    "input in a circle": lambda: db.task_create(ADMIN, {**TASK, "input": CIRCLE}),
    "a result of bytes": lambda: db.task_update(ADMIN, "task", {"result": b"x"}),
    "a text for a time of access": lambda: cached(last_accessed="zz"),
    "a time of access beyond all years": lambda: cached(last_accessed=1e30),
    "a time of change that is no number": lambda: cached(last_modified=float("nan")),
    "visibility of no image": lambda: db.is_image_visible(MEMBER, None),
    "an unknown visibility": lambda: db.is_image_visible(MEMBER, {"owner": "p", "visibility": "z"}),
    "a number for the name of a filter": lambda: db.image_get_all(ADMIN, {5: "a"}),
    "properties to filter by in a list": lambda: db.image_get_all(ADMIN, {"properties": ["a"]}),
    "a number for tags to filter by": lambda: db.image_get_all(ADMIN, {"tags": 5}),
    "a namespace without values": lambda: db.metadef_namespace_create(ADMIN, None),
    "an object without values": lambda: db.metadef_object_create(ADMIN, NAMESPACE, None),
    "a resource type without values": lambda: db.metadef_resource_type_create(ADMIN, None),
    "no tags": lambda: db.metadef_tag_create_tags(ADMIN, NAMESPACE, None),
    "tags that are numbers": lambda: db.metadef_tag_create_tags(ADMIN, NAMESPACE, [5]),
    "no directory": lambda: db.db_load_metadefs(None),
}


@pytest.mark.parametrize("what", INVALID)
def test_what_cannot_be_is_invalid(what: str) -> None:
    with pytest.raises(exceptions.Invalid):
        INVALID[what]()


NOT_FOUND: dict[str, tuple[type[Exception], Callable[[], Any]]] = {
    "image": (exceptions.ImageNotFound, lambda: db.image_restore(ADMIN, None)),
    "namespace": (
        exceptions.MetadefNamespaceNotFound,
        lambda: db.metadef_namespace_get(ADMIN, None),
    ),
    "location": (
        exceptions.NotFound,
        lambda: an_image(locations=[{"id": [1], "url": "x"}]),
    ),
    "home of a tag": (
        exceptions.MetadefNamespaceNotFound,
        lambda: db.metadef_tag_get(ADMIN, None, "tag"),
    ),
    "tag": (exceptions.MetadefTagNotFound, lambda: db.metadef_tag_get(ADMIN, NAMESPACE, None)),
    "deleted tag": (
        exceptions.MetadefTagNotFound,
        lambda: db.metadef_tag_delete(ADMIN, NAMESPACE, None),
    ),
}


@pytest.mark.parametrize("what", NOT_FOUND)
def test_what_is_named_by_none_or_a_list_is_not_found(what: str) -> None:
    raised, call = NOT_FOUND[what]
    with pytest.raises(raised):
        call()


def test_an_image_without_an_id_is_shared_with_nobody() -> None:
    assert not db.is_image_visible(MEMBER, {"owner": "p2", "visibility": "shared"})

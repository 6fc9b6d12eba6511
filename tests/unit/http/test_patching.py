"""Changing images by patch (images-api §4.3)."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    READER,
    V20,
    V21,
    Answer,
    Service,
    each,
)
from tintype.domain.errors import Invalid, TintypeError
from tintype.domain.limits import Limits
from tintype.domain.status import Status
from tintype.entrypoints.http.schemas.image import ImageSchema
from tintype.entrypoints.http.schemas.patch import load_patch, parse_pointer


def change(
    service: Service, op: str, path: Any, value: Any = "x", image_id: str | None = None
) -> Answer:
    """Send a patch of one operation, of a new image unless one is named."""
    item = {"op": op, "path": path} | ({} if op == "remove" else {"value": value})
    return service.patch(image_id or service.an_image(color="red"), [item])


@each(
    {
        "no change": (lambda s: s.patch(s.an_image(), []), 200),
        "a base attribute replaced": (lambda s: change(s, "replace", "/name"), 200),
        "a base attribute added": (lambda s: change(s, "add", "/name"), 200),
        "a present property added": (lambda s: change(s, "add", "/color"), 200),
        "a new property added": (lambda s: change(s, "add", "/size_of_shoe"), 200),
        "a property replaced": (lambda s: change(s, "replace", "/color"), 200),
        "a property removed": (lambda s: change(s, "remove", "/color"), 200),
        "tags replaced": (lambda s: change(s, "replace", "/tags", ["a"]), 200),
        "a format before there is data": (
            lambda s: change(s, "replace", "/disk_format", "qcow2"),
            200,
        ),
        "an owner, by an administrator": (
            lambda s: change(s.seen_by(ADMIN), "add", "/owner", "other", s.an_image()),
            200,
        ),
        "no owner, by an administrator": (
            lambda s: change(s.seen_by(ADMIN), "replace", "/owner", None, s.an_image()),
            200,
        ),
        "a patch while data is on its way": (
            lambda s: change(s, "replace", "/name", image_id=an_image_in(s, Status.SAVING)),
            200,
        ),
        "a format while data is imported": (
            lambda s: change(s, "replace", "/disk_format", "raw", an_image_in(s, Status.IMPORTING)),
            200,
        ),
        "a community image": (lambda s: change(s, "replace", "/visibility", "community"), 200),
        "a public image, by an administrator": (
            lambda s: change(s.seen_by(ADMIN), "replace", "/visibility", "public", s.an_image()),
            200,
        ),
        "a key in any script": (lambda s: change(s, "add", "/💿", "💿"), 200),
        "a key with a NUL": (lambda s: change(s, "add", "/a\0"), 400),
        "a value with a NUL": (lambda s: change(s, "add", "/a", "\0"), 400),
        "a tag with a NUL": (lambda s: change(s, "replace", "/tags", ["\0"]), 400),
        "three levels of locations": (lambda s: change(s, "add", "/locations/0/url"), 400),
        "no array": (lambda s: s.patch(s.an_image(), {"op": "add"}), 400),
        "an item that is no object": (lambda s: s.patch(s.an_image(), ["add"]), 400),
        "an unknown operation": (lambda s: change(s, "test", "/name"), 400),
        "a move": (
            lambda s: s.patch(s.an_image(), [{"op": "move", "from": "/a", "path": "/b"}]),
            400,
        ),
        "no operation": (lambda s: s.patch(s.an_image(), [{"path": "/a", "value": "x"}]), 400),
        "an operation that is no text": (lambda s: change(s, "add", ["/a"]), 400),
        "a list for an operation": (
            lambda s: s.patch(s.an_image(), [{"op": ["add"], "path": "/a", "value": "x"}]),
            400,
        ),
        "no path": (lambda s: s.patch(s.an_image(), [{"op": "add", "value": "x"}]), 400),
        "no value": (lambda s: s.patch(s.an_image(), [{"op": "add", "path": "/a"}]), 400),
        "a path without a slash": (lambda s: change(s, "add", "name"), 400),
        "a path that ends in a slash": (lambda s: change(s, "add", "/name/"), 400),
        "an empty path": (lambda s: change(s, "add", ""), 400),
        "a slash alone": (lambda s: change(s, "add", "/"), 400),
        "an empty segment": (lambda s: change(s, "add", "//name"), 400),
        "a bad escape": (lambda s: change(s, "add", "/a~2b"), 400),
        "a bad escape that another one hides": (lambda s: change(s, "add", "/a~~01"), 400),
        "a tilde at the end": (lambda s: change(s, "add", "/a~"), 400),
        "a number for a path": (lambda s: change(s, "add", 1), 400),
        "two levels": (lambda s: change(s, "add", "/a/b"), 400),
        "one tag": (lambda s: change(s, "add", "/tags/-"), 400),
        "locations without a place": (lambda s: change(s, "add", "/locations", {}), 400),
        "a wrong type": (lambda s: change(s, "replace", "/name", 1), 400),
        "a wrong type of a property": (lambda s: change(s, "add", "/color", 1), 400),
        "null for a property": (lambda s: change(s, "replace", "/color", None), 400),
        "a value out of range": (lambda s: change(s, "replace", "/min_disk", -1), 400),
        "a value beyond the column": (lambda s: change(s, "replace", "/min_ram", 1 << 31), 400),
        "an unknown format": (lambda s: change(s, "replace", "/disk_format", "floppy"), 400),
        "an unknown visibility": (lambda s: change(s, "replace", "/visibility", "secret"), 400),
        "a long key": (lambda s: change(s, "add", "/" + "x" * 256), 400),
        "a long tag": (lambda s: change(s, "replace", "/tags", ["x" * 256]), 400),
        "the size of a wrong type": (lambda s: change(s, "add", "/size", "big"), 403),
        "stores of a wrong type": (lambda s: change(s, "add", "/stores", ["ram"]), 403),
        "a reserved name of a wrong type": (lambda s: change(s, "add", "/deleted", True), 403),
        "a base attribute removed": (lambda s: change(s, "remove", "/name"), 403),
        "tags removed": (lambda s: change(s, "remove", "/tags"), 403),
        "a property of the service": (lambda s: change(s, "add", "/os_glance_x"), 403),
        "a property of the service removed": (lambda s: change(s, "remove", "/os_glance_x"), 403),
        "an owner": (lambda s: change(s, "replace", "/owner", "other"), 403),
        "an owner added": (lambda s: change(s, "add", "/owner", "other"), 403),
        "a public image": (lambda s: change(s, "replace", "/visibility", "public"), 403),
        "a format once there is data": (
            lambda s: change(s, "replace", "/disk_format", "raw", s.an_image(b"data")),
            403,
        ),
        "a location": (
            lambda s: change(s, "add", "/locations/-", {"url": "http://x/a", "metadata": {}}),
            403,
        ),
        "all locations": (lambda s: change(s, "replace", "/locations", []), 403),
        "a location removed": (lambda s: change(s, "remove", "/locations/0"), 403),
        "a reader's": (
            lambda s: change(s.seen_by(READER), "replace", "/name", image_id=s.an_image()),
            403,
        ),
        "a member's": (lambda s: change(s.seen_by(OTHER), "add", "/a", image_id=shared(s)), 403),
        "an owner kept": (lambda s: change(s, "replace", "/owner", "owner"), 403),
        "no owner": (lambda s: change(s, "replace", "/owner", None), 403),
        "a format, although it is the same": (
            lambda s: change(s, "replace", "/container_format", "bare", s.an_image(b"data")),
            403,
        ),
        "no change by a reader": (lambda s: s.patch(s.an_image(), [], V21), 200),
        "a stranger's": (
            lambda s: change(s.seen_by(OTHER), "add", "/a", image_id=s.an_image()),
            404,
        ),
        "no image": (lambda s: change(s, "replace", "/name", image_id=NO_SUCH_ID), 404),
        "no change of no image": (lambda s: s.patch(NO_SUCH_ID, []), 404),
        "an absent property replaced": (lambda s: change(s, "replace", "/absent"), 409),
        "an absent property removed": (lambda s: change(s, "remove", "/absent"), 409),
        "too many tags": (
            lambda s: change(s, "replace", "/tags", [f"t{n}" for n in range(129)]),
            413,
        ),
        "too many properties": (lambda s: s.patch(s.an_image(), many_properties(129)), 413),
        "no type": (lambda s: s.patch(s.an_image(), [], ""), 415),
        "the type of plain JSON": (lambda s: s.patch(s.an_image(), [], "application/json"), 415),
        "the type of RFC 6902": (
            lambda s: s.patch(s.an_image(), [], "application/json-patch+json"),
            415,
        ),
        "a type with parameters": (lambda s: s.patch(s.an_image(), [], f"{V21}; charset=x"), 200),
        "the older type": (lambda s: s.patch(s.an_image(), [], V20), 200),
    }
)
def test_what_a_patch_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


@pytest.mark.parametrize(
    "name",
    [
        *("created_at", "updated_at", "status", "checksum", "size", "virtual_size"),
        *("direct_url", "self", "file", "schema", "id", "os_hash_algo", "os_hash_value"),
        *("stores", "location", "deleted", "deleted_at"),
    ],
)
@pytest.mark.parametrize(
    ("op", "value"),
    [("add", "x"), ("add", 1), ("replace", "x"), ("replace", None), ("remove", None)],
)
def test_what_the_service_sets_is_refused_whatever_the_value(
    service: Service, op: str, value: Any, name: str
) -> None:
    assert change(service, op, f"/{name}", value).status == 403


@pytest.mark.parametrize("name", ["member", "delete", "image_id", "extra_properties", "events"])
def test_names_that_mean_something_inside_are_ordinary_properties(
    service: Service, name: str
) -> None:
    assert change(service, "add", f"/{name}", "x").json[name] == "x"


def an_image_in(service: Service, status: Status) -> str:
    """Return an image in that status."""
    image_id = service.an_image()
    service.put_into(image_id, status)
    return image_id


def shared(service: Service) -> str:
    """Return an image that is shared with the other project."""
    image_id = service.an_image()
    service.shared_with(image_id, "other")
    return image_id


def many_properties(count: int) -> list[dict[str, str]]:
    """Return a patch that adds so many properties."""
    return [{"op": "add", "path": f"/p{n}", "value": ""} for n in range(count)]


@each(
    {
        "a new property added": (lambda s: old(s, {"add": "/new", "value": "x"}), 200),
        "a property replaced": (lambda s: old(s, {"replace": "/color", "value": "x"}), 200),
        "a property removed": (lambda s: old(s, {"remove": "/color"}), 200),
        "a base attribute replaced": (lambda s: old(s, {"replace": "/name", "value": "x"}), 200),
        "no operation": (lambda s: old(s, {"value": "x"}), 400),
        "two operations in one": (
            lambda s: old(s, {"add": "/a", "replace": "/b", "value": "x"}),
            400,
        ),
        "the form of the newer one": (
            lambda s: old(s, {"op": "add", "path": "/a", "value": "x"}),
            400,
        ),
        "a path that is no text": (lambda s: old(s, {"add": None, "value": "x"}), 400),
        "no value": (lambda s: old(s, {"add": "/a"}), 400),
        "a present property added": (lambda s: old(s, {"add": "/color", "value": "x"}), 409),
        "a base attribute added": (lambda s: old(s, {"add": "/name", "value": "x"}), 409),
        "an absent property replaced": (lambda s: old(s, {"replace": "/no", "value": "x"}), 409),
    }
)
def test_what_a_patch_in_the_older_dialect_is_answered(
    service: Service, ask: Any, status: int
) -> None:
    assert ask(service).status == status


def old(service: Service, item: Any) -> Answer:
    """Send a patch of one operation in the older dialect."""
    return service.patch(service.an_image(color="red"), [item], V20)


def test_an_unknown_type_is_refused_with_those_that_are_known(service: Service) -> None:
    answer = service.patch(service.an_image(), [], "application/json")
    assert answer.headers["Accept-Patch"] == f"{V20}, {V21}"


def test_operations_run_in_order(service: Service) -> None:
    changes = [
        {"op": "add", "path": "/a", "value": "1"},
        {"op": "replace", "path": "/a", "value": "2"},
        {"op": "add", "path": "/b", "value": "3"},
        {"op": "remove", "path": "/b"},
    ]
    shown = service.patch(service.an_image(), changes).json
    assert (shown["a"], "b" in shown) == ("2", False)


@pytest.mark.parametrize(
    "last",
    [
        {"op": "remove", "path": "/absent"},
        {"op": "add", "path": "/status", "value": "active"},
        {"op": "add", "path": "a"},
        {"op": "replace", "path": "/min_disk", "value": -1},
    ],
    ids=["a conflict", "a forbidden one", "a malformed one", "a value out of range"],
)
def test_one_operation_that_fails_leaves_the_image_as_it_was(service: Service, last: Any) -> None:
    image_id = service.an_image(color="red")
    before = service.show(image_id)
    service.patch(image_id, [{"op": "replace", "path": "/color", "value": "blue"}, last])
    assert service.show(image_id) == before


def test_all_operations_are_read_before_the_image_is_looked_for(service: Service) -> None:
    assert service.patch(NO_SUCH_ID, [{"op": "add", "path": "bad"}]).status == 400


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/a~1b", "a/b"),
        ("/a~0b", "a~b"),
        ("/~01", "~1"),
        ("/ padded ", "padded"),
        ("/hw:x", "hw:x"),
    ],
)
def test_pointers_are_unescaped_and_trimmed(service: Service, path: str, key: str) -> None:
    assert change(service, "add", path, "x").json[key] == "x"


def test_an_image_over_a_lowered_quota_may_still_be_changed(service: Service) -> None:
    image_id = service.an_image()
    service.put_into(image_id, Status.QUEUED, properties={f"p{n}": "" for n in range(200)})
    assert change(service, "replace", "/p7", image_id=image_id).status == 200


def test_tags_are_replaced_as_a_whole(service: Service) -> None:
    image_id = service.an_image(tags=["old"])
    assert change(service, "replace", "/tags", ["b", "a", "b"], image_id).json["tags"] == ["a", "b"]


def test_a_whole_number_written_as_a_fraction_is_stored_as_whole(service: Service) -> None:
    shown = change(service, "replace", "/min_disk", 1.0).json["min_disk"]
    assert (shown, type(shown)) == (1, int)


def test_an_image_given_away_is_not_refused_halfway(service: Service) -> None:
    image_id = service.an_image(visibility="private")
    change(service, "add", "/owner", "other", image_id)
    assert service.show(image_id)["owner"] == "owner"


# ---------------------------------------------------------------------- pointers


@given(st.text() | st.none() | st.integers())
def test_any_text_is_a_pointer_or_refused(pointer: Any) -> None:
    try:
        parts = parse_pointer(pointer)
    except Invalid:
        return
    assert all(parts)


@given(st.lists(st.text(min_size=1).filter(lambda part: part == part.strip()), min_size=1))
def test_what_is_escaped_is_read_as_it_was(parts: list[str]) -> None:
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in parts]
    assert parse_pointer("/" + "/".join(escaped)) == parts


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = st.sampled_from(["name", "tags", "min_disk", "visibility", "locations", "owner", "size"])
PATHS = st.text() | FIELDS.map(lambda name: f"/{name}") | FIELDS.map(lambda name: f"/{name}/0")
ITEMS = JSON | st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "test"]), "path": PATHS},
    optional={"value": JSON},
)
SCHEMA = ImageSchema(Limits())


@given(JSON | st.lists(ITEMS, max_size=3), st.sampled_from([V20, V21]))
def test_any_json_is_a_patch_or_refused(body: Any, dialect: str) -> None:
    with suppress(TintypeError):
        load_patch(dialect, body, SCHEMA)


@given(JSON | st.dictionaries(FIELDS | st.text(), JSON))
def test_any_json_is_a_new_image_or_refused(body: Any) -> None:
    with suppress(TintypeError):
        SCHEMA.load_new(body)

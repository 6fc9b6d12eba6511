"""Lists of images: who sees what, filters, order, pages."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from itertools import product
from typing import Any

import pytest

from tests.contract.records.making import (
    ADMIN,
    NOBODY,
    OTHER,
    OWNER,
    THEN,
    an_image,
    ids,
    images,
)
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions


def names(context: db.Context = ADMIN, **arguments: Any) -> set[str]:
    """Return the names of the images that a list has."""
    return {image["name"] for image in db.image_get_all(context, **arguments)}


def found(**filters: Any) -> set[str]:
    """Return the names of the images that filters match."""
    return names(filters=filters)


# ------------------------------------------------------------------ who sees what

MINE = {"my private", "my shared", "my community", "my public"}
SHARED = {"their accepted", "their pending", "their rejected"}
PUBLIC = {"their public", "nobody's public", "my public"}
COMMUNITY = {"their community", "my community"}
ALL = MINE | SHARED | PUBLIC | COMMUNITY | {"their private", "their shared", "nobody's shared"}


@pytest.fixture
def many_owners(server: object) -> None:
    """Record images of several owners, some of them shared with OWNER."""
    for owner, whose in (("owner", "my"), ("other", "their")):
        for visibility in ("private", "shared", "community", "public"):
            an_image(name=f"{whose} {visibility}", owner=owner, visibility=visibility)
    for visibility in ("shared", "public"):
        an_image(name=f"nobody's {visibility}", owner=None, visibility=visibility)
    for status in ("accepted", "pending", "rejected"):
        image = an_image(name=f"their {status}", owner="other")
        member = {"image_id": image["id"], "member": "owner", "status": status}
        db.image_member_create(OTHER, member)


@pytest.mark.usefixtures("many_owners")
def test_who_sees_what() -> None:
    accepted = {"their accepted"}
    others_community = {"their community"}

    assert names(ADMIN) == ALL - COMMUNITY
    assert names(db.Context(project_id="owner", is_admin=True)) == ALL - others_community
    assert names(OWNER) == MINE | PUBLIC | accepted
    assert names(NOBODY) == PUBLIC
    assert names(OWNER, member_status="pending") == MINE | PUBLIC | {"their pending"}
    assert names(OWNER, member_status="all") == MINE | PUBLIC | SHARED
    assert names(NOBODY, member_status="all") == PUBLIC
    assert names(ADMIN, admin_as_user=True) == PUBLIC
    as_user = db.Context(project_id="owner", is_admin=True)
    assert names(as_user, admin_as_user=True) == MINE | PUBLIC | accepted


@pytest.mark.usefixtures("many_owners")
def test_visibility_narrows() -> None:
    def seen(context: db.Context, visibility: str, **arguments: Any) -> set[str]:
        return names(context, filters={"visibility": visibility}, **arguments)

    assert seen(ADMIN, "community") == COMMUNITY
    assert seen(ADMIN, "all") == ALL
    assert seen(ADMIN, "private") == {"my private", "their private"}
    assert seen(OWNER, "public") == PUBLIC
    assert seen(OWNER, "private") == {"my private"}
    assert seen(OWNER, "community") == COMMUNITY
    assert seen(OWNER, "shared") == {"my shared", "their accepted"}
    assert seen(OWNER, "shared", member_status="all") == {"my shared"} | SHARED
    assert seen(OWNER, "all") == MINE | PUBLIC | COMMUNITY | {"their accepted"}
    assert seen(NOBODY, "community") == COMMUNITY
    assert seen(NOBODY, "shared") == set()
    with pytest.raises(exceptions.Invalid):
        seen(ADMIN, "bogus")


@pytest.mark.usefixtures("many_owners")
def test_is_public_narrows() -> None:
    assert names(OWNER, is_public=True) == PUBLIC
    assert names(OWNER, is_public=False) == MINE - PUBLIC | {"their accepted"}
    assert names(ADMIN, is_public=False) == ALL - PUBLIC - COMMUNITY


# ------------------------------------------------------------------ filters


def test_deleted_images_show_unless_they_are_filtered_out() -> None:
    db.image_destroy(OWNER, an_image(name="deleted")["id"])
    an_image(name="killed", status="killed")
    an_image(name="there")

    assert names(OWNER) == {"deleted", "killed", "there"}
    assert names(OWNER, filters={"deleted": False}) == {"there"}
    assert names(OWNER, filters={"deleted": True}) == {"deleted"}


def test_what_changed_since_shows_with_deleted_locations() -> None:
    old = an_image(name="old", updated_at=THEN)
    an_image(name="same", updated_at=THEN + timedelta(hours=1))
    gone = an_image(
        name="gone",
        updated_at=THEN,
        locations=[{"url": "file:///a", "metadata": {}, "status": "active"}],
    )
    db.image_destroy(OWNER, gone["id"])

    since = THEN + timedelta(hours=1)
    (image,) = db.image_get_all(OWNER, filters={"changes-since": since})

    assert image["name"] == "gone"
    assert [location["status"] for location in image["locations"]] == ["deleted"]
    assert found(**{"changes-since": (THEN + timedelta(minutes=1)).replace(tzinfo=UTC)}) == {
        "same",
        "gone",
    }
    assert old["id"] not in ids(db.image_get_all(OWNER, filters={"changes-since": since}))


def test_columns_are_compared_for_equality() -> None:
    an_image(
        **{"name": "a", "checksum": "c" * 32, "os_hash_value": "f" * 128, "os_hash_algo": "sha512"},
        **{"size": 5, "min_ram": 7, "protected": True, "os_hidden": True},
    )
    an_image(name="b", size=6, owner="other")

    assert found(checksum="c" * 32) == {"a"}
    assert found(checksum=None) == {"b"}
    assert found(os_hash_value="f" * 128) == {"a"}
    assert found(os_hidden=True) == {"a"}
    assert found(os_hidden=False) == {"b"}
    assert found(protected=True) == {"a"}
    assert found(protected="false") == {"b"}
    assert found(size=5) == found(size="5") == {"a"}
    assert found(min_ram=0) == {"b"}
    assert found(owner="other") == {"b"}
    assert found(size=1 << 70) == set()
    assert found(owner=None, size=None, name=None, created_at=None) == {"a", "b"}


def test_ranges_are_inclusive() -> None:
    for size in (1, 2, 3, None):
        an_image(name=str(size), size=size, min_disk=size or 0)

    assert found(size_min=2) == {"2", "3"}
    assert found(size_max="2") == {"1", "2"}
    assert found(size_min="2", size_max=2) == {"2"}
    assert found(min_disk_max=1) == {"1", "None"}


def test_times_are_compared_by_operators() -> None:
    for hour in (1, 2, 3):
        time = THEN.replace(hour=hour)
        an_image(name=str(hour), created_at=time, updated_at=time)
    second = THEN.replace(hour=2).isoformat()

    for column in ("created_at", "updated_at"):
        answers = {
            operator: found(**{column: f"{operator}:{second}"})
            for operator in ("gt", "gte", "lt", "lte", "eq", "neq")
        }
        assert answers == {
            **{"gt": {"3"}, "gte": {"2", "3"}, "lt": {"1"}, "lte": {"1", "2"}},
            **{"eq": {"2"}, "neq": {"1", "3"}},
        }
        assert found(**{column: second}) == found(**{column: f"{second}Z"}) == {"2"}
        assert found(**{column: THEN.replace(hour=2)}) == {"2"}
        with pytest.raises(exceptions.InvalidParameterValue):
            found(**{column: "gt:yesterday"})
        for operator in ("in", "bogus"):
            with pytest.raises(exceptions.InvalidFilterOperatorValue):
                found(**{column: f"{operator}:{second}"})


def test_texts_are_compared_by_operators() -> None:
    for name in ("a", "b", "c,d", "in:a", r"a\"b", 'e"f', "A", "b "):
        an_image(name=name, disk_format="raw" if name == "a" else None)

    assert found(name="a") == found(name="eq:a") == {"a"}
    assert found(name="in:a,b,x") == {"a", "b"}
    assert found(name='in:a,"c,d"') == {"a", "c,d"}
    assert found(name="eq:in:a") == {"in:a"}
    assert found(disk_format="in:raw,qcow2") == found(disk_format="raw") == {"a"}
    assert found(status="in:active,queued", name="b") == {"b"}
    for column, value in product(("name", "id", "status"), ("neq:a", "gt:a", "bogus:a")):
        with pytest.raises(exceptions.InvalidFilterOperatorValue):
            found(**{column: value})


def test_a_quoted_quote_is_found_with_and_without_its_backslash() -> None:
    for name in (r"a\"b", 'a"b', "ab"):
        an_image(name=name)

    assert found(name=r'in:"a\"b"') == {r"a\"b", 'a"b'}


def test_a_property_cannot_have_two_values() -> None:
    an_image(properties={"p": "1"})

    contradictory = {"p": "1", "properties": {"p": "0"}}

    assert db.image_get_all(ADMIN, filters=contradictory) == []


def test_properties_and_tags_must_all_be_there() -> None:
    both = an_image(name="both", properties={"a": "1", "b": "2", "metadata": "m"})
    one = an_image(name="one", properties={"a": "1"})
    gone = an_image(name="gone", properties={"a": "1", "b": "2"})
    db.image_property_delete(OWNER, "b", gone["id"])
    for image, tags in ((both, ["x", "y"]), (one, ["x"]), (gone, ["x", "y"])):
        db.image_tag_set_all(OWNER, image["id"], tags)
    db.image_tag_delete(OWNER, gone["id"], "y")

    assert found(properties={"a": "1", "b": "2"}) == {"both"}
    assert found(a="1") == {"both", "one", "gone"}
    assert found(a="1", b="2") == {"both"}
    assert found(metadata="m") == {"both"}
    assert found(a=None) == {"both", "one", "gone"}
    assert found(tags=["x"]) == {"both", "one", "gone"}
    assert found(tags=["x", "y"], properties={"a": "1"}) == {"both"}
    assert found(tags=[]) == {"both", "one", "gone"}
    assert found(a="nul\0") == found(tags=["nul\0"]) == found(name="nul\0") == set()


def test_what_is_asked_with_is_not_changed() -> None:
    an_image()
    filters = {"properties": {"a": "1"}, "tags": ["x"], "deleted": False, "name": "eq:a"}
    keys, directions = ["name"], ["asc"]

    db.image_get_all(ADMIN, filters=filters, sort_key=keys, sort_dir=directions)

    assert filters == {"properties": {"a": "1"}, "tags": ["x"], "deleted": False, "name": "eq:a"}
    assert (keys, directions) == (["name"], ["asc"])


# ------------------------------------------------------------------ order and pages


def in_order(**arguments: Any) -> list[str]:
    """Return the names of all images in order."""
    return [image["name"] for image in db.image_get_all(ADMIN, **arguments)]


def test_the_newest_come_first_to_the_microsecond() -> None:
    for number in range(3):
        an_image(name=str(number), created_at=THEN + timedelta(microseconds=5 * number))

    assert in_order() == ["2", "1", "0"]
    assert in_order(sort_key=["created_at"], sort_dir=["asc"]) == ["0", "1", "2"]


def test_ties_are_broken_in_the_single_direction_that_is_given() -> None:
    for number in range(3):
        an_image(name=str(number), status="queued", created_at=THEN + timedelta(hours=number))
    an_image(name="active", created_at=THEN)

    assert in_order(sort_key=["status"], sort_dir=["asc"]) == ["active", "0", "1", "2"]
    assert in_order(sort_key=["status"]) == ["2", "1", "0", "active"]
    assert in_order(sort_key=["status", "size"], sort_dir=["asc", "asc"]) == [
        *("active", "2", "1", "0"),
    ]
    assert in_order(sort_key=["status", "name"], sort_dir=["desc", "asc"]) == [
        *("0", "1", "2", "active"),
    ]


KEYS = (
    *("name", "status", "container_format", "disk_format", "size", "id", "created_at"),
    *("updated_at", "min_ram", "protected", "visibility", "deleted_at", "checksum"),
)


def a_mixture() -> None:
    """Record images that lack some of what is sorted by."""
    for number, (name, size, there) in enumerate(
        product((None, "", "a", "B", "ä"), (None, 0, 7), (True, False))
    ):
        an_image(
            **{"name": name, "size": size, "disk_format": "raw" if there else None},
            **{"created_at": THEN + timedelta(seconds=number // 4), "protected": there},
            visibility="shared" if there else "private",
            **({} if there else {"deleted": True, "deleted_at": THEN}),
        )


def test_pages_lose_and_repeat_nothing_whatever_is_not_set() -> None:
    a_mixture()
    orders: Sequence[tuple[list[str], list[str]]] = [
        *(([key], [direction]) for key, direction in product(KEYS, ("asc", "desc"))),
        (["name", "size"], ["asc", "desc"]),
        (["size", "name", "disk_format"], ["desc", "asc", "asc"]),
    ]
    for keys, directions in orders:
        whole = ids(db.image_get_all(ADMIN, sort_key=keys, sort_dir=directions))
        pages: list[str] = []
        while page := db.image_get_all(
            ADMIN,
            marker=pages[-1] if pages else None,
            limit=11,
            sort_key=keys,
            sort_dir=directions,
        ):
            pages += ids(page)
        assert pages == whole, (keys, directions)
        assert len(set(whole)) == 30


def test_what_is_not_set_comes_first_in_ascending_order() -> None:
    for size in (2, None, 1):
        an_image(name=str(size), size=size)
    an_image(name=None, size=3)

    assert in_order(sort_key=["size"], sort_dir=["asc"]) == ["None", "1", "2", None]
    assert in_order(sort_key=["size"], sort_dir=["desc"]) == [None, "2", "1", "None"]
    assert in_order(sort_key=["name"], sort_dir=["asc"])[0] is None


def test_limits() -> None:
    made = images(3)

    assert db.image_get_all(OWNER, limit=0) == []
    assert ids(db.image_get_all(OWNER, limit=2)) == [made[2], made[1]]
    assert len(db.image_get_all(OWNER, limit=None)) == 3
    assert len(db.image_get_all(OWNER, limit=10**30)) == 3
    for limit in (-1, "many"):
        with pytest.raises(exceptions.Invalid):
            db.image_get_all(OWNER, limit=limit)  # type: ignore[arg-type]


def test_a_page_begins_after_the_marker() -> None:
    first, second, third = images(3)

    assert ids(db.image_get_all(OWNER, marker=third)) == [second, first]
    assert ids(db.image_get_all(OWNER, marker=first)) == []


def test_a_marker_must_be_an_image_that_is_seen() -> None:
    private = an_image(visibility="private")["id"]
    deleted = an_image()["id"]
    db.image_destroy(OWNER, deleted)

    with pytest.raises(exceptions.ImageNotFound):
        db.image_get_all(OWNER, marker="unknown")
    with pytest.raises(exceptions.Forbidden):
        db.image_get_all(OTHER, marker=private)
    with pytest.raises(exceptions.ImageNotFound):
        db.image_get_all(OWNER, marker=deleted)
    assert ids(db.image_get_all(ADMIN, marker=deleted)) == [private]
    assert ids(db.image_get_all(OWNER, marker=deleted, filters={"deleted": True})) == []


def test_orders_that_cannot_be_are_refused() -> None:
    with pytest.raises(exceptions.InvalidSortKey):
        db.image_get_all(OWNER, sort_key=["bogus"])
    with pytest.raises(exceptions.Invalid):
        db.image_get_all(OWNER, sort_key=["name"], sort_dir=["up"])
    with pytest.raises(exceptions.Invalid):
        db.image_get_all(OWNER, sort_key=["name"], sort_dir=["asc", "desc"])


def test_tags_come_along_if_they_are_asked_for() -> None:
    image_id = an_image()["id"]
    db.image_tag_set_all(OWNER, image_id, ["b", "a"])

    assert "tags" not in db.image_get_all(OWNER)[0]
    assert db.image_get_all(OWNER, return_tag=True)[0].pop("tags") == ["b", "a"]


def test_images_in_lists_are_as_they_are_alone() -> None:
    made = images(3, properties={"a": "1", "b": "2"}, locations=[{"url": "a", "metadata": {}}])
    db.image_property_delete(OWNER, "a", made[0])

    assert db.image_get_all(OWNER) == [db.image_get(OWNER, it) for it in reversed(made)]

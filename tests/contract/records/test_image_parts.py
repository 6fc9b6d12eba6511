"""Locations, properties, tags and members of images, one by one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.contract.records.making import ADMIN, NOBODY, OTHER, OWNER, THEN, an_image, ids, live
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

A = {"url": "file:///a", "metadata": {"n": 1}, "status": "active"}
EMOJI = "\N{CAMERA WITH FLASH}"


def locations(image_id: str, *, even_deleted: bool = False) -> list[dict[str, Any]]:
    """Return the locations of an image."""
    image = db.image_get(ADMIN, image_id, force_show_deleted=even_deleted)
    return [dict(location) for location in image["locations"]]


# ------------------------------------------------------------------ locations


def test_a_location_is_added_changed_and_deleted() -> None:
    image_id = an_image()["id"]

    db.image_location_add(OWNER, image_id, A)
    (added,) = locations(image_id)
    changed = {**added, "url": "file:///b", "metadata": {}, "status": "deactivated"}
    db.image_location_update(OWNER, image_id, changed)
    after = locations(image_id)
    db.image_location_delete(OWNER, image_id, added["id"], "deleted")

    assert added == {**A, "id": added["id"]}
    assert after == [changed]
    assert locations(image_id) == []


def test_a_location_that_is_added_as_deleted_is() -> None:
    image_id = an_image()["id"]

    for status in ("deleted", "pending_delete"):
        db.image_location_add(OWNER, image_id, {**A, "status": status})

    assert locations(image_id) == []
    assert len(locations(image_id, even_deleted=True)) == 2


def test_a_location_is_deleted_and_brought_back_by_its_status() -> None:
    image = an_image(locations=[A])
    (location,) = image["locations"]

    db.image_location_update(OWNER, image["id"], {**location, "status": "pending_delete"})
    gone = locations(image["id"])
    db.image_location_update(OWNER, image["id"], location)

    assert gone == []
    assert locations(image["id"]) == [location]


def test_the_time_at_which_a_location_is_deleted_is_that_given(server: Engine) -> None:
    image = an_image(locations=[A])
    (location,) = image["locations"]

    db.image_location_delete(OWNER, image["id"], location["id"], "pending_delete", THEN)
    db.image_location_delete(OWNER, image["id"], location["id"], "deleted", delete_time=THEN)

    assert db.purge_deleted_rows(ADMIN, 30, -1)["image_locations"] == 1


def test_a_url_is_added_once_but_for_another_fragment() -> None:
    image = an_image(locations=[A])
    db.image_location_add(OWNER, image["id"], {**A, "url": "file:///a#new"})

    with pytest.raises(exceptions.Duplicate):
        db.image_location_add(OWNER, image["id"], A)
    with pytest.raises(exceptions.Duplicate):
        an_image(locations=[A, A])
    second = locations(image["id"])[1]
    with pytest.raises(exceptions.Duplicate):
        db.image_location_update(OWNER, image["id"], {**second, "url": A["url"]})
    assert [it["url"] for it in locations(image["id"])] == ["file:///a", "file:///a#new"]


def test_a_url_comes_back_after_it_was_deleted() -> None:
    image = an_image(locations=[A])
    db.image_location_delete(OWNER, image["id"], image["locations"][0]["id"], "deleted")

    db.image_location_add(OWNER, image["id"], A)

    assert [location["url"] for location in locations(image["id"])] == [A["url"]]


def test_a_url_that_another_took_meanwhile_does_not_come_back() -> None:
    image = an_image(locations=[A])
    (first,) = image["locations"]
    db.image_location_delete(OWNER, image["id"], first["id"], "deleted")
    db.image_location_add(OWNER, image["id"], A)

    with pytest.raises(exceptions.Duplicate):
        db.image_location_update(OWNER, image["id"], first)


def test_two_locations_exchange_their_urls() -> None:
    image = an_image(locations=[A, {**A, "url": "file:///b"}])
    first, second = image["locations"]
    exchanged = [{**first, "url": second["url"]}, {**second, "url": first["url"]}]

    after = db.image_update(OWNER, image["id"], {"locations": exchanged})

    assert after["locations"] == exchanged


def test_locations_that_cannot_be_are_refused() -> None:
    image = an_image(locations=[A])
    number = image["locations"][0]["id"]
    another = an_image()["id"]

    with pytest.raises(exceptions.ImageNotFound):
        db.image_location_add(OWNER, "unknown", A)
    with pytest.raises(exceptions.Invalid):
        db.image_location_update(OWNER, image["id"], A)
    with pytest.raises(exceptions.NotFound):
        db.image_location_update(OWNER, another, {**A, "id": number})
    with pytest.raises(exceptions.NotFound):
        db.image_location_delete(OWNER, another, number, "deleted")
    for status in ("active", "killed", "bogus"):
        with pytest.raises(exceptions.Invalid):
            db.image_location_delete(OWNER, image["id"], number, status)
    with pytest.raises(exceptions.Invalid):
        db.image_location_add(OWNER, image["id"], {**A, "url": EMOJI})
    with pytest.raises(exceptions.NotFound):
        db.image_update(OWNER, another, {"locations": [{**A, "id": number}]})
    assert locations(image["id"]) == image["locations"]


# ------------------------------------------------------------------ properties


def test_a_property_is_made_and_deleted() -> None:
    image_id = an_image()["id"]

    made = db.image_property_create(OWNER, {"image_id": image_id, "name": "a", "value": "1"})
    db.image_property_create(OWNER, {"id": image_id, "name": "b", "value": None})
    gone = db.image_property_delete(OWNER, "a", image_id)

    assert (made["image_id"], made["name"], made["value"], made["deleted"]) == (
        *(image_id, "a", "1", False),
    )
    assert (gone["id"], gone["deleted"]) == (made["id"], True)
    assert isinstance(gone["deleted_at"], datetime)
    assert live(db.image_get(OWNER, image_id)) == {"b": None}


def test_a_property_is_made_anew_on_the_row_of_a_deleted_one() -> None:
    image_id = an_image(properties={"a": "1"})["id"]
    gone = db.image_property_delete(OWNER, "a", image_id)

    made = db.image_property_create(OWNER, {"image_id": image_id, "name": "a", "value": "2"})

    assert (made["id"], made["deleted"], made["deleted_at"]) == (gone["id"], False, None)
    assert live(db.image_get(OWNER, image_id)) == {"a": "2"}


def test_properties_that_cannot_be_are_refused() -> None:
    image_id = an_image(properties={"a": "1"})["id"]

    with pytest.raises(exceptions.Duplicate):
        db.image_property_create(OWNER, {"image_id": image_id, "name": "a", "value": "2"})
    with pytest.raises(exceptions.NotFound):
        db.image_property_delete(OWNER, "b", image_id)
    with pytest.raises(exceptions.ImageNotFound):
        db.image_property_create(OWNER, {"image_id": "unknown", "name": "a", "value": "2"})
    for values in ({"name": EMOJI, "value": "1"}, {"name": "b", "value": EMOJI}, {"value": "1"}):
        with pytest.raises(exceptions.Invalid):
            db.image_property_create(OWNER, {"image_id": image_id, **values})
    with pytest.raises(exceptions.Invalid):
        db.image_property_create(OWNER, {"name": "a", "value": "1"})
    assert live(db.image_get(OWNER, image_id)) == {"a": "1"}


# ------------------------------------------------------------------ tags


def test_tags_are_kept_in_the_order_in_which_they_came() -> None:
    image_id = an_image()["id"]

    assert db.image_tag_create(OWNER, image_id, "b") == "b"
    db.image_tag_create(OWNER, image_id, "a")
    db.image_tag_create(OWNER, image_id, "b")

    assert db.image_tag_get_all(OWNER, image_id) == ["b", "a"]


def test_setting_all_tags_adds_and_removes_and_keeps_places() -> None:
    image_id = an_image()["id"]
    db.image_tag_set_all(OWNER, image_id, ["c", "b"])

    given = ["z", "a", "b", "z"]
    db.image_tag_set_all(OWNER, image_id, given)
    after = db.image_tag_get_all(OWNER, image_id)
    db.image_tag_set_all(OWNER, image_id, [])
    db.image_tag_set_all(OWNER, image_id, None)

    assert after == ["b", "z", "a"]
    assert given == ["z", "a", "b", "z"]
    assert db.image_tag_get_all(OWNER, image_id) == []


def test_setting_all_tags_takes_any_character() -> None:
    image_id = an_image()["id"]

    db.image_tag_set_all(OWNER, image_id, [EMOJI, "tag", "Tag", "tag "])

    assert db.image_tag_get_all(OWNER, image_id) == [EMOJI, "tag", "Tag", "tag "]


def test_threads_that_create_the_same_tag_create_one() -> None:
    image_id = an_image()["id"]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: db.image_tag_create(OWNER, image_id, "x"), range(4)))
    db.image_tag_delete(OWNER, image_id, "x")

    assert db.image_tag_get_all(OWNER, image_id) == []


def test_tags_that_cannot_be_are_refused() -> None:
    image_id = an_image()["id"]

    with pytest.raises(exceptions.NotFound):
        db.image_tag_delete(OWNER, image_id, "x")
    for tag in (EMOJI, "t" * 256):
        with pytest.raises(exceptions.Invalid):
            db.image_tag_create(OWNER, image_id, tag)
    with pytest.raises(exceptions.ImageNotFound):
        db.image_tag_create(OWNER, "unknown", "x")
    with pytest.raises(exceptions.ImageNotFound):
        db.image_tag_set_all(OWNER, "unknown", ["x"])
    assert db.image_tag_get_all(OWNER, "unknown") == []


# ------------------------------------------------------------------ members


def test_a_member_is_pending_and_may_not_share_at_first() -> None:
    image_id = an_image()["id"]

    member = db.image_member_create(OWNER, {"image_id": image_id, "member": "other"})

    assert isinstance(member.pop("id"), int)
    assert member.pop("created_at") == member.pop("updated_at")
    assert member == {
        **{"image_id": image_id, "member": "other", "can_share": False},
        **{"status": "pending", "deleted": False},
    }


def test_a_membership_is_changed_deleted_and_brought_back() -> None:
    made = db.image_member_create(OWNER, {"id": an_image()["id"], "member": "other"})

    changed = db.image_member_update(
        *(OWNER, made["id"], {"status": "accepted", "can_share": True, "created_at": THEN})
    )
    db.image_member_delete(OWNER, made["id"])
    gone = db.image_member_find(ADMIN), db.image_member_find(ADMIN, include_deleted=True)
    back = db.image_member_update(OWNER, made["id"], {"status": "pending"})

    assert changed == made | {
        **{"status": "accepted", "can_share": True},
        **{"updated_at": changed["updated_at"]},
    }
    assert changed["updated_at"] > made["updated_at"]
    assert gone[0] == []
    assert gone[1][0]["deleted"] is True
    assert (back["id"], back["deleted"], back["status"]) == (made["id"], False, "pending")
    assert db.image_member_find(ADMIN) == [back]


def test_a_member_is_a_member_once() -> None:
    image_id = an_image()["id"]
    values = {"image_id": image_id, "member": "other"}

    first = db.image_member_create(OWNER, values)
    second = db.image_member_create(OWNER, {**values, "status": "accepted"})
    db.image_member_delete(OWNER, first["id"])
    third = db.image_member_create(OWNER, values)

    assert first["id"] == second["id"] == third["id"]
    assert (second["status"], third["status"]) == ("accepted", "pending")
    assert db.image_member_count(OWNER, image_id) == 1


def test_members_are_found_by_the_caller_and_the_owner_of_the_image() -> None:
    mine, theirs = an_image()["id"], an_image(owner="other")["id"]
    nobodys = an_image(owner=None)["id"]
    made = [
        db.image_member_create(ADMIN, {"image_id": image_id, "member": member, "status": status})
        for image_id, member, status in (
            (mine, "other", "pending"),
            (mine, "third", "accepted"),
            (theirs, "owner", "accepted"),
            (theirs, "third", "rejected"),
            (nobodys, "third", "pending"),
        )
    ]

    def seen(context: db.Context, **equal: Any) -> list[int]:
        return [row["id"] for row in db.image_member_find(context, **equal)]

    number = [row["id"] for row in made]
    assert seen(ADMIN) == number
    assert seen(OWNER) == number[:3]
    assert seen(OTHER) == [number[0], number[2], number[3]]
    assert seen(NOBODY) == [number[4]]
    assert seen(OWNER, image_id=mine) == number[:2]
    assert seen(ADMIN, member="third") == [number[1], number[3], number[4]]
    assert seen(ADMIN, status="accepted", image_id=theirs) == [number[2]]
    assert seen(ADMIN, image_id="unknown") == []


def test_live_members_are_counted() -> None:
    image_id = an_image()["id"]
    made = [
        db.image_member_create(OWNER, {"image_id": image_id, "member": name})
        for name in ("a", "b", "c")
    ]
    db.image_member_delete(OWNER, made[0]["id"])

    assert db.image_member_count(OWNER, image_id) == 2
    assert db.image_member_count(OWNER, "unknown") == 0
    for nothing in (None, ""):
        with pytest.raises(exceptions.Invalid):
            db.image_member_count(OWNER, nothing)  # type: ignore[arg-type]


def test_members_that_cannot_be_are_refused() -> None:
    image_id = an_image()["id"]

    for values in (
        {"member": EMOJI},
        {"member": "m" * 256},
        {"member": None},
        {},
        {"member": "other", "status": "bogus"},
    ):
        with pytest.raises(exceptions.Invalid):
            db.image_member_create(OWNER, {"image_id": image_id, **values})
    with pytest.raises(exceptions.ImageNotFound):
        db.image_member_create(OWNER, {"image_id": "unknown", "member": "other"})
    with pytest.raises(exceptions.NotFound):
        db.image_member_update(OWNER, 4711, {"status": "accepted"})
    for number in (4711, 1 << 40, 1 << 70):
        with pytest.raises(exceptions.NotFound):
            db.image_member_delete(OWNER, number)
    assert ids(db.image_member_find(ADMIN)) == []

"""Images one by one."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from tests.builders import a_lease
from tests.contract.catalogue.steps import keep
from tests.contract.records.making import (
    ADMIN,
    NOBODY,
    OTHER,
    OWNER,
    THEN,
    an_image,
    ids,
    live,
)
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.lease import Purpose
from tintype.domain.status import Status
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

A = {"url": "file:///a", "metadata": {"store": "fast", "n": 1}, "status": "active"}
B = {"url": "file:///b", "metadata": {}, "status": "active"}
EMOJI = "\N{CAMERA WITH FLASH}"


def deleted(image: dict[str, Any]) -> set[str]:
    """Return the names of properties that are deleted but listed."""
    return {entry["name"] for entry in image["properties"] if entry["deleted"]}


# ------------------------------------------------------------------ image_create


def test_a_new_image_has_every_column_and_nothing_else() -> None:
    before = datetime.now(UTC).replace(tzinfo=None)

    image = db.image_create(OWNER, {"status": "queued"})

    times = [image.pop(name) for name in ("created_at", "updated_at")]
    assert before <= times[0] == times[1] <= before + timedelta(minutes=5)
    assert len(image.pop("id")) == 36
    assert image == {
        **dict.fromkeys(["name", "disk_format", "container_format", "size", "virtual_size"]),
        **dict.fromkeys(["checksum", "os_hash_algo", "os_hash_value", "owner", "deleted_at"]),
        **{"min_disk": 0, "min_ram": 0, "protected": False, "os_hidden": False},
        **{"status": "queued", "visibility": "shared", "deleted": False},
        **{"properties": [], "locations": []},
    }
    assert all(image[name] is False for name in ("protected", "os_hidden", "deleted"))


def test_an_image_is_as_it_was_given() -> None:
    given = {
        **{"id": "an-id", "name": "Ω", "status": "active", "visibility": "community"},
        **{"size": "17", "min_disk": "1", "min_ram": 2.0, "protected": 1, "os_hidden": True},
        **{"owner": "owner", "created_at": THEN, "updated_at": THEN + timedelta(microseconds=5)},
    }

    db.image_create(OWNER, given)
    image = db.image_get(OWNER, "an-id")

    typed = {"size": 17, "min_disk": 1, "min_ram": 2, "protected": True}
    assert {name: image[name] for name in given} == given | typed
    assert image["protected"] is True


def test_what_is_given_is_not_changed() -> None:
    values = {"status": "queued", "properties": {"a": "1"}, "locations": [dict(A)], "owner": ""}
    before = deepcopy(values)

    db.image_create(OWNER, values)

    assert values == before


def test_properties_can_be_read_as_attributes_too() -> None:
    (entry,) = an_image(properties={"a": "1"})["properties"]

    assert (entry.name, entry.value, entry.deleted) == ("a", "1", False)
    assert set(entry) == {
        *("id", "image_id", "name", "value"),
        *("created_at", "updated_at", "deleted", "deleted_at"),
    }
    assert deepcopy(entry) == entry
    assert not hasattr(entry, "nothing")


def test_locations_come_in_the_order_in_which_they_were_given() -> None:
    image = an_image(locations=[B, A])

    numbers = [location.pop("id") for location in image["locations"]]
    assert image["locations"] == [B, A]
    assert len(set(numbers)) == 2


def test_is_public_stands_for_visibility() -> None:
    assert an_image(is_public=True)["visibility"] == "public"
    assert an_image(is_public=False)["visibility"] == "shared"


def test_every_status_can_be_given() -> None:
    assert all(an_image(status=status.value)["status"] == status for status in Status)


IMPOSSIBLE: Sequence[dict[str, Any]] = [
    {"status": None},
    {"status": "bogus"},
    {"visibility": "bogus"},
    {"is_public": True, "visibility": "public"},
    {"min_disk": 1 << 31},
    {"min_ram": 1 << 31},
    {"size": "many"},
    {"size": 1 << 63},
    {"name": EMOJI},
    {"name": "n" * 256},
    {"id": "i" * 37},
    {"created_at": "yesterday"},
    {"properties": {"a": EMOJI}},
    {"properties": {EMOJI: "a"}},
    {"properties": [{"name": "a", "value": "b"}]},
    {"locations": [{**A, "url": f"file:///{EMOJI}"}]},
    {"locations": [{**A, "status": "bogus"}]},
    {"locations": [{"metadata": {}}]},
]


def test_what_cannot_be_is_invalid_and_leaves_nothing() -> None:
    for values in IMPOSSIBLE:
        with pytest.raises(exceptions.Invalid):
            an_image(**values)

    assert db.image_get_all(ADMIN) == []


def test_a_status_must_be_given() -> None:
    with pytest.raises(exceptions.Invalid):
        db.image_create(OWNER, {"name": "x"})


def test_an_id_is_never_given_again() -> None:
    image_id = an_image()["id"]
    db.image_destroy(OWNER, image_id)

    with pytest.raises(exceptions.Duplicate):
        an_image(id=image_id)


def test_an_owner_that_is_empty_is_none() -> None:
    assert an_image(owner="")["owner"] is None


# ------------------------------------------------------------------ image_get


def test_who_sees_an_image_gets_it_and_others_are_refused() -> None:
    image_id = an_image(visibility="private")["id"]

    assert db.image_get(OWNER, image_id)["id"] == image_id
    for context in (OTHER, NOBODY):
        with pytest.raises(exceptions.Forbidden):
            db.image_get(context, image_id)


def test_an_unknown_image_is_not_found() -> None:
    unknown: list[Any] = ["unknown", "i" * 37, "", "nul\0", None, 17, uuid4()]
    for image_id in unknown:
        with pytest.raises(exceptions.ImageNotFound, match="No image found with ID"):
            db.image_get(ADMIN, image_id)


def test_deleted_images_show_to_who_asks() -> None:
    image_id = an_image()["id"]
    db.image_destroy(OWNER, image_id)
    curious = db.Context(project_id="owner", show_deleted=True)

    with pytest.raises(exceptions.ImageNotFound):
        db.image_get(OWNER, image_id)
    assert db.image_get(OWNER, image_id, force_show_deleted=True)["deleted"] is True
    assert db.image_get(ADMIN, image_id)["deleted"] is True
    assert db.image_get(curious, image_id)["deleted"] is True


def test_locations_that_are_deleted_show_by_force() -> None:
    image = an_image(locations=[A, B])
    db.image_location_delete(OWNER, image["id"], image["locations"][0]["id"], "deleted")

    shown = db.image_get(ADMIN, image["id"])["locations"]
    forced = db.image_get(ADMIN, image["id"], force_show_deleted=True)["locations"]

    assert [location["status"] for location in shown] == ["active"]
    assert [location["status"] for location in forced] == ["deleted", "active"]


def test_locations_of_a_deactivated_image_show_to_administrators() -> None:
    image_id = an_image(status="deactivated", locations=[A])["id"]

    assert db.image_get(OWNER, image_id)["locations"] == []
    assert len(db.image_get(ADMIN, image_id)["locations"]) == 1
    assert db.image_get_all(OWNER)[0]["locations"] == []


def test_the_context_may_be_any_object() -> None:
    class Theirs:
        is_admin = False
        owner = "owner"
        project_id = "owner"
        user_id = None
        roles = None
        show_deleted = False
        can_see_deleted = False
        auth_token = None

    assert db.image_get(Theirs(), an_image(visibility="private")["id"])["owner"] == "owner"


# ------------------------------------------------------------------ image_update


def test_an_update_changes_what_it_names() -> None:
    image = an_image(name="x", size=1)

    after = db.image_update(OWNER, image["id"], {"size": 2, "status": "deactivated"})

    changed = {"size": 2, "status": "deactivated", "updated_at": after["updated_at"]}
    assert after == image | changed
    assert after["updated_at"] > image["updated_at"]


def test_an_update_of_nothing_moves_the_time() -> None:
    image = an_image()

    assert db.image_update(OWNER, image["id"], {})["updated_at"] > image["updated_at"]


def test_an_update_leaves_alone_what_is_protected_or_unknown() -> None:
    image = an_image()
    values = {
        **{"created_at": THEN, "updated_at": THEN, "deleted": True, "deleted_at": THEN},
        **{"id": "another", "nonsense": 1, "tags": ["x"], "visibility": None},
    }

    after = db.image_update(OWNER, image["id"], values)

    assert after == image | {"updated_at": after["updated_at"]}
    assert after["updated_at"] != THEN


def test_an_image_that_was_got_can_be_given_back() -> None:
    image = an_image(locations=[A, B])
    values = db.image_get(OWNER, image["id"])
    del values["properties"]

    after = db.image_update(OWNER, image["id"], values)

    assert after == image | {"updated_at": after["updated_at"]}


def test_properties_are_added_and_changed_and_others_stay() -> None:
    image = an_image(properties={"a": "1", "b": "2"})

    after = db.image_update(OWNER, image["id"], {"properties": {"b": "3", "c": "4"}})

    assert live(after) == {"a": "1", "b": "3", "c": "4"}


def test_a_purging_update_deletes_other_properties_and_lists_them() -> None:
    image = an_image(properties={"a": "1", "b": "2"})

    after = db.image_update(OWNER, image["id"], {"properties": {"b": "3"}}, purge_props=True)

    assert (live(after), deleted(after)) == ({"b": "3"}, {"a"})
    assert db.image_get(OWNER, image["id"]) == after


def test_a_purging_update_without_properties_deletes_all() -> None:
    image = an_image(properties={"a": "1"})

    assert live(db.image_update(OWNER, image["id"], {}, purge_props=True)) == {}


def test_a_property_comes_back_after_it_was_deleted() -> None:
    image = an_image(properties={"a": "1"})
    db.image_update(OWNER, image["id"], {}, purge_props=True)

    after = db.image_update(OWNER, image["id"], {"properties": {"a": "1"}})

    assert (live(after), deleted(after)) == ({"a": "1"}, set())
    assert after["properties"][0].deleted_at is None


def test_atomic_properties_are_never_touched() -> None:
    image = an_image(properties={"lock": "mine", "a": "1"})

    after = db.image_update(
        *(OWNER, image["id"], {"properties": {"lock": "theirs", "new": "x"}}),
        purge_props=True,
        atomic_props=["lock", "new"],
    )

    assert live(after) == {"lock": "mine"}


def test_locations_are_replaced_whole() -> None:
    image = an_image(locations=[A, B])
    kept = image["locations"][1] | {"metadata": {"moved": True}}
    new = {"url": "file:///c", "metadata": {}, "status": "active"}

    after = db.image_update(OWNER, image["id"], {"locations": [kept, new]})

    assert after["locations"] == [kept, {**new, "id": after["locations"][1]["id"]}]


def test_the_last_location_can_be_removed() -> None:
    image = an_image(locations=[A])

    assert db.image_update(OWNER, image["id"], {"locations": None})["locations"] != []
    assert db.image_update(OWNER, image["id"], {"locations": []})["locations"] == []


def test_from_state_must_be_the_status() -> None:
    image = an_image(status="queued")

    after = db.image_update(OWNER, image["id"], {"status": "saving"}, from_state="queued")
    with pytest.raises(exceptions.Conflict) as refusal:
        db.image_update(OWNER, image["id"], {"status": "active"}, from_state="queued")

    assert after["status"] == "saving"
    assert str(refusal.value) == (
        "cannot transition from saving to active in update (wanted from_state=queued)"
    )
    assert db.image_get(OWNER, image["id"]) == after


def test_of_several_who_leave_a_state_one_succeeds() -> None:
    image_id = an_image(status="queued")["id"]

    def leave(_: int) -> bool:
        try:
            db.image_update(OWNER, image_id, {"status": "saving"}, from_state="queued")
        except exceptions.Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(leave, range(4))) == 1


def test_threads_that_write_different_properties_all_succeed() -> None:
    image_id = an_image()["id"]

    def write(number: int) -> None:
        db.image_update(OWNER, image_id, {"properties": {f"p{number}": str(number)}})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(8)))

    assert live(db.image_get(OWNER, image_id)) == {f"p{n}": str(n) for n in range(8)}


def test_an_update_to_what_cannot_be_is_invalid() -> None:
    image = an_image()

    for values in ({"status": "bogus"}, {"name": EMOJI}, {"min_ram": 1 << 31}):
        with pytest.raises(exceptions.Invalid):
            db.image_update(OWNER, image["id"], values)

    assert db.image_get(OWNER, image["id"]) == image


def test_who_does_not_own_an_image_cannot_change_it() -> None:
    for visibility, refusal in REFUSALS.items():
        image = an_image(visibility=visibility)
        db.image_member_create(OWNER, {"image_id": image["id"], "member": "other"})

        with pytest.raises(exceptions.Forbidden) as update:
            db.image_update(OTHER, image["id"], {"name": "mine"})
        with pytest.raises(exceptions.Forbidden) as destruction:
            db.image_destroy(OTHER, image["id"])

        assert (type(update.value), type(destruction.value)) == (refusal, refusal)
        assert visibility == "private" or str(update.value) == "You do not own this image"
        assert db.image_get(OWNER, image["id"]) == image


REFUSALS = {
    "public": exceptions.ForbiddenPublicImage,
    "community": exceptions.ForbiddenPublicImage,
    "shared": exceptions.Forbidden,
    "private": exceptions.Forbidden,
}


def test_an_unknown_image_cannot_be_changed() -> None:
    with pytest.raises(exceptions.ImageNotFound):
        db.image_update(ADMIN, "unknown", {})
    with pytest.raises(exceptions.ImageNotFound):
        db.image_destroy(ADMIN, "unknown")


# ------------------------------------------------------------------ image_destroy, image_restore


def test_what_belongs_to_an_image_is_deleted_at_the_same_time() -> None:
    image = an_image(properties={"a": "1"}, locations=[A, B])
    db.image_tag_create(OWNER, image["id"], "tag")
    db.image_member_create(OWNER, {"image_id": image["id"], "member": "other"})

    after = db.image_destroy(OWNER, image["id"])

    assert (after["deleted"], after["status"], after["locations"]) == (True, "active", [])
    assert {entry.deleted_at for entry in after["properties"]} == {after["deleted_at"]}
    assert db.image_tag_get_all(OWNER, image["id"]) == []
    (member,) = db.image_member_find(ADMIN, image_id=image["id"], include_deleted=True)
    assert member["deleted"] is True
    forced = db.image_get(ADMIN, image["id"], force_show_deleted=True)
    assert {location["status"] for location in forced["locations"]} == {"deleted"}


def test_an_image_that_waits_for_deletion_can_be_restored() -> None:
    image = an_image(locations=[A])
    db.image_update(OWNER, image["id"], {"status": "pending_delete"})
    db.image_location_delete(OWNER, image["id"], image["locations"][0]["id"], "pending_delete")
    db.image_destroy(OWNER, image["id"])

    db.image_restore(ADMIN, image["id"])

    after = db.image_get(OWNER, image["id"])
    assert (after["status"], after["deleted"], after["deleted_at"]) == ("active", False, None)
    assert after["locations"] == image["locations"]


def waiting_for_deletion(**values: Any) -> str:
    """Record an image with a location and have it wait for its deletion; return its id."""
    image = an_image(locations=[A], **values)
    db.image_update(OWNER, image["id"], {"status": "pending_delete"})
    db.image_location_delete(OWNER, image["id"], image["locations"][0]["id"], "pending_delete")
    return str(image["id"])


def test_what_was_deleted_with_an_image_comes_back_with_it_and_is_not_purged() -> None:
    image_id = waiting_for_deletion(properties={"a": "1", "gone before": "x"})
    db.image_property_delete(OWNER, "gone before", image_id)
    db.image_tag_set_all(OWNER, image_id, ["t", "gone before"])
    db.image_tag_delete(OWNER, image_id, "gone before")
    db.image_member_create(OWNER, {"image_id": image_id, "member": "other"})
    db.image_destroy(OWNER, image_id)

    db.image_restore(ADMIN, image_id)
    db.purge_deleted_rows(ADMIN, 0, -1)

    assert live(db.image_get(OWNER, image_id)) == {"a": "1"}
    assert db.image_tag_get_all(OWNER, image_id) == ["t"]
    assert [it["member"] for it in db.image_member_find(OWNER, image_id)] == ["other"]


def test_an_image_whose_data_is_being_removed_is_not_restored(server: Engine) -> None:
    image_id = waiting_for_deletion()
    db.image_destroy(OWNER, image_id)
    removal = a_lease(image_id=image_id, purpose=Purpose.DELETE, store=None)
    keep(SqlWork(server), removal)

    with pytest.raises(exceptions.Conflict, match="being removed already"):
        db.image_restore(ADMIN, image_id)

    assert db.image_get(ADMIN, image_id)["status"] == "pending_delete"


def test_a_url_that_a_restored_image_got_again_is_there_once() -> None:
    image_id = waiting_for_deletion()
    db.image_destroy(OWNER, image_id)
    for location in (A, B):
        db.image_location_add(OWNER, image_id, location)

    db.image_restore(ADMIN, image_id)

    locations = db.image_get(OWNER, image_id)["locations"]
    assert [it["url"] for it in locations] == [A["url"], B["url"]]


def test_only_what_waits_for_deletion_is_restored() -> None:
    for status in ("active", "deleted", "queued"):
        image_id = an_image(status=status)["id"]

        with pytest.raises(exceptions.Conflict) as refusal:
            db.image_restore(ADMIN, image_id)

        assert str(refusal.value) == (
            f"cannot restore the image from {status} to active (wanted from_state=pending_delete)"
        )


def test_an_unknown_image_cannot_be_restored() -> None:
    with pytest.raises(exceptions.ImageNotFound, match=r"^No image found with ID unknown$"):
        db.image_restore(ADMIN, "unknown")


# ------------------------------------------------------------------ who sees, who changes


SEEN: Sequence[tuple[db.Context, str | None, str, bool]] = [
    (ADMIN, "owner", "private", True),
    (NOBODY, None, "private", True),
    (NOBODY, None, "shared", True),
    (NOBODY, "owner", "public", True),
    (OTHER, "owner", "community", True),
    (OWNER, "owner", "private", True),
    (OTHER, "owner", "private", False),
    (OTHER, "owner", "shared", False),
    (NOBODY, "owner", "shared", False),
]


def test_visibility_by_owner() -> None:
    for context, owner, visibility, seen in SEEN:
        image = an_image(owner=owner, visibility=visibility)

        assert db.is_image_visible(context, image) is seen, (context, owner, visibility)


def test_every_member_sees_a_shared_image() -> None:
    for status in ("pending", "accepted", "rejected"):
        image = an_image()
        member = db.image_member_create(
            OWNER, {"image_id": image["id"], "member": "other", "status": status}
        )

        assert db.is_image_visible(OTHER, image) is True
        assert db.is_image_visible(OTHER, image, status=status) is True
        assert db.is_image_visible(OTHER, image, status="bogus") is False
        db.image_member_delete(OWNER, member["id"])
        assert db.is_image_visible(OTHER, image) is False


MUTABLE: Sequence[tuple[db.Context, str | None, bool]] = [
    (ADMIN, None, True),
    (OWNER, "owner", True),
    (OTHER, "owner", False),
    (NOBODY, "owner", False),
    (NOBODY, None, False),
    (OWNER, None, False),
]


def test_mutability_by_owner() -> None:
    for context, owner, mutable in MUTABLE:
        assert db.is_image_mutable(context, {"owner": owner}) is mutable, (context, owner)


# ------------------------------------------------------------------ atomic properties


def test_an_atomic_property_is_set_once() -> None:
    image_id = an_image()["id"]

    def claim(number: int) -> bool:
        try:
            db.image_set_property_atomic(image_id, "lock", str(number))
        except exceptions.Duplicate:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        winners = [number for number, won in enumerate(threads.map(claim, range(4))) if won]

    assert len(winners) == 1
    assert live(db.image_get(OWNER, image_id)) == {"lock": str(winners[0])}


def test_an_atomic_property_takes_the_place_of_a_deleted_one() -> None:
    image_id = an_image(properties={"lock": "old"})["id"]
    db.image_update(OWNER, image_id, {}, purge_props=True)

    db.image_set_property_atomic(image_id, "lock", "new")

    assert live(db.image_get(OWNER, image_id)) == {"lock": "new"}


def test_an_atomic_property_is_removed_only_by_its_value() -> None:
    image_id = an_image()["id"]
    db.image_set_property_atomic(image_id, "lock", "mine")

    with pytest.raises(exceptions.NotFound):
        db.image_delete_property_atomic(image_id, "lock", "theirs")
    db.image_delete_property_atomic(image_id, "lock", "mine")
    with pytest.raises(exceptions.NotFound):
        db.image_delete_property_atomic(image_id, "lock", "mine")

    assert db.image_get(OWNER, image_id)["properties"] == []


def test_an_unknown_image_takes_no_atomic_property() -> None:
    with pytest.raises(exceptions.ImageNotFound):
        db.image_set_property_atomic("unknown", "lock", "mine")
    assert ids(db.image_get_all(ADMIN)) == []

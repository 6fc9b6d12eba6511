"""Images as records: created, shown, changed, labelled and switched by those who may."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import ADMIN, OWNER, a_caller
from tests.unit.application.service import FRIEND, OWNER_CALLER, READER, STRANGER, Service
from tintype.application.images.update import Change
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import (
    Duplicate,
    Forbidden,
    ImageNotFound,
    Invalid,
    PropertyConflict,
    QuotaExceeded,
    ReadOnlyAttribute,
    ReadOnlyCaller,
    ReservedName,
    StaleWrite,
    TagNotFound,
    TintypeError,
    WrongStatusForAction,
)
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

READ_ONLY = ["id", "status", "size", "checksum", "created_at", "updated_at", "direct_url", "stores"]
RESERVED = ["location", "deleted", "deleted_at", "os_glance_import_task"]
SYSTEM_SCOPED = a_caller(system_scope="all", roles=frozenset({"admin", "member", "reader"}))
WITHOUT_READER = a_caller(roles=frozenset({"member"}))

# ---------------------------------------------------------------------- creating


def test_a_created_image_waits_for_data(service: Service) -> None:
    image = service.create(OWNER_CALLER, {"name": "mine"}, {"os": "x"}, ["b", "a", "b"])

    kept = service.show(OWNER_CALLER, image.id)
    assert (kept.status, kept.owner, kept.name) == (Status.QUEUED, OWNER, "mine")
    assert kept.visibility is Visibility.SHARED
    assert kept.properties == {"os": "x"}
    assert sorted(kept.tags) == ["a", "b"]


def test_a_creation_is_told_once_it_is_true(service: Service) -> None:
    service.create(OWNER_CALLER, {}, {})

    assert service.told == ["ImageCreated"]


def test_an_image_gets_the_id_that_was_chosen(service: Service) -> None:
    chosen = "0c5a0dcc-6ba1-43ba-b9ce-7b3a8b8b3d8a"

    assert service.create(OWNER_CALLER, {}, {}, image_id=chosen).id == chosen


def test_an_id_is_given_once(service: Service) -> None:
    image = service.has_queued()

    with pytest.raises(Duplicate):
        service.create(STRANGER, {}, {}, image_id=image.id)


@pytest.mark.parametrize(
    ("caller", "attributes", "refusal"),
    [
        (ANONYMOUS, {}, ReadOnlyCaller),
        (READER, {}, Forbidden),
        (SYSTEM_SCOPED, {}, Forbidden),
        (OWNER_CALLER, {"owner": "somebody-else"}, Forbidden),
        (OWNER_CALLER, {"owner": None}, Forbidden),
        (OWNER_CALLER, {"visibility": "public"}, Forbidden),
        (OWNER_CALLER, {"visibility": "secret"}, Invalid),
        (OWNER_CALLER, {"disk_format": "floppy"}, Invalid),
        (OWNER_CALLER, {"container_format": "box"}, Invalid),
        (OWNER_CALLER, {"min_disk": -1}, Invalid),
        (OWNER_CALLER, {"min_ram": 1 << 31}, Invalid),
        (OWNER_CALLER, {"name": "x" * 256}, Invalid),
        *((OWNER_CALLER, {name: "x"}, ReadOnlyAttribute) for name in READ_ONLY),
    ],
)
def test_an_image_is_not_created_by_or_with(
    service: Service, caller: Caller, attributes: dict[str, Any], refusal: type[TintypeError]
) -> None:
    with pytest.raises(refusal):
        service.create(caller, attributes, {})
    assert service.told == []


@pytest.mark.parametrize(
    ("caller", "attributes"),
    [
        (OWNER_CALLER, {"visibility": "community"}),
        (OWNER_CALLER, {"visibility": "private"}),
        (OWNER_CALLER, {"owner": OWNER}),
        (ADMIN, {"visibility": "public"}),
        (ADMIN, {"owner": "somebody-else"}),
        (ADMIN, {"owner": None}),
    ],
)
def test_an_image_is_created_by_and_with(
    service: Service, caller: Caller, attributes: dict[str, Any]
) -> None:
    image = service.create(caller, attributes, {})

    assert {name: getattr(image, name) for name in attributes} == attributes


@pytest.mark.parametrize("name", RESERVED)
def test_an_image_is_not_created_with_a_reserved_property(service: Service, name: str) -> None:
    with pytest.raises(ReservedName):
        service.create(OWNER_CALLER, {}, {name: "x"})


def test_an_image_is_created_within_its_quotas(service: Service) -> None:
    service.limited(image_property_quota=1, image_tag_quota=1)

    with pytest.raises(QuotaExceeded, match="tags"):
        service.create(OWNER_CALLER, {}, {}, ["a", "b"])
    with pytest.raises(QuotaExceeded, match="properties"):
        service.create(OWNER_CALLER, {}, {"a": "1", "b": "2"})
    assert service.create(OWNER_CALLER, {}, {"a": "1"}, ["a", "a"]).tags == ["a"]


# ---------------------------------------------------------------------- who sees


@pytest.mark.parametrize(
    ("caller", "visibility"),
    [
        (READER, "private"),
        (ADMIN, "private"),
        (STRANGER, "public"),
        (STRANGER, "community"),
    ],
)
def test_an_image_is_shown_to(service: Service, caller: Caller, visibility: str) -> None:
    image = service.has_queued(visibility=Visibility(visibility))

    assert service.show(caller, image.id).id == image.id


@pytest.mark.parametrize(
    ("caller", "visibility"),
    [
        (STRANGER, "private"),
        (STRANGER, "shared"),
        (ANONYMOUS, "public"),
        (WITHOUT_READER, "public"),
        (SYSTEM_SCOPED, "public"),
    ],
)
def test_an_image_is_not_shown_to(service: Service, caller: Caller, visibility: str) -> None:
    image = service.has_queued(visibility=Visibility(visibility))

    with pytest.raises(ImageNotFound):
        service.show(caller, image.id)


@pytest.mark.parametrize("caller", [STRANGER, a_caller(None)])
def test_an_image_without_owner_is_nobodys(service: Service, caller: Caller) -> None:
    image = service.has_queued(owner=None, visibility=Visibility.PRIVATE)

    with pytest.raises(ImageNotFound):
        service.show(caller, image.id)
    with pytest.raises(ImageNotFound):
        service.delete(caller, image.id)


# ---------------------------------------------------------------------- lists


def test_a_list_shows_what_the_caller_may_see(service: Service) -> None:
    mine = service.has_queued(visibility=Visibility.PRIVATE)
    public = service.has_queued(owner="x", visibility=Visibility.PUBLIC)
    service.has_queued(owner="x", visibility=Visibility.PRIVATE)

    page = service.list(READER, ImageQuery(limit=10))

    assert {image.id for image in page.images} == {mine.id, public.id}


def test_a_full_page_has_a_next_one(service: Service) -> None:
    made = {service.has_queued().id for _ in range(3)}

    first = service.list(READER, ImageQuery(limit=2))
    second = service.list(READER, ImageQuery(limit=2, marker=first.next_marker))

    assert first.next_marker == first.images[-1].id
    assert second.next_marker is None
    assert {image.id for image in (*first.images, *second.images)} == made


def test_a_page_of_none_has_no_next_one(service: Service) -> None:
    service.has_queued()

    page = service.list(READER, ImageQuery(limit=0))

    assert (page.images, page.next_marker) == ([], None)


@pytest.mark.parametrize("caller", [ANONYMOUS, WITHOUT_READER, SYSTEM_SCOPED])
def test_nothing_is_listed_to(service: Service, caller: Caller) -> None:
    with pytest.raises(Forbidden):
        service.list(caller, ImageQuery(limit=10))


# ---------------------------------------------------------------------- changing


def test_changes_are_made_in_order(service: Service) -> None:
    image = service.has_queued(name="old")

    changed = service.update(
        OWNER_CALLER,
        image.id,
        [
            Change("replace", "name", "newer"),
            Change("add", "os", "x"),
            Change("replace", "os", "y"),
            Change("add", "gone", "z"),
            Change("remove", "gone"),
            Change("replace", "name", "newest"),
        ],
    )

    assert (changed.name, changed.properties) == ("newest", {"os": "y"})
    assert service.show(OWNER_CALLER, image.id).properties == {"os": "y"}
    assert service.told == ["ImageUpdated"]


def test_of_changes_that_fail_none_is_made(service: Service) -> None:
    image = service.has_queued(name="old")

    with pytest.raises(PropertyConflict):
        service.update(
            OWNER_CALLER, image.id, [Change("replace", "name", "new"), Change("remove", "os")]
        )
    assert service.show(OWNER_CALLER, image.id).name == "old"
    assert service.told == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (Change("replace", "os", "x"), PropertyConflict),
        (Change("remove", "os"), PropertyConflict),
        (Change("add", "there", "x", exclusive=True), PropertyConflict),
        (Change("add", "name", "x", exclusive=True), PropertyConflict),
        (Change("remove", "name"), Forbidden),
        (Change("replace", "owner", "x"), Forbidden),
        (Change("add", "owner", "x"), Forbidden),
        (Change("replace", "visibility", "public"), Forbidden),
        (Change("replace", "visibility", "secret"), Invalid),
        (Change("add", "locations", []), Forbidden),
        (Change("replace", "disk_format", "floppy"), Invalid),
        (Change("replace", "min_disk", -1), Invalid),
        *((Change("replace", name, "x"), ReadOnlyAttribute) for name in READ_ONLY),
        *((Change("remove", name), ReadOnlyAttribute) for name in READ_ONLY),
        *((Change("add", name, "x"), ReservedName) for name in RESERVED),
        *((Change("remove", name), ReservedName) for name in RESERVED),
    ],
)
def test_an_owner_cannot(service: Service, change: Change, refusal: type[TintypeError]) -> None:
    image = service.has_queued(properties={"there": "y"})

    with pytest.raises(refusal):
        service.update(OWNER_CALLER, image.id, [change])


@pytest.mark.parametrize(
    "change",
    [
        Change("add", "there", "x"),
        Change("replace", "there", "x"),
        Change("add", "new", "x", exclusive=True),
        Change("add", "name", "x"),
        Change("replace", "protected", True),
        Change("replace", "visibility", "community"),
        Change("replace", "tags", ["a"]),
        Change("replace", "disk_format", "qcow2"),
    ],
)
def test_an_owner_can(service: Service, change: Change) -> None:
    image = service.has_queued(properties={"there": "y"})

    changed = service.update(OWNER_CALLER, image.id, [change])

    assert (changed.properties | _attributes(changed))[change.name] == change.value


def _attributes(image: Image) -> dict[str, Any]:
    names = ("name", "protected", "visibility", "tags", "disk_format", "owner")
    return {name: getattr(image, name) for name in names}


@pytest.mark.parametrize(
    "change", [Change("replace", "visibility", "public"), Change("add", "owner", "x")]
)
def test_an_administrator_can(service: Service, change: Change) -> None:
    image = service.has_queued()

    changed = service.update(ADMIN, image.id, [change])

    assert _attributes(changed)[change.name] == change.value


def test_formats_are_fixed_once_there_is_data(service: Service) -> None:
    image = service.has_active()

    with pytest.raises(Forbidden):
        service.update(OWNER_CALLER, image.id, [Change("replace", "disk_format", "qcow2")])


def test_an_image_over_a_lowered_quota_can_be_changed_but_not_grow(service: Service) -> None:
    image = service.has_queued(properties={"a": "1", "b": "2"})
    service.limited(image_property_quota=1)

    service.update(OWNER_CALLER, image.id, [Change("replace", "a", "3")])
    with pytest.raises(QuotaExceeded):
        service.update(OWNER_CALLER, image.id, [Change("add", "c", "1")])


def test_a_property_may_take_the_place_of_another_at_the_quota(service: Service) -> None:
    service.limited(image_property_quota=1)
    image = service.has_queued(properties={"a": "1"})

    changed = service.update(
        OWNER_CALLER, image.id, [Change("add", "b", "2"), Change("remove", "a")]
    )

    assert changed.properties == {"b": "2"}


def test_no_changes_change_nothing(service: Service) -> None:
    image = service.has_queued()

    assert service.update(READER, image.id, []).updated_at == image.updated_at
    assert service.told == []


@pytest.mark.parametrize("caller", [WITHOUT_READER, SYSTEM_SCOPED, STRANGER])
def test_no_changes_do_not_show_the_image_to_who_may_not_see_it(
    service: Service, caller: Caller
) -> None:
    image = service.has_queued(owner=None, visibility=Visibility.PRIVATE)

    with pytest.raises(ImageNotFound):
        service.update(caller, image.id, [])


# ---------------------------------------------------------------------- labels


def test_a_tag_is_put_on_once(service: Service) -> None:
    image = service.has_queued()

    service.tag.add(OWNER_CALLER, image.id, "a")
    service.tag.add(OWNER_CALLER, image.id, "a")

    assert service.show(OWNER_CALLER, image.id).tags == ["a"]
    assert service.told == ["ImageUpdated"]


def test_a_tag_is_taken_off(service: Service) -> None:
    image = service.has_queued(tags=["a", "b"])

    service.tag.remove(OWNER_CALLER, image.id, "a")

    assert service.show(OWNER_CALLER, image.id).tags == ["b"]


def test_a_tag_that_is_not_there_is_not_taken_off(service: Service) -> None:
    image = service.has_queued(tags=["a"])

    with pytest.raises(TagNotFound):
        service.tag.remove(OWNER_CALLER, image.id, "b")


def test_tags_stay_within_their_quota_and_length(service: Service) -> None:
    service.limited(image_tag_quota=1)
    image = service.has_queued()

    with pytest.raises(Invalid):
        service.tag.add(OWNER_CALLER, image.id, "x" * 256)
    service.tag.add(OWNER_CALLER, image.id, "a")
    with pytest.raises(QuotaExceeded):
        service.tag.add(OWNER_CALLER, image.id, "b")


# ---------------------------------------------------------------------- switches


def test_data_is_withheld_and_handed_out_again(service: Service) -> None:
    image = service.has_active()
    service.notifier.heard.clear()

    service.deactivate(OWNER_CALLER, image.id)
    service.deactivate(OWNER_CALLER, image.id)
    assert service.status_of(image.id) is Status.DEACTIVATED
    service.reactivate(OWNER_CALLER, image.id)
    service.reactivate(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.ACTIVE
    assert service.told == ["ImageDeactivated", "ImageReactivated"]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SAVING, Status.KILLED])
def test_an_image_without_data_is_not_switched(service: Service, status: Status) -> None:
    image = service.has_queued(status=status)

    with pytest.raises(WrongStatusForAction):
        service.deactivate(OWNER_CALLER, image.id)
    with pytest.raises(WrongStatusForAction):
        service.reactivate(ADMIN, image.id)


# ---------------------------------------------------------------------- who changes

WAYS: dict[str, Callable[[Service, Caller, str], object]] = {
    "patch": lambda service, who, it: service.update(who, it, [Change("replace", "name", "x")]),
    "tag": lambda service, who, it: service.tag.add(who, it, "x"),
    "untag": lambda service, who, it: service.tag.remove(who, it, "x"),
    "deactivate": lambda service, who, it: service.deactivate(who, it),
    "reactivate": lambda service, who, it: service.reactivate(who, it),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("caller", "visibility", "refusal"),
    [
        (ANONYMOUS, "public", ReadOnlyCaller),
        (STRANGER, "private", ImageNotFound),
        (STRANGER, "shared", ImageNotFound),
        (STRANGER, "public", Forbidden),
        (STRANGER, "community", Forbidden),
        (READER, "private", Forbidden),
        (SYSTEM_SCOPED, "private", ImageNotFound),
    ],
)
def test_others_may_not_change(
    service: Service, way: str, caller: Caller, visibility: str, refusal: type[TintypeError]
) -> None:
    image = service.has_active(visibility=Visibility(visibility))

    with pytest.raises(refusal) as caught:
        WAYS[way](service, caller, image.id)
    assert type(caught.value) is refusal


@pytest.mark.parametrize("way", ["patch", "tag", "deactivate", "reactivate"])
def test_a_member_without_the_role_of_reader_may_change(service: Service, way: str) -> None:
    image = service.has_active()

    WAYS[way](service, WITHOUT_READER, image.id)


@pytest.mark.parametrize("way", ["patch", "tag", "deactivate"])
def test_a_change_is_repeated_when_another_writer_was_faster(service: Service, way: str) -> None:
    image = service.has_active()
    service.notifier.heard.clear()
    service.work.trouble = ["stale"] * 3

    WAYS[way](service, OWNER_CALLER, image.id)

    assert len(service.told) == 1


def test_a_change_gives_up_when_other_writers_are_always_faster(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = ["stale"] * 10

    with pytest.raises(StaleWrite):
        WAYS["tag"](service, OWNER_CALLER, image.id)
    assert service.told == []


def test_a_project_that_an_image_is_shared_with_may_not_change_it(service: Service) -> None:
    image = service.has_queued()
    service.add_member(OWNER_CALLER, image.id, "a-friend")

    with pytest.raises(Forbidden):
        WAYS["patch"](service, FRIEND, image.id)

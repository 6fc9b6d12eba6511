"""A deleted image leaves no bytes, and an image that a store keeps stays."""

from typing import Any

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, READER, STRANGER, Service
from tintype.domain.caller import ANONYMOUS
from tintype.domain.errors import (
    Duplicate,
    Forbidden,
    ImageNotFound,
    InUse,
    ProtectedImage,
    ReadOnlyCaller,
    StoreNotWritable,
    StoreUnavailable,
)
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.lease import Purpose
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility


def a_copy_to(store: str) -> ImportRequest:
    body = {"method": {"name": "copy-image"}, "stores": [store]}
    return ImportRequest(Method.COPY, stores=(store,), body=body)


def test_the_bytes_are_gone_when_the_image_is(service: Service) -> None:
    image = service.has_active()

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []
    assert service.leases == []


def test_a_deleted_image_is_not_found(service: Service) -> None:
    image = service.has_active()
    service.delete(OWNER_CALLER, image.id)

    with pytest.raises(ImageNotFound):
        service.show(ADMIN, image.id)


def test_an_image_is_not_deleted_twice(service: Service) -> None:
    image = service.has_active()
    service.delete(OWNER_CALLER, image.id)

    with pytest.raises(ImageNotFound):
        service.delete(OWNER_CALLER, image.id)


@pytest.mark.parametrize("with_data", [True, False])
def test_a_deletion_is_told_once(service: Service, with_data: bool) -> None:
    image = service.has_active() if with_data else service.has_queued()
    service.notifier.heard.clear()

    service.delete(OWNER_CALLER, image.id)

    assert service.told == ["ImageDeleted"]


@pytest.mark.parametrize(
    "status",
    [Status.QUEUED, Status.SAVING, Status.UPLOADING, Status.IMPORTING, Status.KILLED],
)
def test_an_image_without_data_is_deleted_in_any_status(service: Service, status: Status) -> None:
    image = service.has_queued(status=status)

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


def test_the_image_has_vanished_under_a_lease_while_its_bytes_go(service: Service) -> None:
    image = service.has_active()
    seen: dict[str, Any] = {}

    def look() -> None:
        seen["status"] = service.status_of(image.id)
        seen["leases"] = [(it.purpose, it.restore_to) for it in service.leases]

    service.fast.on_delete = look
    service.delete(OWNER_CALLER, image.id)

    assert seen["status"] is Status.PENDING_DELETE
    assert seen["leases"] == [(Purpose.DELETE, Status.ACTIVE)]


def test_the_id_of_a_deleted_image_is_not_given_again(service: Service) -> None:
    image = service.has_active()
    service.delete(OWNER_CALLER, image.id)

    with pytest.raises(Duplicate):
        service.create(OWNER_CALLER, {}, {}, image_id=image.id)


@pytest.mark.parametrize("switched", [False, True])
@pytest.mark.parametrize("refusal", [InUse("it", "fast"), StoreUnavailable("gone")])
def test_an_image_whose_data_a_store_keeps_stays_as_it_was(
    service: Service, switched: bool, refusal: Exception
) -> None:
    image = service.has_active()
    if switched:
        service.deactivate(OWNER_CALLER, image.id)
    before = service.status_of(image.id)
    service.fast.faults["delete"] = refusal

    with pytest.raises(type(refusal)):
        service.delete(OWNER_CALLER, image.id)
    assert service.status_of(image.id) is before
    assert service.look_at(image.id).locations == image.locations
    assert service.stored == [image.id]
    assert service.leases == []


def test_an_image_that_a_store_kept_can_be_deleted_later(service: Service) -> None:
    image = service.has_active()
    service.fast.faults["delete"] = InUse("it", "fast")
    with pytest.raises(InUse):
        service.delete(OWNER_CALLER, image.id)
    service.fast.faults.clear()

    service.delete(OWNER_CALLER, image.id)

    assert service.stored == []


def test_a_refused_deletion_is_not_told(service: Service) -> None:
    image = service.has_active()
    service.notifier.heard.clear()
    service.fast.faults["delete"] = InUse("it", "fast")

    with pytest.raises(InUse):
        service.delete(OWNER_CALLER, image.id)
    assert service.told == []


def test_data_that_is_gone_already_does_not_hinder_a_deletion(service: Service) -> None:
    image = service.has_active()
    service.fast.delete(image.locations[0])

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


def test_data_in_a_store_that_cannot_delete_does_not_hinder_a_deletion(service: Service) -> None:
    image = service.has_active()
    service.fast.faults["delete"] = StoreNotWritable("fast")

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


def test_data_in_no_store_of_ours_does_not_hinder_a_deletion(service: Service) -> None:
    image = service.has_queued(
        status=Status.ACTIVE, size=3, locations=[Location("sftp://far/away", {})]
    )

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


@pytest.mark.parametrize("caller", [OWNER_CALLER, ADMIN])
def test_a_protected_image_is_deleted_by_nobody(service: Service, caller: Any) -> None:
    image = service.has_active(protected=True)

    with pytest.raises(ProtectedImage):
        service.delete(caller, image.id)
    assert service.read(image.id) == b"abc"


@pytest.mark.parametrize(
    ("caller", "visibility", "refusal"),
    [
        (ANONYMOUS, "public", ReadOnlyCaller),
        (STRANGER, "private", ImageNotFound),
        (STRANGER, "public", Forbidden),
        (READER, "private", Forbidden),
    ],
)
def test_others_may_not_delete(
    service: Service, caller: Any, visibility: str, refusal: type[Exception]
) -> None:
    image = service.has_active(visibility=Visibility(visibility), protected=True)

    with pytest.raises(refusal) as caught:
        service.delete(caller, image.id)
    assert not isinstance(caught.value, ProtectedImage)
    assert service.status_of(image.id) is Status.ACTIVE


def test_members_go_with_the_image(service: Service) -> None:
    image = service.has_active()
    service.add_member(OWNER_CALLER, image.id, "a-friend")

    service.delete(OWNER_CALLER, image.id)

    with service.catalogue(read_only=True) as work:
        assert work.members.list(image.id) == []


# ---------------------------------------------------------------------- several copies

REFUSALS = [InUse("it", "cheap"), StoreUnavailable("gone")]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_an_image_that_one_store_keeps_lists_no_copy_that_another_has_deleted(
    service: Service, refusal: Exception
) -> None:
    image = service.has_copies()
    service.cheap.faults["delete"] = refusal

    with pytest.raises(type(refusal)):
        service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.ACTIVE
    assert service.stores_of(image.id) == ["cheap"]
    assert (list(service.fast.keys()), list(service.cheap.keys())) == ([], [image.id])
    assert service.read(image.id) == b"abc"


def test_copies_that_were_not_come_to_yet_stay_when_the_first_is_kept(service: Service) -> None:
    image = service.has_copies()
    service.fast.faults["delete"] = InUse("it", "fast")

    with pytest.raises(InUse):
        service.delete(OWNER_CALLER, image.id)

    assert service.look_at(image.id).locations == image.locations
    assert service.stored == [image.id, image.id]


def test_a_copy_that_went_with_a_refused_deletion_can_be_made_again(service: Service) -> None:
    image = service.has_copies()
    service.cheap.faults["delete"] = InUse("it", "cheap")
    with pytest.raises(InUse):
        service.delete(OWNER_CALLER, image.id)

    service.start_import(ADMIN, image.id, a_copy_to("fast"))
    service.work_off()

    assert service.stores_of(image.id) == ["cheap", "fast"]
    assert service.stored == [image.id, image.id]


def test_a_place_that_nobody_can_delete_stays_with_an_image_that_a_store_keeps(
    service: Service,
) -> None:
    far = Location("sftp://far/away", {})
    kept = service.has_bytes(service.cheap, "kept")
    image = service.has_queued(status=Status.ACTIVE, size=3, locations=[far, kept])
    service.cheap.faults["delete"] = InUse("it", "cheap")

    with pytest.raises(InUse):
        service.delete(OWNER_CALLER, image.id)

    assert service.look_at(image.id).locations == [far, kept]


def test_of_deleted_data_no_other_url_stays_with_an_image_that_a_store_keeps(
    service: Service,
) -> None:
    image_id = service.has_copies().id
    with service.catalogue() as work:
        image = work.images.get(image_id, seen_by=ADMIN)
        image.locations.append(Location(image.locations[0].url + "#again", {"store": "fast"}))
        work.images.save(image)
        work.commit()
    service.cheap.faults["delete"] = InUse("it", "cheap")

    with pytest.raises(InUse):
        service.delete(OWNER_CALLER, image_id)

    assert service.stores_of(image_id) == ["cheap"]


def test_a_copy_in_the_making_is_not_listed_by_an_image_that_a_store_keeps(
    service: Service,
) -> None:
    image = service.has_active()
    service.fast.faults["delete"] = InUse("it", "fast")
    caught: list[type] = []

    def delete(step: str) -> None:
        if step == "create":
            with pytest.raises(InUse) as refusal:
                service.delete(OWNER_CALLER, image.id)
            caught.append(refusal.type)

    service.cheap.check, check = delete, service.cheap.check  # type: ignore[method-assign]
    service.start_import(ADMIN, image.id, a_copy_to("cheap"))
    service.work_off()
    service.cheap.check = check  # type: ignore[method-assign]

    assert caught == [InUse]
    assert service.look_at(image.id).locations == image.locations
    assert service.look_at(image.id).importing_to == []


def test_no_transaction_waits_for_a_store_to_say_where_a_copy_is_in_the_making(
    service: Service,
) -> None:
    image, other = service.has_active(), service.has_queued()
    locate = service.cheap.locate

    def delete(step: str) -> None:
        if step == "create":
            service.cheap.locate = slowly  # type: ignore[method-assign]
            service.delete(OWNER_CALLER, image.id)

    def slowly(key: str) -> list[Location]:
        service.tag.add(OWNER_CALLER, other.id, "meanwhile")
        return locate(key)

    service.cheap.check = delete  # type: ignore[method-assign]
    service.start_import(ADMIN, image.id, a_copy_to("cheap"))
    service.work_off()

    assert service.look_at(other.id).tags == ["meanwhile"]
    assert (service.status_of(image.id), service.stored) == (Status.DELETED, [])


def test_a_copy_that_begins_while_stores_are_asked_is_deleted_too(service: Service) -> None:
    image = service.has_copies()
    begin_copies(service, image.id, "fast")
    locate = service.fast.locate
    begun: list[str] = []

    def meanwhile(key: str) -> list[Location]:
        if not begun:
            begun.append(key)
            begin_copies(service, image.id, "cheap", "fast")
        return locate(key)

    service.fast.locate = meanwhile  # type: ignore[method-assign]
    stray = service.has_bytes(service.cheap, "stray")
    service.cheap.locate = lambda key: [stray]  # type: ignore[method-assign]

    service.delete(OWNER_CALLER, image.id)

    assert (service.status_of(image.id), service.stored) == (Status.DELETED, [])


def begin_copies(service: Service, image_id: str, *stores: str) -> None:
    """Leave an image as a task leaves it that begins to copy it."""
    with service.catalogue() as work:
        work.images.take_lock(image_id, "a-task")
        image = work.images.get(image_id, seen_by=ADMIN)
        image.begin_import(stores, copy=True)
        work.images.save(image)
        work.commit()


# ---------------------------------------------------------------------- keys

KEY = {"cinder_encryption_key_id": "a-key"}
GOES_TOO = KEY | {"cinder_encryption_key_deletion_policy": "on_image_deletion"}


@pytest.mark.parametrize("with_data", [True, False])
def test_the_key_of_an_image_goes_with_it_on_behalf_of_who_deletes_it(
    service: Service, with_data: bool
) -> None:
    make = service.has_active if with_data else service.has_queued
    image = make(properties=GOES_TOO)

    service.delete(OWNER_CALLER, image.id)

    assert service.keys.deleted == [("a-key", OWNER_CALLER)]


@pytest.mark.parametrize(
    "properties", [KEY, KEY | {"cinder_encryption_key_deletion_policy": "do_not_delete"}]
)
def test_a_key_that_is_not_to_go_stays(service: Service, properties: dict[str, str]) -> None:
    service.delete(OWNER_CALLER, service.has_active(properties=properties).id)
    assert service.keys.deleted == []


def test_a_key_that_cannot_be_deleted_is_no_obstacle(service: Service) -> None:
    image = service.has_active(properties=GOES_TOO)
    service.keys.refuses = True

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


def test_the_key_stays_with_an_image_that_a_store_keeps(service: Service) -> None:
    image = service.has_active(properties=GOES_TOO)
    service.fast.faults["delete"] = StoreUnavailable("gone")

    with pytest.raises(StoreUnavailable):
        service.delete(OWNER_CALLER, image.id)

    assert service.keys.deleted == []

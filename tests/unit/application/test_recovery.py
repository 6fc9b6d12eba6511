"""What a process left behind is undone or finished by another one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import THEN, a_lease
from tests.unit.application.service import LEASE_TIME, OWNER_CALLER, FaultyWork, Script, Service
from tintype.domain.errors import CatalogueUnavailable, InUse, StoreUnavailable
from tintype.domain.image import Image
from tintype.domain.lease import Lease, Purpose
from tintype.domain.status import Status

DEAD = "a-dead-process"
LATER = THEN + timedelta(days=1)


@pytest.fixture(autouse=True)
def the_other_process_is_dead(service: Service) -> None:
    service.presence.dead.add(DEAD)


def a_half_done_upload(service: Service, **facts: Any) -> tuple[Image, Lease]:
    """Leave an image as a process leaves it that ends while it uploads."""
    image = service.has_queued(status=Status.SAVING)
    default: dict[str, Any] = {
        "image_id": image.id,
        "holder": DEAD,
        "expires_at": LATER,
        "store": "fast",
    }
    return image, service.has_lease(a_lease(**default | facts))


def a_half_done_deletion(
    service: Service,
    before: Status = Status.ACTIVE,
    make: Callable[[], Image] | None = None,
    **facts: Any,
) -> tuple[Image, Lease]:
    """Leave an image as a process leaves it that ends while it deletes."""
    image = (make or service.has_active)()
    with service.catalogue() as work:
        image = work.images.get(image.id, seen_by=OWNER_CALLER)
        image.begin_deletion()
        work.images.save(image)
        work.commit()
    default: dict[str, Any] = {
        "image_id": image.id,
        "purpose": Purpose.DELETE,
        "holder": DEAD,
        "expires_at": LATER,
        "store": None,
        "restore_to": before,
    }
    service.notifier.heard.clear()
    return image, service.has_lease(a_lease(**default | facts))


def assert_as_new(service: Service, image: Image) -> None:
    assert service.status_of(image.id) is Status.QUEUED
    assert service.stored == []
    assert service.leases == []


# ---------------------------------------------------------------------- whose leases


def test_a_sweep_finds_nothing_to_do_where_nothing_is_amiss(service: Service) -> None:
    service.has_active()

    assert service.sweep() == 0


def test_an_upload_of_a_dead_process_is_undone(service: Service) -> None:
    image, _ = a_half_done_upload(service)

    assert service.sweep() == 1
    assert_as_new(service, image)
    assert service.told == ["UploadFailed"]


def test_a_lease_that_ran_out_is_taken_for_abandoned(service: Service) -> None:
    image, lease = a_half_done_upload(service, holder="who-knows")
    service.clock.time = lease.expires_at

    assert service.sweep() == 1
    assert_as_new(service, image)


@pytest.mark.parametrize("holder", ["who-knows", "this-process"])
def test_a_lease_in_force_of_a_living_process_is_left_alone(service: Service, holder: str) -> None:
    image, lease = a_half_done_upload(service, holder=holder)
    service.clock.time = lease.expires_at - timedelta(microseconds=1)

    assert service.sweep() == 0
    assert service.status_of(image.id) is Status.SAVING
    assert [each.holder for each in service.leases] == [holder]


def test_a_process_that_renews_its_leases_is_left_alone(service: Service) -> None:
    image = service.has_queued()
    other = service.beside()

    def take_long() -> None:
        for _ in range(10):
            service.clock.pass_by(LEASE_TIME / 2)
            service.renew()
            assert other.sweep() == 0

    service.upload(image.id, Script(b"abc", take_long))

    assert service.read(image.id) == b"abc"


def test_renewing_leaves_the_leases_of_others_alone(service: Service) -> None:
    _, lease = a_half_done_upload(service)

    service.renew()

    assert [each.expires_at for each in service.leases] == [lease.expires_at]


def test_one_abandoned_lease_is_dealt_with_once(service: Service) -> None:
    a_half_done_upload(service)

    assert service.sweep() == 1
    assert service.sweep() == 0


# ---------------------------------------------------------------------- uploads half done


def test_bytes_that_the_store_has_for_good_go_with_an_undone_upload(service: Service) -> None:
    image, _ = a_half_done_upload(service)
    service.has_bytes(service.fast, image.id)

    service.sweep()

    assert_as_new(service, image)


def test_an_image_takes_data_again_after_its_upload_was_undone(service: Service) -> None:
    image, _ = a_half_done_upload(service)
    service.has_bytes(service.fast, image.id, b"old")
    service.sweep()

    service.upload(image.id, b"new")

    assert service.read(image.id) == b"new"


def test_bytes_of_an_image_deleted_during_its_upload_go_too(service: Service) -> None:
    image, _ = a_half_done_upload(service)
    service.delete(OWNER_CALLER, image.id)
    service.has_bytes(service.fast, image.id)

    service.sweep()

    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []
    assert service.leases == []


def test_an_upload_to_a_store_that_is_no_longer_enabled_is_undone(service: Service) -> None:
    image, _ = a_half_done_upload(service, store="dropped")

    assert service.sweep() == 1
    assert_as_new(service, image)


@pytest.mark.parametrize("step", ["discard_unfinished", "delete"])
def test_an_upload_waits_to_be_undone_for_a_store_that_does_not_answer(
    service: Service, step: str
) -> None:
    image, _ = a_half_done_upload(service)
    service.has_bytes(service.fast, image.id)
    service.fast.faults[step] = StoreUnavailable("gone")

    assert service.sweep() == 0
    assert service.status_of(image.id) is Status.SAVING

    service.fast.faults.clear()
    service.renew()
    assert service.sweep() == 1
    assert_as_new(service, image)


@pytest.mark.parametrize("trouble", ["refused", "unheard"])
@pytest.mark.parametrize("commits", [0, 1, 2])
def test_an_upload_waits_to_be_undone_for_a_catalogue_that_does_not_answer(
    service: Service, commits: int, trouble: str
) -> None:
    image, _ = a_half_done_upload(service)
    service.has_bytes(service.fast, image.id)
    service.work.trouble = [*[None] * commits, trouble]

    assert service.sweep() == 0
    service.renew()
    service.sweep()

    assert_as_new(service, image)


def test_a_store_with_a_bug_does_not_keep_other_images_from_being_cleaned_up(
    service: Service,
) -> None:
    a_half_done_upload(service)
    other, _ = a_half_done_upload(service, store="cheap", expires_at=LATER + LEASE_TIME)
    service.fast.faults["discard_unfinished"] = ZeroDivisionError()

    assert service.sweep() == 1
    assert service.status_of(other.id) is Status.QUEUED


# ---------------------------------------------------------------------- deletions half done


def test_a_deletion_of_a_dead_process_is_finished(service: Service) -> None:
    image, _ = a_half_done_deletion(service)

    assert service.sweep() == 1
    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []
    assert service.leases == []
    assert service.told == ["ImageDeleted"]


def test_a_deletion_whose_bytes_are_gone_already_is_finished(service: Service) -> None:
    image, _ = a_half_done_deletion(service)
    service.fast.delete(image.locations[0])

    assert service.sweep() == 1
    assert service.status_of(image.id) is Status.DELETED


@pytest.mark.parametrize("before", [Status.ACTIVE, Status.DEACTIVATED])
def test_an_image_whose_data_a_store_keeps_comes_back(service: Service, before: Status) -> None:
    image, _ = a_half_done_deletion(service, before)
    service.fast.faults["delete"] = InUse("it", "fast")

    assert service.sweep() == 0
    assert service.status_of(image.id) is before
    assert service.stored == [image.id]
    assert service.leases == []


def test_an_image_comes_back_with_what_a_dead_process_had_not_deleted_of_it(
    service: Service,
) -> None:
    image, _ = a_half_done_deletion(service, make=service.has_copies)
    service.fast.delete(image.locations[0])
    service.cheap.faults["delete"] = InUse("it", "cheap")

    assert service.sweep() == 0
    assert service.status_of(image.id) is Status.ACTIVE
    assert service.stores_of(image.id) == ["cheap"]
    assert service.read(image.id) == b"abc"


@pytest.mark.parametrize("silent", ["fast", "cheap"])
def test_a_deletion_waits_to_be_finished_for_a_store_of_which_nobody_knows_what_it_has_left(
    service: Service, silent: str
) -> None:
    image, _ = a_half_done_deletion(service, make=service.has_copies)
    driver = {"fast": service.fast, "cheap": service.cheap}[silent]
    service.fast.delete(image.locations[0])
    service.cheap.delete(image.locations[1])
    driver.faults["delete"] = StoreUnavailable("gone")

    assert service.sweep() == 0
    assert service.status_of(image.id) is Status.PENDING_DELETE

    driver.faults.clear()
    service.renew()
    assert service.sweep() == 1
    assert service.status_of(image.id) is Status.DELETED
    assert service.leases == []


def test_a_deletion_that_another_process_finishes_is_not_finished_twice(service: Service) -> None:
    _, lease = a_half_done_deletion(service)
    service.sweep()

    service.sweep.finish(lease)

    assert service.told == ["ImageDeleted"]


OUTAGES: list[list[str | None]] = [
    ["refused"],
    ["unheard"],
    [None, "refused"],
    [None, "unheard"],
]


@pytest.mark.parametrize("trouble", OUTAGES)
def test_a_living_process_makes_up_for_a_deletion_that_it_could_not_finish(
    service: Service, trouble: list[str | None]
) -> None:
    image = service.has_active()
    service.work.trouble = list(trouble)
    with pytest.raises(CatalogueUnavailable):
        service.delete(OWNER_CALLER, image.id)

    service.renew()
    service.sweep()

    assert service.leases == []
    if service.status_of(image.id) is Status.ACTIVE:
        assert service.read(image.id) == b"abc"
    else:
        assert service.status_of(image.id) is Status.DELETED
        assert service.stored == []


def test_what_one_process_gave_up_is_left_to_it_while_it_lives(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = ["unheard"]
    with pytest.raises(CatalogueUnavailable):
        service.upload(image.id, b"abc")

    assert service.beside().sweep() == 0


def test_a_lease_that_is_lost_to_another_process_during_the_sweep_is_left_to_it(
    service: Service,
) -> None:
    image, _ = a_half_done_upload(service)
    other = service.beside()
    other.presence.dead.add(DEAD)
    seen: list[int] = []

    class Overtaken(FaultyWork):
        def __call__(self, *, read_only: bool = False) -> Any:
            if not read_only and not seen:
                seen.append(other.sweep())
            return super().__call__(read_only=read_only)

    sweep = replace(service.sweep, work=Overtaken(service.catalogue))

    assert sweep() == 0
    assert seen == [1]
    assert_as_new(service, image)

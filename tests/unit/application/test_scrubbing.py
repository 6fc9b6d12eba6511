"""A delayed deletion hides the image at once; its data goes later, unless it is taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.domain.errors import (
    Conflict,
    ImageNotFound,
    InUse,
    NotPendingDeletion,
    ProtectedImage,
    StoreUnavailable,
)
from tintype.domain.image import Image
from tintype.domain.lease import Lease, Purpose
from tintype.domain.status import Status

DAY = timedelta(days=1)


@pytest.fixture
def service(service: Service) -> Service:
    """A service whose deletions are delayed."""
    service.delays_deletions = True
    return service.on(service.catalogue)


def a_pending_image(service: Service, make: Callable[[], Image] | None = None) -> Image:
    """Return an image with data whose deletion is delayed."""
    image = make() if make else service.has_active(b"data")
    service.delete(OWNER_CALLER, image.id)
    service.clock.time += timedelta(seconds=1)
    return image


def test_the_image_is_gone_at_once_and_its_data_is_still_there(service: Service) -> None:
    image = a_pending_image(service)

    assert service.status_of(image.id) is Status.PENDING_DELETE
    assert service.stored == [image.id]
    assert service.leases == []
    with pytest.raises(ImageNotFound):
        service.show(ADMIN, image.id)


def test_an_image_without_data_is_deleted_for_good(service: Service) -> None:
    image = service.has_queued()
    service.delete(OWNER_CALLER, image.id)
    assert service.status_of(image.id) is Status.DELETED


def test_a_protected_image_stays(service: Service) -> None:
    image = service.has_queued(status=Status.ACTIVE, protected=True)
    with pytest.raises(ProtectedImage):
        service.delete(OWNER_CALLER, image.id)


def test_the_deletion_is_told_once(service: Service) -> None:
    image = service.has_active()
    service.notifier.heard.clear()

    service.delete(OWNER_CALLER, image.id)
    service.scrub(timedelta())

    assert service.told == ["ImageDeleted"]


def test_scrubbing_removes_the_data_for_good(service: Service) -> None:
    image = a_pending_image(service)

    assert service.scrub(timedelta()) == 1

    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []
    assert service.leases == []


def test_the_key_of_an_image_goes_with_its_data_and_not_before(service: Service) -> None:
    key = {"cinder_encryption_key_id": "a-key"}
    goes_too = key | {"cinder_encryption_key_deletion_policy": "on_image_deletion"}
    image = service.has_active(properties=goes_too)
    service.delete(OWNER_CALLER, image.id)
    service.clock.time += DAY
    assert service.keys.deleted == []

    service.scrub(timedelta())

    assert service.keys.deleted == [("a-key", None)]


def test_data_stays_for_as_long_as_is_said(service: Service) -> None:
    image = a_pending_image(service)

    assert service.scrub(DAY) == 0
    service.clock.time += DAY
    assert service.scrub(DAY) == 1

    assert service.status_of(image.id) is Status.DELETED


def test_data_that_is_missing_already_is_no_obstacle(service: Service) -> None:
    image = a_pending_image(service)
    service.fast.delete(image.locations[0])

    assert service.scrub(timedelta()) == 1

    assert service.status_of(image.id) is Status.DELETED


@pytest.mark.parametrize("refusal", [StoreUnavailable("gone"), InUse("a-key", "fast")])
def test_an_image_whose_data_a_store_keeps_is_left_for_the_next_time(
    service: Service, refusal: Exception
) -> None:
    kept, other = a_pending_image(service), a_pending_image(service)
    service.fast.faults["delete"] = refusal
    assert service.scrub(timedelta()) == 0
    assert service.status_of(kept.id) is Status.PENDING_DELETE

    service.fast.faults.clear()
    service.clock.time += DAY

    assert service.scrub(timedelta()) == 2
    assert {service.status_of(kept.id), service.status_of(other.id)} == {Status.DELETED}


@pytest.mark.parametrize("refusal", [StoreUnavailable("gone"), InUse("a-key", "cheap")])
def test_an_image_that_could_be_scrubbed_in_part_only_is_restored_with_what_is_left(
    service: Service, refusal: Exception
) -> None:
    image = a_pending_image(service, service.has_copies)
    service.cheap.faults["delete"] = refusal
    assert service.scrub(timedelta()) == 0

    service.restore(image.id)

    assert service.stores_of(image.id) == ["cheap"]
    assert service.read(image.id) == b"abc"


def test_an_image_is_not_restored_while_nobody_knows_what_a_dead_process_has_scrubbed_of_it(
    service: Service,
) -> None:
    image = a_pending_image(service, service.has_copies)
    service.has_lease(a_scrub_of(service, image))
    service.clock.time += DAY
    service.fast.faults["delete"] = StoreUnavailable("gone")

    assert service.sweep() == 0

    with pytest.raises(Conflict, match="being removed"):
        service.restore(image.id)


def test_what_another_process_scrubs_is_left_to_it(service: Service) -> None:
    image = a_pending_image(service)
    service.has_lease(a_scrub_of(service, image))

    assert service.scrub(timedelta()) == 0

    assert service.stored == [image.id]


def test_what_a_dead_process_was_scrubbing_is_finished(service: Service) -> None:
    image = a_pending_image(service)
    service.has_lease(a_scrub_of(service, image))
    service.clock.time += DAY

    service.sweep()

    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []


def test_a_restored_image_is_as_it_was(service: Service) -> None:
    image = service.has_active(b"data", properties={"os": "linux"}, tags=["t"])
    service.delete(OWNER_CALLER, image.id)

    service.restore(image.id)

    restored = service.look_at(image.id)
    assert (restored.status, restored.properties, restored.tags) == (
        Status.ACTIVE,
        {"os": "linux"},
        ["t"],
    )
    assert service.read(image.id) == b"data"


def test_what_is_not_pending_deletion_cannot_be_restored(service: Service) -> None:
    image = service.has_active()
    with pytest.raises(NotPendingDeletion) as caught:
        service.restore(image.id)
    told = "cannot restore the image from active to active (wanted from_state=pending_delete)"
    assert str(caught.value) == told


def test_what_is_scrubbed_cannot_be_restored(service: Service) -> None:
    image = a_pending_image(service)
    service.scrub(timedelta())
    with pytest.raises(NotPendingDeletion):
        service.restore(image.id)


def test_what_is_being_scrubbed_cannot_be_restored(service: Service) -> None:
    image = a_pending_image(service)
    service.has_lease(a_scrub_of(service, image))
    with pytest.raises(Conflict, match="being removed"):
        service.restore(image.id)


def test_an_unknown_image_cannot_be_restored(service: Service) -> None:
    with pytest.raises(ImageNotFound, match="No image found with ID no-such-image"):
        service.restore("no-such-image")


def a_scrub_of(service: Service, image: Image) -> Lease:
    """Return what stands for another process that scrubs an image."""
    end = service.clock.now() + timedelta(minutes=1)
    pending = Status.PENDING_DELETE
    return Lease("a-lease", image.id, Purpose.DELETE, "another-process", end, restore_to=pending)

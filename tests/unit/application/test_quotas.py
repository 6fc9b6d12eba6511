"""Projects get as much as they may have, and no more; what is refused leaves all as it was."""

from typing import Any

import pytest

from tests.builders import ADMIN, OWNER, an_image
from tests.unit.application.quotas import NoAnswer, UnifiedQuotas
from tests.unit.application.service import LEASE_TIME, OWNER_CALLER, Script, Service
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.adapters.quota.fixed import FixedStorageQuota
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BrokenSource,
    Forbidden,
    ImageNotFound,
    LimitsUnavailable,
    OverLimit,
    OverStorageQuota,
    QuotaExceeded,
    ReservedName,
    SizeMismatch,
    StoreUnavailable,
    TintypeError,
    UnknownStore,
)
from tintype.domain.quota import MIB, Reservation, Resource
from tintype.domain.status import Status

SIZE, COUNT, UPLOADING = Resource.SIZE_TOTAL, Resource.COUNT_TOTAL, Resource.COUNT_UPLOADING
LARGE = bytes(MIB)


@pytest.fixture
def stored(service: Service) -> Service:
    """A service under a storage quota of 10 bytes."""
    return service.under(FixedStorageQuota(10))


def unified(service: Service, **limits: int) -> Service:
    return service.under(UnifiedQuotas({Resource(name): limit for name, limit in limits.items()}))


def reserved(service: Service) -> list[Reservation | None]:
    return [lease.reservation for lease in service.leases]


def is_untouched(service: Service, image_id: str) -> bool:
    """Tell whether an image waits for data and nothing is left of an upload."""
    image = service.look_at(image_id)
    empty = (image.status, image.size, image.locations) == (Status.QUEUED, None, [])
    return empty and not service.leases and image_id not in service.stored


# ------------------------------------------------------------------ bytes of the owner


@pytest.mark.parametrize("size", [None, 10], ids=["unknown", "declared"])
def test_an_upload_may_fill_the_storage_quota_to_the_last_byte(
    stored: Service, size: int | None
) -> None:
    image = stored.has_queued()

    stored.upload(image.id, b"0123456789", size=size)

    assert stored.status_of(image.id) is Status.ACTIVE


@pytest.mark.parametrize("size", [None, 11], ids=["unknown", "declared"])
def test_an_upload_over_the_storage_quota_is_refused_and_may_be_tried_again(
    stored: Service, size: int | None
) -> None:
    image = stored.has_queued()

    with pytest.raises(OverStorageQuota, match="10 bytes are left"):
        stored.upload(image.id, b"0123456789X", size=size)

    assert is_untouched(stored, image.id)
    stored.upload(image.id, b"0123456789")


def test_of_an_upload_that_is_declared_too_large_nothing_is_read(stored: Service) -> None:
    image = stored.has_queued()

    with pytest.raises(OverStorageQuota):
        stored.upload(image.id, Script(AssertionError("it was read")), size=11)


def test_a_stream_is_cut_where_the_quota_ends(stored: Service) -> None:
    image = stored.has_queued()
    endless = Script(b"01234", b"56789", b"X", AssertionError("it was read on"))

    with pytest.raises(OverStorageQuota):
        stored.upload(image.id, endless)

    assert is_untouched(stored, image.id)


def test_an_image_counts_once_for_each_of_its_locations(stored: Service) -> None:
    twice = an_image(Status.ACTIVE, size=4)
    twice.locations *= 2
    stored.has(twice)
    image = stored.has_queued()

    with pytest.raises(OverStorageQuota, match="2 bytes"):
        stored.upload(image.id, b"abc", size=3)


def test_what_an_administrator_uploads_is_charged_to_the_owner(stored: Service) -> None:
    stored.has_active(b"0123456789", owner=OWNER)
    image, own = stored.has_queued(owner=OWNER), stored.has_queued(owner=ADMIN.project_id)

    with pytest.raises(OverStorageQuota):
        stored.upload(image.id, b"a", size=1, caller=ADMIN)
    stored.upload(own.id, b"0123456789", size=10, caller=ADMIN)


def test_an_image_without_owner_is_charged_to_nobody(stored: Service) -> None:
    image = stored.has_queued(owner=None)

    stored.upload(image.id, bytes(100), caller=ADMIN)


def test_deleting_makes_room(stored: Service) -> None:
    full = stored.has_active(b"0123456789")
    image = stored.has_queued()
    stored.delete(OWNER_CALLER, full.id)

    stored.upload(image.id, b"0123456789", size=10)


def test_what_a_running_upload_declared_is_not_promised_to_another(stored: Service) -> None:
    slow, other = stored.has_queued(), stored.has_queued()

    def meanwhile() -> None:
        assert reserved(stored) == [Reservation(OWNER, SIZE, 6)]
        with pytest.raises(OverStorageQuota, match="4 bytes"):
            stored.upload(other.id, b"12345", size=5)

    stored.upload(slow.id, Script(b"123", meanwhile, b"456"), size=6)

    assert stored.status_of(slow.id) is Status.ACTIVE
    assert is_untouched(stored, other.id)


def test_of_two_streams_of_unknown_length_that_fill_the_quota_the_later_one_is_taken_back(
    stored: Service,
) -> None:
    slow, quick = stored.has_queued(), stored.has_queued()

    def meanwhile() -> None:
        stored.upload(quick.id, b"123456")

    with pytest.raises(OverStorageQuota):
        stored.upload(slow.id, Script(b"123", meanwhile, b"456"))

    assert stored.status_of(quick.id) is Status.ACTIVE
    assert is_untouched(stored, slow.id)
    assert stored.stored == [quick.id]


@pytest.mark.parametrize(
    ("steps", "error"),
    [((b"12", BrokenSource()), BrokenSource), ((b"12",), SizeMismatch)],
    ids=["broken off", "too short"],
)
def test_an_upload_that_fails_gives_back_what_was_set_aside(
    stored: Service, steps: tuple[Any, ...], error: type[Exception]
) -> None:
    image = stored.has_queued()

    with pytest.raises(error):
        stored.upload(image.id, Script(*steps), size=10)

    stored.upload(image.id, b"0123456789", size=10)


def test_what_a_dead_process_had_set_aside_comes_back_with_the_sweep(stored: Service) -> None:
    dying = stored.beside("dying")
    image, other = stored.has_queued(), stored.has_queued()

    def die() -> None:
        stored.presence.dead.add("dying")
        assert stored.sweep() == 1
        stored.upload(other.id, b"0123456789", size=10)

    with pytest.raises(TintypeError):
        dying.upload(image.id, Script(b"01234", die, b"56789"), size=10)

    assert is_untouched(stored, image.id)
    assert stored.status_of(other.id) is Status.ACTIVE


def test_bytes_stay_set_aside_as_long_as_a_store_keeps_them(stored: Service) -> None:
    dying = stored.beside("dying")
    image, other = stored.has_queued(), stored.has_queued()
    stored.fast.faults["discard_unfinished"] = StoreUnavailable("Out of service.")

    def die() -> None:
        stored.presence.dead.add("dying")
        assert stored.sweep() == 0
        with pytest.raises(OverStorageQuota):
            stored.upload(other.id, b"a", size=1)

    with pytest.raises(TintypeError):
        dying.upload(image.id, Script(b"01234", die, b"56789"), size=10)

    stored.fast.faults.clear()
    stored.clock.pass_by(2 * LEASE_TIME)
    assert stored.sweep() == 1
    stored.upload(other.id, b"a", size=1)


# ------------------------------------------------------------------ unified limits


def test_an_upload_over_the_unified_limit_leaves_the_image_queued(service: Service) -> None:
    image = unified(service, image_size_total=0).has_queued()

    with pytest.raises(OverLimit, match="image_size_total is over limit of 0 due to current usage"):
        service.upload(image.id, LARGE, size=MIB)

    assert is_untouched(service, image.id)


def test_a_project_at_its_limit_may_upload_less_than_a_mebibyte(service: Service) -> None:
    image = unified(service, image_size_total=0).has_queued()

    service.upload(image.id, b"abc", size=3)

    assert service.status_of(image.id) is Status.ACTIVE


def test_a_stream_of_unknown_length_is_not_cut_and_the_next_upload_is_refused(
    service: Service,
) -> None:
    first, second = unified(service, image_size_total=1).has_queued(), service.has_queued()

    service.upload(first.id, 2 * LARGE)

    assert service.status_of(first.id) is Status.ACTIVE
    with pytest.raises(OverLimit, match="limit of 1 due to current usage 2 and delta 0"):
        service.upload(second.id, b"")


def test_no_more_images_than_allowed_are_saved_at_once(service: Service) -> None:
    unified(service, image_count_uploading=1)
    slow, other = service.has_queued(), service.has_queued()

    def meanwhile() -> None:
        with pytest.raises(OverLimit, match="uploading is over limit of 1 due to current usage 2"):
            service.upload(other.id, b"abc")
        assert service.status_of(other.id) is Status.QUEUED

    service.upload(slow.id, Script(b"1", meanwhile, b"2"))

    service.upload(other.id, b"abc")


def test_unified_limits_are_those_of_the_callers_project(service: Service) -> None:
    unified(service, image_size_total=0, image_count_uploading=0)
    image = service.has_queued(owner="another")
    roaming = Caller(user_id="operator", roles=ADMIN.roles, is_admin=True)

    with pytest.raises(OverLimit):
        service.upload(image.id, LARGE, size=MIB, caller=ADMIN)
    service.upload(image.id, LARGE, size=MIB, caller=roaming)


def test_no_more_images_than_allowed_are_created(service: Service) -> None:
    unified(service, image_count_total=1)
    first = service.create(OWNER_CALLER, {}, {})

    with pytest.raises(
        OverLimit,
        match="Resource image_count_total is over limit of 1 due to current usage 1 and delta 1",
    ):
        service.create(OWNER_CALLER, {}, {})

    service.delete(OWNER_CALLER, first.id)
    service.create(OWNER_CALLER, {}, {})


def test_an_image_created_for_others_is_charged_to_the_project_that_creates_it(
    service: Service,
) -> None:
    unified(service, image_count_total=0)

    with pytest.raises(OverLimit):
        service.create(ADMIN, {"owner": OWNER}, {})


# ------------------------------------------------------------------ which refusal comes first


@pytest.mark.parametrize(
    ("attributes", "properties", "tags", "first"),
    [
        ({}, {"os_glance_x": "reserved"}, (), ReservedName),
        ({"owner": "another"}, {}, (), Forbidden),
        ({"visibility": "public"}, {}, (), Forbidden),
        ({}, {}, ("a", "b", "c"), OverLimit),
        ({"min_disk": -1}, {}, (), OverLimit),
        ({}, {"a": "1", "b": "2", "c": "3"}, (), OverLimit),
    ],
)
def test_creation_is_refused_for_reasons_in_order(
    service: Service,
    attributes: dict[str, Any],
    properties: dict[str, str],
    tags: tuple[str, ...],
    first: type[Exception],
) -> None:
    service.limited(image_tag_quota=2, image_property_quota=2)
    unified(service, image_count_total=0)

    with pytest.raises(first):
        service.create(OWNER_CALLER, attributes, properties, tags)


@pytest.mark.parametrize("how", [{"store": "no-such-store"}, {}], ids=["store", "image"])
def test_an_upload_over_the_unified_limit_is_told_so_before_anything_else(
    service: Service, how: dict[str, Any]
) -> None:
    unified(service, image_size_total=0)

    with pytest.raises(OverLimit):
        service.upload("no-such-image", LARGE, size=MIB, **how)


def test_within_limits_an_unknown_store_is_told_before_an_unknown_image(service: Service) -> None:
    with pytest.raises(UnknownStore):
        service.upload("no-such-image", b"", store="no-such-store")
    with pytest.raises(ImageNotFound):
        service.upload("no-such-image", b"")


def test_when_nobody_can_tell_the_limits_nothing_is_changed(service: Service) -> None:
    image = service.has_queued()
    service.under(NoAnswer())

    with pytest.raises(LimitsUnavailable):
        service.create(OWNER_CALLER, {}, {})
    with pytest.raises(LimitsUnavailable):
        service.upload(image.id, b"abc")

    assert is_untouched(service, image.id)


# ------------------------------------------------------------------ locations of one image


@pytest.mark.parametrize(
    ("quota", "count", "refused"),
    [(2, 2, False), (2, 3, True), (0, 0, False), (0, 1, True), (-1, 99, False)],
)
def test_an_image_has_as_many_locations_as_its_quota_allows(
    authoriser: OsloAuthoriser, quota: int, count: int, refused: bool
) -> None:
    limits = Service(authoriser).limited(image_location_quota=quota).limits
    image = an_image(Status.ACTIVE)
    image.locations *= count

    if refused:
        with pytest.raises(QuotaExceeded, match=f"locations. Attempted: {count}"):
            image.check_location_quota(limits)
    else:
        image.check_location_quota(limits)

"""Data goes out to those who may have it, from whichever store answers."""

import pytest

from tests.builders import ADMIN, a_caller
from tests.unit.application.service import (
    FRIEND,
    OWNER_CALLER,
    READER,
    STRANGER,
    Service,
)
from tintype.domain.byte_range import ByteRange, Span
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import (
    DataWithheld,
    Forbidden,
    ImageNotFound,
    NoData,
    RangeNotSatisfiable,
    StoreUnavailable,
)
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.member import Member
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

DATA = b"0123456789"


def in_two_stores(service: Service) -> Image:
    """Return an active image whose data is in both stores, the lighter one listed first."""
    image = service.has_active(DATA)
    copy = service.has_bytes(service.cheap, image.id, DATA)
    with service.catalogue() as work:
        image = work.images.get(image.id, seen_by=OWNER_CALLER)
        image.locations.insert(0, copy)
        work.images.save(image)
        work.commit()
    return image


def test_a_download_gives_all_of_it(service: Service) -> None:
    image = service.has_active(DATA)

    download = service.download(OWNER_CALLER, image.id)

    assert (download.span, download.size) == (Span(0, 10), 10)
    assert b"".join(download.stream) == DATA


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 0, b"0"),
        (3, 5, b"345"),
        (3, None, b"3456789"),
        (None, 3, b"789"),
        (None, 99, DATA),
        (8, 99, b"89"),
    ],
)
def test_a_range_gives_its_bytes(
    service: Service, first: int | None, last: int | None, expected: bytes
) -> None:
    image = service.has_active(DATA)

    download = service.download(OWNER_CALLER, image.id, ByteRange(first, last, "text"))

    assert download.stream.read() == expected
    assert (download.span.length, download.size) == (len(expected), 10)


def test_a_range_beyond_the_data_is_refused_with_its_size(service: Service) -> None:
    image = service.has_active(DATA)

    with pytest.raises(RangeNotSatisfiable) as caught:
        service.download(OWNER_CALLER, image.id, ByteRange(10, None, "bytes=10-"))
    assert caught.value.size == 10


def test_an_empty_image_is_downloaded_as_nothing(service: Service) -> None:
    assert service.read(service.has_active(b"").id) == b""


@pytest.mark.parametrize(
    "status", [Status.QUEUED, Status.SAVING, Status.UPLOADING, Status.IMPORTING, Status.KILLED]
)
def test_an_image_without_data_has_none_to_download(service: Service, status: Status) -> None:
    image = service.has_queued(status=status)

    with pytest.raises(NoData):
        service.download(OWNER_CALLER, image.id)


@pytest.mark.parametrize("status", [Status.DELETED, Status.PENDING_DELETE])
def test_a_deleted_image_is_not_found(service: Service, status: Status) -> None:
    image = service.has_queued(status=status)

    with pytest.raises(ImageNotFound):
        service.download(ADMIN, image.id)


# ---------------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("caller", "visibility", "refusal"),
    [
        (STRANGER, "private", ImageNotFound),
        (STRANGER, "shared", ImageNotFound),
        (READER, "private", Forbidden),
        (a_caller("a-stranger", roles=frozenset({"reader"})), "public", Forbidden),
        (a_caller("a-stranger", roles=frozenset()), "public", ImageNotFound),
        (ANONYMOUS, "public", ImageNotFound),
        (a_caller(system_scope="all"), "public", ImageNotFound),
    ],
)
def test_data_is_kept_from(
    service: Service, caller: Caller, visibility: str, refusal: type[Exception]
) -> None:
    image = service.has_active(DATA, visibility=Visibility(visibility))

    with pytest.raises(refusal):
        service.download(caller, image.id)


@pytest.mark.parametrize(
    ("caller", "visibility"),
    [
        (OWNER_CALLER, "private"),
        (ADMIN, "private"),
        (STRANGER, "public"),
        (STRANGER, "community"),
        (a_caller(roles=frozenset({"member"})), "private"),
    ],
)
def test_data_is_given_to(service: Service, caller: Caller, visibility: str) -> None:
    image = service.has_active(DATA, visibility=Visibility(visibility))

    assert service.download(caller, image.id).stream.read() == DATA


def test_a_member_downloads_what_is_shared_with_it(service: Service) -> None:
    image = service.has_active(DATA)
    service.has_member(Member(image.id, "a-friend", image.created_at, image.created_at))

    assert service.download(FRIEND, image.id).stream.read() == DATA


def test_a_deactivated_image_is_withheld_from_its_owner(service: Service) -> None:
    image = service.has_active(DATA)
    service.deactivate(OWNER_CALLER, image.id)

    with pytest.raises(DataWithheld):
        service.download(OWNER_CALLER, image.id)


def test_a_deactivated_image_is_given_to_administrators(service: Service) -> None:
    image = service.has_active(DATA)
    service.deactivate(OWNER_CALLER, image.id)

    assert service.download(ADMIN, image.id).stream.read() == DATA


def test_that_an_image_is_deactivated_is_not_told_to_who_may_not_see_it(service: Service) -> None:
    image = service.has_active(DATA, visibility=Visibility.PUBLIC)
    service.deactivate(OWNER_CALLER, image.id)

    with pytest.raises(ImageNotFound):
        service.download(a_caller("a-stranger", roles=frozenset({"member"})), image.id)


# ---------------------------------------------------------------------- from where


def test_data_comes_from_the_heaviest_store(service: Service) -> None:
    image = in_two_stores(service)
    service.cheap.faults["open"] = AssertionError("the lighter store was asked")

    assert service.read(image.id) == DATA


def test_data_comes_from_the_next_store_when_one_does_not_answer(service: Service) -> None:
    image = in_two_stores(service)
    service.fast.faults["open"] = StoreUnavailable("gone")

    assert service.read(image.id) == DATA


def test_data_comes_from_the_next_store_when_one_breaks_off_before_the_first_byte(
    service: Service,
) -> None:
    image = in_two_stores(service)
    service.fast.faults["read"] = StoreUnavailable("gone")

    assert service.read(image.id) == DATA


def test_data_is_whole_however_it_is_read(service: Service) -> None:
    image = service.has_active(DATA)

    stream = service.download(OWNER_CALLER, image.id).stream

    assert (stream.size, stream.read(3), stream.read(), stream.read()) == (
        10,
        b"012",
        DATA[3:],
        b"",
    )


def test_data_comes_from_the_next_store_when_one_has_lost_it(service: Service) -> None:
    image = in_two_stores(service)
    service.fast.delete(service.fast.locate(image.id)[0])

    assert service.read(image.id) == DATA


def test_an_image_that_no_store_can_give_is_unavailable(service: Service) -> None:
    image = in_two_stores(service)
    service.fast.faults["open"] = StoreUnavailable("fast is gone")
    service.cheap.faults["open"] = StoreUnavailable("cheap is gone")

    with pytest.raises(StoreUnavailable, match="fast is gone"):
        service.download(OWNER_CALLER, image.id)


def test_a_store_that_may_come_back_counts_more_than_one_that_lost_the_data(
    service: Service,
) -> None:
    image = in_two_stores(service)
    service.fast.delete(service.fast.locate(image.id)[0])
    service.cheap.faults["open"] = StoreUnavailable("cheap is gone")

    with pytest.raises(StoreUnavailable):
        service.download(OWNER_CALLER, image.id)


def test_data_that_every_store_lost_is_not_there(service: Service) -> None:
    image = service.has_active(DATA)
    service.fast.delete(image.locations[0])

    with pytest.raises(NoData):
        service.download(OWNER_CALLER, image.id)


def test_data_at_a_place_that_no_store_knows_is_unavailable_and_not_lost(
    service: Service,
) -> None:
    image = service.has_queued(
        status=Status.ACTIVE, size=3, locations=[Location("sftp://far/away", {})]
    )

    with pytest.raises(StoreUnavailable, match="No store knows"):
        service.download(OWNER_CALLER, image.id)


def test_the_size_of_an_image_that_has_none_recorded_is_that_of_its_data(service: Service) -> None:
    key = "0ddba11"
    location = service.has_bytes(service.fast, key, DATA)
    image = service.has_queued(status=Status.ACTIVE, locations=[location])

    assert service.download(OWNER_CALLER, image.id).size == 10

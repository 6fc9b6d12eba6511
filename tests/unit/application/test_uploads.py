"""An upload ends with an active image and its bytes, or with a queued one and none."""

import hashlib
import io
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import ADMIN, OWNER
from tests.unit.application.service import (
    FRIEND,
    LEASE_TIME,
    OWNER_CALLER,
    READER,
    STRANGER,
    Script,
    Service,
)
from tintype.application.images.update import Change
from tintype.domain.caller import ANONYMOUS
from tintype.domain.errors import (
    BrokenSource,
    CatalogueUnavailable,
    Duplicate,
    Forbidden,
    FormatMismatch,
    FormatsMissing,
    ImageGone,
    ImageNotFound,
    ImageTooLarge,
    ReadOnlyCaller,
    SizeMismatch,
    StorageFull,
    StoreUnavailable,
    TakenOver,
    UnknownStore,
    WrongStatus,
)
from tintype.domain.lease import Purpose
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

LARGE = random.Random(1).randbytes(3 * (1 << 20) + 17)


def assert_nothing_came(service: Service, image_id: str) -> None:
    """Assert that the image waits for data as if none had ever come."""
    image = service.look_at(image_id)
    facts = (image.size, image.checksum, image.os_hash_algo, image.os_hash_value)
    assert image.status is Status.QUEUED
    assert facts == (None, None, None, None)
    assert image.locations == []
    assert service.stored == []
    assert service.leases == []


@pytest.mark.parametrize("data", [b"", b"abc", LARGE], ids=["none", "few", "many"])
def test_an_upload_makes_the_image_active(service: Service, data: bytes) -> None:
    image = service.has_active(data)

    assert image.status is Status.ACTIVE
    assert image.size == len(data)
    assert image.checksum == hashlib.md5(data).hexdigest()
    assert image.os_hash_algo == "sha512"
    assert image.os_hash_value == hashlib.sha512(data).hexdigest()
    assert service.read(image.id) == data


def test_an_upload_leaves_no_lease(service: Service) -> None:
    service.has_active()

    assert service.leases == []


def test_an_upload_is_told_once_it_is_true(service: Service) -> None:
    service.has_active()

    assert service.told == ["ImageUpdated", "ImageActivated"]


def test_an_upload_goes_to_the_default_store(service: Service) -> None:
    image = service.has_active()

    assert [location.store for location in image.locations] == ["fast"]


def test_an_upload_goes_to_the_store_that_was_asked_for(service: Service) -> None:
    image = service.has_queued()

    service.upload(image.id, b"abc", store="cheap")

    assert list(service.cheap.keys()) == [image.id]
    assert [location.store for location in service.look_at(image.id).locations] == ["cheap"]


def test_the_virtual_size_of_a_raw_image_is_its_size(service: Service) -> None:
    assert service.has_active(bytes(512)).virtual_size == 512


def test_the_image_is_saving_under_a_lease_while_bytes_come(service: Service) -> None:
    image = service.has_queued()
    seen: dict[str, Any] = {}

    def look() -> None:
        seen["status"] = service.status_of(image.id)
        seen["lease"] = service.leases[0]

    service.upload(image.id, Script(b"a", look, b"bc"))

    lease = seen["lease"]
    assert seen["status"] is Status.SAVING
    assert (lease.purpose, lease.image_id, lease.store) == (Purpose.UPLOAD, image.id, "fast")
    assert (lease.holder, lease.expires_at) == ("this-process", service.clock.now() + LEASE_TIME)


def test_a_second_upload_beside_the_first_is_refused(service: Service) -> None:
    image = service.has_queued()
    refusals = []

    def upload_too() -> None:
        with pytest.raises(WrongStatus) as caught:
            service.upload(image.id, b"mine")
        refusals.append(caught.value.current)

    service.upload(image.id, Script(b"abc", upload_too))

    assert refusals == [Status.SAVING]
    assert service.read(image.id) == b"abc"


def test_a_patch_during_an_upload_is_not_lost(service: Service) -> None:
    image = service.has_queued()

    def rename() -> None:
        service.update(OWNER_CALLER, image.id, [Change("replace", "name", "new")])

    service.upload(image.id, Script(b"abc", rename))

    kept = service.look_at(image.id)
    assert (kept.name, kept.status) == ("new", Status.ACTIVE)


# ---------------------------------------------------------------------- refused beforehand


class Untouchable:
    """A source that nobody may read."""

    def readinto(self, buffer: memoryview, /) -> int:
        raise AssertionError("the source was read")


# One that is importing without a task at work counts as queued: see test_image_import.
OTHERS = [each for each in Status if each not in (Status.QUEUED, Status.IMPORTING)]


@pytest.mark.parametrize("status", OTHERS)
def test_only_a_queued_image_takes_data(service: Service, status: Status) -> None:
    image = service.has_queued(status=status)
    gone = status in (Status.DELETED, Status.PENDING_DELETE)

    with pytest.raises(ImageNotFound if gone else WrongStatus):
        service.upload(image.id, Untouchable())
    assert service.status_of(image.id) is status
    assert service.leases == []


@pytest.mark.parametrize("missing", ["disk_format", "container_format"])
def test_data_does_not_come_before_the_formats(service: Service, missing: str) -> None:
    image = service.has_queued(**{missing: None})

    with pytest.raises(FormatsMissing):
        service.upload(image.id, Untouchable())
    assert_nothing_came(service, image.id)


def test_an_unknown_store_is_refused_before_anything_is_read(service: Service) -> None:
    image = service.has_queued()

    with pytest.raises(UnknownStore):
        service.upload(image.id, Untouchable(), store="no-such")
    assert_nothing_came(service, image.id)


@pytest.mark.parametrize(
    ("caller", "visibility", "refusal"),
    [
        (ANONYMOUS, "public", ReadOnlyCaller),
        (STRANGER, "private", ImageNotFound),
        (STRANGER, "shared", ImageNotFound),
        (STRANGER, "public", Forbidden),
        (STRANGER, "community", Forbidden),
        (READER, "private", Forbidden),
    ],
)
def test_others_may_not_upload(
    service: Service, caller: Any, visibility: str, refusal: type[Exception]
) -> None:
    image = service.has_queued(visibility=Visibility(visibility))

    with pytest.raises(refusal):
        service.upload(image.id, Untouchable(), caller=caller)
    assert_nothing_came(service, image.id)


def test_an_administrator_uploads_to_an_image_of_others(service: Service) -> None:
    image = service.has_queued(owner=FRIEND.project_id)

    service.upload(image.id, b"abc", caller=ADMIN)

    assert service.look_at(image.id).status is Status.ACTIVE


def test_a_stranger_is_not_told_the_status(service: Service) -> None:
    image = service.has_active(visibility=Visibility.PUBLIC, owner=OWNER)

    with pytest.raises(Forbidden):
        service.upload(image.id, Untouchable(), caller=STRANGER)


# ---------------------------------------------------------------------- refused on the way

Break = Callable[[Service], dict[str, Any]]


def with_fault(step: str, error: BaseException) -> Break:
    def set_up(service: Service) -> dict[str, Any]:
        service.fast.faults[step] = error
        return {}

    return set_up


def with_arguments(**how: Any) -> Break:
    return lambda service: how


def with_script(*steps: Any) -> Break:
    return lambda service: {"source": Script(*steps)}


class Stop(BaseException):
    """The process is told to stop."""


REFUSALS: dict[str, tuple[Break, type[BaseException]]] = {
    "more announced than allowed": (with_arguments(size=1 << 23), ImageTooLarge),
    "more came than allowed": (with_arguments(source=bytes((1 << 22) + 1)), ImageTooLarge),
    "fewer came than announced": (with_arguments(size=4), SizeMismatch),
    "more came than announced": (with_arguments(size=2), SizeMismatch),
    "some came, none announced": (with_arguments(size=0), SizeMismatch),
    "broke at once": (with_script(BrokenSource()), BrokenSource),
    "broke later": (with_script(b"ab", BrokenSource()), BrokenSource),
    "stopped": (with_script(b"ab", Stop()), Stop),
    "qcow2 in raw": (with_arguments(source=b"QFI\xfb" + bytes(600)), FormatMismatch),
    "store full beforehand": (with_arguments(size=(1 << 22) - 1, fill=True), StorageFull),
    "store full on the way": (with_arguments(source=LARGE, fill=True), StorageFull),
    "store cannot begin": (with_fault("create", StoreUnavailable("gone")), StoreUnavailable),
    "store fails on the way": (with_fault("write", StoreUnavailable("gone")), StoreUnavailable),
    "store fails at the end": (with_fault("commit", StoreUnavailable("gone")), StoreUnavailable),
    "store has a bug": (with_fault("write", ZeroDivisionError()), ZeroDivisionError),
}


@pytest.fixture(params=REFUSALS)
def refused(request: pytest.FixtureRequest, service: Service) -> str:
    """The id of an image whose upload was refused on its way; the store works again."""
    set_up, error = REFUSALS[request.param]
    image = service.has_queued()
    how: dict[str, Any] = {"source": b"abc", **set_up(service)}
    filling = None
    if how.pop("fill", False):
        filling = service.has_bytes(service.fast, "filling", bytes((1 << 24) - (1 << 21)))
    with pytest.raises(error):
        service.upload(image.id, **how)
    if filling is not None:
        service.fast.delete(filling)
    service.fast.faults.clear()
    return image.id


def test_a_refused_upload_leaves_the_image_as_if_nothing_had_come(
    service: Service, refused: str
) -> None:
    assert_nothing_came(service, refused)


def test_a_refused_upload_is_told_as_failed(service: Service, refused: str) -> None:
    assert service.told == ["UploadFailed"]


def test_after_a_refused_upload_the_next_one_works(service: Service, refused: str) -> None:
    service.upload(refused, LARGE)

    assert service.read(refused) == LARGE
    assert service.leases == []


def test_data_that_was_in_the_store_before_is_neither_taken_nor_removed(service: Service) -> None:
    image = service.has_queued()
    service.has_bytes(service.fast, image.id, b"other")

    with pytest.raises(Duplicate):
        service.upload(image.id, b"abc")
    assert service.status_of(image.id) is Status.QUEUED
    assert service.stored == [image.id]


# ---------------------------------------------------------------------- overtaken


def test_an_upload_to_an_image_deleted_meanwhile_leaves_no_bytes(service: Service) -> None:
    image = service.has_queued()

    with pytest.raises(ImageGone):
        service.upload(image.id, Script(b"abc", lambda: service.delete(OWNER_CALLER, image.id)))
    assert service.status_of(image.id) is Status.DELETED
    assert service.stored == []
    assert service.leases == []


def test_an_upload_that_fails_after_its_image_was_deleted_does_not_revive_it(
    service: Service,
) -> None:
    image = service.has_queued()

    with pytest.raises(BrokenSource):
        service.upload(
            image.id,
            Script(b"abc", lambda: service.delete(OWNER_CALLER, image.id), BrokenSource()),
        )
    assert service.status_of(image.id) is Status.DELETED
    assert service.leases == []


def test_an_upload_that_was_called_off_does_not_make_the_image_active(service: Service) -> None:
    image = service.has_queued()

    def fall_silent() -> None:
        service.clock.pass_by(2 * LEASE_TIME)
        assert service.beside().sweep() == 1

    # The store may notice first that its bytes were discarded.
    with pytest.raises((TakenOver, StoreUnavailable)):
        service.upload(image.id, Script(b"abc", fall_silent))
    assert service.status_of(image.id) is Status.QUEUED
    assert service.leases == []


def test_a_silent_upload_does_not_touch_the_bytes_of_its_successor(service: Service) -> None:
    image = service.has_queued()

    def be_replaced() -> None:
        service.clock.pass_by(2 * LEASE_TIME)
        other = service.beside()
        other.sweep()
        other.upload(image.id, b"newer")

    with pytest.raises((TakenOver, Duplicate, StoreUnavailable)):
        service.upload(image.id, Script(b"older", be_replaced))
    assert service.status_of(image.id) is Status.ACTIVE
    assert service.read(image.id) == b"newer"


# ---------------------------------------------------------------------- an answer gets lost


def test_an_upload_repeats_its_step_when_another_writer_was_faster(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = ["stale", None, "stale", "stale"]

    service.upload(image.id, b"abc")

    assert service.read(image.id) == b"abc"
    assert service.leases == []


def test_bytes_go_when_the_catalogue_refuses_to_record_them(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = [None, "refused"]

    with pytest.raises(CatalogueUnavailable):
        service.upload(image.id, b"abc")
    assert_nothing_came(service, image.id)


def test_bytes_stay_when_only_the_answer_of_the_catalogue_was_lost(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = [None, "unheard"]

    with pytest.raises(CatalogueUnavailable):
        service.upload(image.id, b"abc")
    assert service.status_of(image.id) is Status.ACTIVE
    assert service.read(image.id) == b"abc"
    assert service.leases == []


OUTAGES = [
    pytest.param(["refused"], id="refused at the claim"),
    pytest.param(["unheard"], id="unheard at the claim"),
    *(
        pytest.param([None, *trouble], id=f"later: {' '.join(map(str, trouble))}")
        for trouble in (
            ["refused", "refused"],
            ["refused", "unheard"],
            ["refused", None, "refused"],
            ["refused", None, "unheard"],
            ["unheard", "refused"],
            ["unheard", "unheard"],
        )
    ),
]


@pytest.mark.parametrize("trouble", OUTAGES)
def test_a_living_process_makes_up_for_an_outage_of_the_catalogue(
    service: Service, trouble: list[str | None]
) -> None:
    image = service.has_queued()
    service.work.trouble = trouble
    with pytest.raises(CatalogueUnavailable):
        service.upload(image.id, b"abc")
    service.work.trouble = []

    service.renew()
    service.sweep()

    assert service.leases == []
    if service.status_of(image.id) is Status.ACTIVE:
        assert service.read(image.id) == b"abc"
    else:
        assert_nothing_came(service, image.id)


def test_a_living_process_makes_up_for_a_refusal_it_could_not_record(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = [None, "refused"]
    with pytest.raises(BrokenSource):
        service.upload(image.id, Script(b"abc", BrokenSource()))

    service.renew()
    service.sweep()

    assert_nothing_came(service, image.id)


def test_the_caller_hears_of_the_first_thing_that_went_wrong(service: Service) -> None:
    image = service.has_queued()
    service.work.trouble = [None, "refused"]

    with pytest.raises(SizeMismatch):
        service.upload(image.id, io.BytesIO(b"abc"), size=4)

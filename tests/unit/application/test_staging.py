"""Data that waits for its import (images-api §8.3, import-and-tasks §2 and §7)."""

from datetime import timedelta

import pytest

from tests.builders import a_caller, a_task, an_image
from tests.unit.application.service import OWNER_CALLER, READER, STRANGER, Script, Service
from tintype.domain.errors import (
    BrokenSource,
    Duplicate,
    Forbidden,
    ImageGone,
    ImageNotFound,
    ImageTooLarge,
    NoData,
    SizeMismatch,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
    WrongStatus,
)
from tintype.domain.image import Image
from tintype.domain.image_import import FAILED_IMPORT
from tintype.domain.status import Status

HOUR = timedelta(minutes=61)


def rests(service: Service, image_id: str) -> bool:
    return service.leases == [] and service.status_of(image_id) is Status.QUEUED


@pytest.mark.parametrize("data", [b"", b"abc", b"x" * 3_000_000], ids=["none", "few", "many"])
def test_staged_data_waits_with_nothing_but_its_size_known(service: Service, data: bytes) -> None:
    image = service.has_queued(disk_format=None, container_format=None)
    service.stage(image.id, data)
    staged = service.look_at(image.id)
    assert (staged.status, staged.size, staged.checksum) == (Status.UPLOADING, len(data), None)
    assert service.staging.open(image.id).read() == data
    assert (service.stored, service.leases) == ([], [])


def test_staged_data_is_not_served(service: Service) -> None:
    image = service.has_queued()
    service.stage(image.id, b"abc")
    with pytest.raises(NoData):
        service.download(OWNER_CALLER, image.id)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"size": 4}, SizeMismatch),
        ({"size": 2}, SizeMismatch),
        ({"source": Script(b"abc", BrokenSource())}, BrokenSource),
        ({"source": b"x" * ((1 << 22) + 1)}, ImageTooLarge),
    ],
    ids=["too few", "too many", "broken off", "over the cap"],
)
def test_a_bad_stream_leaves_nothing_and_can_be_sent_again(
    service: Service, trouble: dict[str, object], error: type[TintypeError]
) -> None:
    image = service.has_queued()
    with pytest.raises(error):
        service.stage(image.id, **{"source": b"abc", **trouble})  # type: ignore[arg-type]
    assert rests(service, image.id)
    assert list(service.staged.keys()) == []
    service.stage(image.id, b"abc")


@pytest.mark.parametrize("step", ["create", "write", "commit"])
@pytest.mark.parametrize(
    "error",
    [StorageFull("staging"), StoreWriteDenied("staging", "no"), StoreUnavailable("out")],
    ids=["full", "denied", "out of service"],
)
def test_a_staging_place_that_fails_leaves_the_image_queued(
    service: Service, step: str, error: TintypeError
) -> None:
    image = service.has_queued()
    service.staged.faults[step] = error
    with pytest.raises(type(error)):
        service.stage(image.id, b"abc")
    assert rests(service, image.id)


def test_staging_twice_is_a_conflict(service: Service) -> None:
    image = service.has_queued()
    service.stage(image.id, b"abc")
    with pytest.raises(WrongStatus):
        service.stage(image.id, b"def")
    assert service.staging.open(image.id).read() == b"abc"


def test_staging_and_uploading_exclude_each_other(service: Service) -> None:
    image = service.has_queued()
    service.stage(image.id, b"abc")
    with pytest.raises(WrongStatus):
        service.upload(image.id, b"abc")
    active = service.has_active()
    with pytest.raises(WrongStatus):
        service.stage(active.id, b"abc")


def test_losing_a_race_leaves_the_winner_alone(service: Service) -> None:
    image = service.has_queued()

    def another() -> None:
        with pytest.raises(WrongStatus):
            service.beside().stage(image.id, b"other")

    service.stage(image.id, Script(b"abc", another))
    assert service.staging.open(image.id).read() == b"abc"


def test_data_that_lies_there_already_is_not_replaced(service: Service) -> None:
    image = service.has_queued()
    service.has_bytes(service.staged, image.id, b"old")
    with pytest.raises(Duplicate):
        service.stage(image.id, b"new")
    assert rests(service, image.id)


@pytest.mark.parametrize(
    ("caller", "error"), [(READER, Forbidden), (STRANGER, ImageNotFound)], ids=["reader", "other"]
)
def test_permission_comes_before_the_status(
    service: Service, caller: object, error: type[TintypeError]
) -> None:
    image = service.has_active(visibility="private")
    with pytest.raises(error):
        service.stage(image.id, b"abc", caller=caller)


def test_an_image_deleted_while_it_is_staged_leaves_nothing(service: Service) -> None:
    image = service.has_queued()
    with pytest.raises(ImageGone):
        service.stage(image.id, Script(b"abc", lambda: service.delete(OWNER_CALLER, image.id)))
    assert (list(service.staged.keys()), service.leases) == ([], [])


def test_what_a_dead_process_was_staging_is_undone(service: Service) -> None:
    image = service.has_queued()
    service.staged.faults["commit"] = StoreUnavailable("out")
    service.work.trouble = [None, "refused"]
    with pytest.raises(StoreUnavailable):
        service.stage(image.id, b"abc")
    assert service.status_of(image.id) is Status.UPLOADING
    survivor = service.beside()
    survivor.presence.dead.add("this-process")
    assert survivor.sweep() == 1
    assert rests(service, image.id)


def test_deleting_an_image_removes_what_was_staged_for_it(service: Service) -> None:
    image = service.has_queued()
    service.stage(image.id, b"abc")
    service.delete(OWNER_CALLER, image.id)
    assert list(service.staged.keys()) == []


def test_a_protected_image_keeps_what_was_staged_for_it(service: Service) -> None:
    image = service.has_queued(protected=True)
    service.stage(image.id, b"abc")
    with pytest.raises(Forbidden):
        service.delete(OWNER_CALLER, image.id)
    assert list(service.staged.keys()) == [image.id]


# ---------------------------------------------------------------------- cleaning up


def test_cleaning_removes_what_no_image_needs(service: Service) -> None:
    waiting = service.has_queued()
    service.stage(waiting.id, b"abc")
    gone = service.has_queued()
    service.delete(OWNER_CALLER, gone.id)
    stranger = "00000000-0000-4000-8000-000000000000"
    keys = [gone.id, f"{gone.id}.uc", stranger, f"{stranger}.qcow2", "notes.txt"]
    for key in keys:
        service.has_bytes(service.staged, key)
    service.clean_staging()
    assert sorted(service.staged.keys()) == sorted([waiting.id, "notes.txt"])


def was_imported(service: Service, image: Image) -> None:
    """Record that there was an import of an image."""
    with service.catalogue() as work:
        work.tasks.add(a_task(image_id=image.id, type="api_image_import"))
        work.commit()


def test_what_has_the_id_of_a_living_image_stays_unless_it_was_imported(service: Service) -> None:
    waiting, active = service.has_queued(), service.has_active()
    names = sorted([active.id, f"{active.id}.qcow2", f"{waiting.id}.uc", waiting.id])
    for name in names:
        service.has_bytes(service.staged, name)
    service.clean_staging()
    assert sorted(service.staged.keys()) == names
    was_imported(service, active)
    service.clean_staging()
    assert sorted(service.staged.keys()) == sorted([waiting.id, f"{waiting.id}.uc"])


def test_data_of_an_imported_image_that_is_active_goes_at_once(service: Service) -> None:
    image = service.has_active()
    was_imported(service, image)
    service.has_bytes(service.staged, image.id)
    service.clean_staging()
    assert list(service.staged.keys()) == []


def test_data_of_a_copy_that_failed_goes_after_a_while(service: Service) -> None:
    image = service.has(an_image(status=Status.ACTIVE, properties={FAILED_IMPORT: "cheap"}))
    was_imported(service, image)
    service.has_bytes(service.staged, image.id)
    service.clean_staging()
    assert list(service.staged.keys()) == [image.id]
    service.clock.pass_by(HOUR)
    service.clean_staging()
    assert list(service.staged.keys()) == []


def test_a_place_that_does_not_answer_is_cleaned_another_time(service: Service) -> None:
    image = service.has_active()
    was_imported(service, image)
    service.has_bytes(service.staged, image.id)
    service.clock.pass_by(HOUR)
    service.staged.faults["delete"] = StoreUnavailable("out")
    service.clean_staging()
    service.staged.faults.clear()
    service.clean_staging()
    assert list(service.staged.keys()) == []


def test_nobody_stages_anonymously(service: Service) -> None:
    image = service.has_queued()
    with pytest.raises(Forbidden):
        service.stage(image.id, b"abc", caller=a_caller(None, read_only=True))

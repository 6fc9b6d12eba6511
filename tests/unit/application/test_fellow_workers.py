"""What one worker has staged, and another is asked to import or delete (import-and-tasks §8)."""

import hashlib
from datetime import timedelta

import pytest

from tests.unit.application.service import LEASE_TIME, OWNER_CALLER, STRANGER, Service
from tests.unit.application.test_image_import import DATA, ask, web
from tests.unit.application.test_location_import import SERVICE, URL, WRONG, on_reading
from tests.unit.application.test_tasks import a_foreign_task
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.domain.errors import (
    Conflict,
    ImageNotFound,
    InUse,
    StoreUnavailable,
    TintypeError,
    WorkerGarbled,
    WorkerSilent,
    WrongStatus,
)
from tintype.domain.image import Image
from tintype.domain.image_import import FAILED_IMPORT, HASH_HOST, STAGE_HOST
from tintype.domain.ports.fellow_workers import PassedOn
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskStatus

EXPECTED = ("sha256", hashlib.sha256(DATA).hexdigest())
HERE, THERE = "http://here:9292", "http://there:9292"


@pytest.fixture
def there(authoriser: OsloAuthoriser) -> Service:
    return Service(authoriser).at(THERE)


@pytest.fixture
def here(there: Service) -> Service:
    return there.beside().at(HERE)


@pytest.fixture
def staged(there: Service) -> Image:
    """Have an image staged by the other worker."""
    image = there.has_queued()
    there.stage(image.id, DATA)
    return image


def begun(service: Service, image: Image) -> Task:
    task = service.start_import(OWNER_CALLER, image.id, ask())
    assert isinstance(task, Task)
    return task


def test_an_import_of_what_another_worker_staged_goes_on_to_it(
    here: Service, staged: Image
) -> None:
    answer = here.start_import(OWNER_CALLER, staged.id, ask())
    assert answer == PassedOn(202, "Accepted")
    assert here.fellows.asked == [("import", THERE)]
    assert here.leases == []


def test_the_worker_that_staged_data_imports_it_itself(there: Service, staged: Image) -> None:
    task = begun(there, staged)
    there.work_off()
    assert there.task(task.id).status is TaskStatus.SUCCESS
    image = there.look_at(staged.id)
    assert (image.status, image.stage_host) == (Status.ACTIVE, None)
    assert there.fellows.asked == []


def test_a_slash_at_the_end_makes_no_other_worker(there: Service, staged: Image) -> None:
    there.own_url = THERE + "/"
    assert begun(there.limited(), staged)


def test_a_worker_without_a_url_takes_staging_for_shared(
    authoriser: OsloAuthoriser,
) -> None:
    one = Service(authoriser)
    image = one.has_queued()
    one.stage(image.id, DATA)
    assert STAGE_HOST not in one.look_at(image.id).properties
    begun(one.beside(), image)


def test_what_may_not_be_imported_is_refused_here(here: Service, staged: Image) -> None:
    with pytest.raises(ImageNotFound):
        here.start_import(STRANGER, staged.id, ask())
    with pytest.raises(Conflict):
        here.start_import(OWNER_CALLER, staged.id, web())
    assert here.fellows.asked == []


@pytest.mark.parametrize("error", [WorkerSilent(THERE), WorkerGarbled(THERE)])
def test_an_import_tells_of_a_worker_that_cannot_be_asked(
    here: Service, staged: Image, error: TintypeError
) -> None:
    here.fellows.answer = error
    with pytest.raises(type(error), match="Stage host is unavailable"):
        here.start_import(OWNER_CALLER, staged.id, ask())
    assert here.status_of(staged.id) is Status.UPLOADING


def test_a_request_that_was_passed_on_goes_no_further(here: Service, staged: Image) -> None:
    with pytest.raises(Conflict, match="worker_self_reference_url"):
        here.start_import(OWNER_CALLER, staged.id, ask(), passed_on=True)
    assert here.delete(OWNER_CALLER, staged.id, passed_on=True) is None
    assert here.fellows.asked == []
    assert here.status_of(staged.id) is Status.DELETED


@pytest.mark.parametrize("status", [204, 403, 409])
def test_a_deletion_goes_on_to_the_worker_that_has_the_data(
    here: Service, staged: Image, status: int
) -> None:
    here.fellows.answer = PassedOn(status, "Some Reason")
    assert here.delete(OWNER_CALLER, staged.id) == here.fellows.answer
    assert here.fellows.asked == [("delete", THERE)]
    assert here.status_of(staged.id) is Status.UPLOADING


@pytest.mark.parametrize(
    "answer", [PassedOn(503, "Busy"), WorkerSilent(THERE), WorkerGarbled(THERE)]
)
def test_a_deletion_that_the_other_worker_cannot_do_is_done_here(
    here: Service, there: Service, staged: Image, answer: PassedOn | TintypeError
) -> None:
    here.fellows.answer = answer
    assert here.delete(OWNER_CALLER, staged.id) is None
    assert here.status_of(staged.id) is Status.DELETED
    there.clean_staging()
    assert list(there.staged.keys()) == []


# ---------------------------------------------------------------------- hashes of locations


@pytest.fixture
def located(there: Service) -> Image:
    """Have an image whose data is at `URL`, and let the other worker be told of that."""
    there.has_bytes(there.fast, "elsewhere", DATA)
    image = there.has_queued()
    told_of_data(there, image)
    return image


def told_of_data(service: Service, image: Image, expected: tuple[str, str] | None = None) -> None:
    service.start_location_import(SERVICE, image.id, URL, expected)


@pytest.mark.parametrize("expected", [None, EXPECTED])
def test_a_deletion_goes_on_to_the_worker_that_computes_a_hash(
    here: Service, there: Service, expected: tuple[str, str] | None
) -> None:
    image = there.has_queued()
    there.has_bytes(there.fast, "elsewhere", DATA)
    here.fellows.answer = PassedOn(409, "Some Reason")
    answers: list[PassedOn | None] = []
    on_reading(there, lambda: answers.append(here.delete(OWNER_CALLER, image.id)))

    told_of_data(there, image, expected)
    there.work_off()

    assert answers == [here.fellows.answer]
    assert here.fellows.asked == [("delete", THERE)]
    assert there.status_of(image.id) is Status.ACTIVE


@pytest.mark.parametrize("expected", [None, EXPECTED, WRONG])
def test_nobody_computes_a_hash_that_is_done(
    there: Service, expected: tuple[str, str] | None
) -> None:
    image = there.has_queued()
    there.has_bytes(there.fast, "elsewhere", DATA)
    seen: list[str | None] = []
    on_reading(there, lambda: seen.append(there.look_at(image.id).hash_host))

    told_of_data(there, image, expected)
    there.work_off()

    assert seen == [THERE]
    assert HASH_HOST not in there.look_at(image.id).properties


@pytest.mark.parametrize("expected", [None, EXPECTED])
def test_nobody_computes_a_hash_of_what_cannot_be_read(
    there: Service, expected: tuple[str, str] | None
) -> None:
    image = there.has_queued()
    there.has_bytes(there.fast, "elsewhere", DATA)
    there.fast.faults = {"open": StoreUnavailable("gone")}
    told_of_data(there, image, expected)
    there.work_off()
    assert HASH_HOST not in there.look_at(image.id).properties


@pytest.mark.parametrize("expected", [None, EXPECTED])
@pytest.mark.parametrize("heir", [HERE, None])
def test_whoever_takes_a_hash_over_is_who_computes_it(
    there: Service, expected: tuple[str, str] | None, heir: str | None
) -> None:
    image = there.has_queued()
    there.has_bytes(there.fast, "elsewhere", DATA)
    seen: list[str | None] = []

    def die_once() -> None:
        seen.append(there.look_at(image.id).hash_host)
        if len(seen) == 1:
            raise KeyboardInterrupt

    on_reading(there, die_once)
    told_of_data(there, image, expected)
    with pytest.raises(KeyboardInterrupt):
        there.work_off()
    other = there.beside()
    other.own_url = heir
    other.presence.dead = {there.presence.holder}
    other.limited()

    assert other.sweep() == 1
    other.work_off()

    assert seen == [THERE, heir]
    assert HASH_HOST not in there.look_at(image.id).properties


def test_nobody_computes_a_hash_of_an_image_that_a_store_kept_from_being_deleted(
    there: Service, located: Image
) -> None:
    def be_kept() -> None:
        there.fast.faults = {"delete": InUse(located.id, "fast")}
        with pytest.raises(InUse):
            there.delete(OWNER_CALLER, located.id)

    on_reading(there, be_kept)
    there.work_off()
    image = there.look_at(located.id)
    assert (image.status, HASH_HOST in image.properties) == (Status.ACTIVE, False)


def test_a_worker_without_a_url_names_nobody_who_computes_a_hash(
    authoriser: OsloAuthoriser,
) -> None:
    one = Service(authoriser)
    image = one.has_queued()
    one.has_bytes(one.fast, "elsewhere", DATA)
    seen: list[bool] = []
    on_reading(one, lambda: seen.append(HASH_HOST in one.look_at(image.id).properties))
    told_of_data(one, image)
    one.work_off()
    assert seen == [False]


def test_a_task_whose_lock_was_broken_computes_no_hash(here: Service) -> None:
    image = here.has_queued(properties={HASH_HOST: THERE})
    a_foreign_task(here, image, updated_at=here.clock.now() - timedelta(hours=3))
    here.start_location_import(SERVICE, image.id, URL)
    assert HASH_HOST not in here.look_at(image.id).properties


# ---------------------------------------------------------------------- imports that fail


@pytest.fixture
def failed(there: Service, staged: Image) -> Image:
    """Have an import fail on the worker that staged the data."""
    there.fast.faults = {"write": StoreUnavailable("store fast: no answer")}
    begun(there, staged)
    there.work_off()
    there.fast.faults = {}
    assert there.look_at(staged.id).import_failed
    return staged


def test_a_failed_import_is_tried_again_where_the_data_is(
    here: Service, there: Service, failed: Image
) -> None:
    assert isinstance(here.start_import(OWNER_CALLER, failed.id, ask()), PassedOn)
    begun(there, failed)
    there.work_off()
    assert there.read(failed.id) == DATA


def test_data_that_is_staged_elsewhere_is_in_the_way_of_other_data(
    here: Service, failed: Image
) -> None:
    with pytest.raises(Conflict):
        here.stage(failed.id, b"other")
    with pytest.raises(Conflict):
        here.upload(failed.id, b"other")
    here.clean_staging()
    assert here.look_at(failed.id).import_failed


def test_a_leftover_of_data_that_is_staged_elsewhere_stops_no_cleaning(
    here: Service, failed: Image
) -> None:
    here.has_bytes(here.staged, failed.id)
    here.has_bytes(here.staged, "00000000-0000-4000-8000-000000000000")
    here.clock.pass_by(timedelta(minutes=2))
    here.clean_staging()
    assert list(here.staged.keys()) == [failed.id]
    assert here.look_at(failed.id).import_failed


def test_data_that_its_host_has_lost_can_be_staged_anew_there(
    there: Service, failed: Image
) -> None:
    there.staging.remove(failed.id)
    there.stage(failed.id, DATA)
    assert there.look_at(failed.id).stage_host == THERE


def test_an_import_whose_worker_died_fails_and_can_be_sent_again(
    here: Service, there: Service, staged: Image
) -> None:
    task = begun(there, staged)
    here.presence.dead = {there.presence.holder}
    assert here.sweep() == 1
    here.work_off()
    assert "send it again" in here.task(task.id).message
    image = here.look_at(staged.id)
    assert (image.import_failed, image.stage_host) == (True, THERE)
    assert image.properties[FAILED_IMPORT] == "fast"
    begun(there, staged)
    there.work_off()
    assert there.read(staged.id) == DATA


def test_an_import_that_is_handed_back_waits_a_while_for_its_own_host(
    here: Service, there: Service, staged: Image
) -> None:
    task = begun(there, staged)
    there.halt_and_work_off()
    assert here.sweep() == 0
    here.clock.pass_by(LEASE_TIME)
    assert here.sweep() == 1
    here.work_off()
    assert here.task(task.id).status is TaskStatus.FAILURE


def test_an_import_that_is_handed_back_is_done_by_its_own_host(
    there: Service, staged: Image
) -> None:
    begun(there, staged)
    there.halt_and_work_off()
    assert there.sweep() == 1
    there.work_off()
    assert there.read(staged.id) == DATA


def test_what_a_host_left_staged_is_removed_when_others_have_undone_it(
    there: Service, staged: Image
) -> None:
    with there.catalogue() as work:
        image = work.images.get_gone(staged.id)
        assert image is not None
        image.size = None
        image.abandon_upload()
        work.images.save(image)
        work.commit()
    there.clean_staging()
    assert list(there.staged.keys()) == [staged.id]
    there.clock.pass_by(timedelta(minutes=2))
    there.clean_staging()
    assert list(there.staged.keys()) == []
    there.stage(staged.id, DATA)


def test_an_image_that_is_being_staged_cannot_be_staged_elsewhere(
    here: Service, staged: Image
) -> None:
    with pytest.raises(WrongStatus):
        here.stage(staged.id, b"other")

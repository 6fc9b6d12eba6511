"""Tasks are done once, by whoever lives, and never forgotten."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_task, an_image
from tests.unit.application.service import LEASE_TIME, OWNER_CALLER, TASK_TIME, Service
from tintype.application.tasks.engine import INTERNAL, Outcome
from tintype.application.tasks.expire import RemoveExpiredTasks
from tintype.application.tasks.run import SIGN_OF_LIFE, Run
from tintype.domain.errors import (
    CatalogueUnavailable,
    ImportLocked,
    StorageFull,
    TaskNotFound,
)
from tintype.domain.image import Image
from tintype.domain.image_import import FAILED_IMPORT, IMPORTING_TO
from tintype.domain.import_lock import PREEMPTED
from tintype.domain.lease import Purpose
from tintype.domain.status import Status
from tintype.domain.task import MAX_ATTEMPTS, Progress, Task, TaskStatus

KIND = "rename"


@dataclass
class Rename:
    """A job that gives its image a name, and does on the way what a test wants."""

    on_the_way: Callable[[Run], Any] = lambda run: None
    runs: int = 0
    cleared: list[str] = field(default_factory=list)

    def run(self, run: Run) -> Outcome:
        self.runs += 1
        self.on_the_way(run)
        return Outcome({"done": True}, lambda image: setattr(image, "name", "renamed"))

    def clear_away(self, run: Run, image: Image, error: Exception) -> None:
        self.cleared.append(str(error))

    def put_right(self, task: Task, image: Image, error: Exception) -> None:
        image.name = "put right"


@pytest.fixture
def job(service: Service) -> Rename:
    job = Rename()
    service.jobs[KIND] = job
    return job


@pytest.fixture
def image(service: Service) -> Image:
    return service.has_queued()


def a_started_task(service: Service, image: Image, **facts: Any) -> Task:
    """Put a task on record as a use case does, with the lock of its image, and pass it on."""
    task = a_task(type=KIND, image_id=image.id, **facts)
    with service.work() as work:
        got = work.images.get(image.id, seen_by=ADMIN, for_update=True)
        service.lock.take(work, got, task.id)
        lease = service.start.record(work, task)
        work.commit()
    service.start.submit(lease)
    return task


def rests(service: Service, image: Image) -> bool:
    """Tell whether nothing speaks of work on the image any more."""
    return service.leases == [] and service.look_at(image.id).import_task is None


# ---------------------------------------------------------------------- done, and how it ended


def test_a_task_that_is_done_is_on_record_with_its_result(
    service: Service, job: Rename, image: Image
) -> None:
    task = a_started_task(service, image)
    assert service.look_at(image.id).import_task == task.id

    service.work_off()

    ended = service.task(task.id)
    assert (ended.status, ended.result, ended.message) == (TaskStatus.SUCCESS, {"done": True}, "")
    assert ended.expires_at == THEN + TASK_TIME
    assert service.look_at(image.id).name == "renamed"
    assert rests(service, image)


@pytest.mark.parametrize(
    ("error", "message"),
    [(StorageFull("s3"), str(StorageFull("s3"))), (ZeroDivisionError("secret"), INTERNAL)],
)
def test_a_task_that_fails_says_why_and_leaves_its_image_as_it_should_be(
    service: Service, job: Rename, image: Image, error: Exception, message: str
) -> None:
    def fail(run: Run) -> None:
        raise error

    job.on_the_way = fail
    task = a_started_task(service, image)

    service.work_off()

    ended = service.task(task.id)
    assert (ended.status, ended.message) == (TaskStatus.FAILURE, message)
    assert service.look_at(image.id).name == "put right"
    assert rests(service, image)


def test_a_task_that_no_job_is_for_fails(service: Service) -> None:
    task = a_task(type="import")
    with service.work() as work:
        lease = service.start.record(work, task)
        work.commit()
    service.start.submit(lease)

    service.work_off()

    assert service.task(task.id).status is TaskStatus.FAILURE
    assert "import" in service.task(task.id).message
    assert service.leases == []


def test_a_task_passed_on_twice_is_done_once(service: Service, job: Rename, image: Image) -> None:
    task = a_started_task(service, image)
    service.queue.submit(task.id)

    service.work_off()

    assert job.runs == 1


def test_a_task_that_somebody_is_at_is_left_to_him(
    service: Service, job: Rename, image: Image
) -> None:
    other = service.beside()

    def meanwhile(run: Run) -> None:
        other.queue.submit(run.task.id)
        other.work_off()
        assert other.sweep() == 0

    job.on_the_way = meanwhile
    a_started_task(service, image)

    service.work_off()

    assert job.runs == 1


# ---------------------------------------------------------------------- deaths


def left_behind(service: Service, job: Rename, image: Image) -> Task:
    """Return a task whose process dies while it works on it."""
    victim = service.beside("a-victim")

    def die(run: Run) -> None:
        raise KeyboardInterrupt

    job.on_the_way = die
    task = a_started_task(victim, image)
    with pytest.raises(KeyboardInterrupt):
        victim.work_off()
    job.on_the_way = lambda run: None
    return task


def test_a_task_that_waited_in_a_dead_process_is_begun_by_another(
    service: Service, job: Rename, image: Image
) -> None:
    victim = service.beside("a-victim")
    task = a_started_task(victim, image)
    service.presence.dead.add("a-victim")

    assert service.sweep() == 1
    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert rests(service, image)


def test_a_task_that_waited_in_a_process_of_another_host_is_begun_when_its_lease_runs_out(
    service: Service, job: Rename, image: Image
) -> None:
    task = a_started_task(service.beside("who-knows"), image)

    assert service.sweep() == 0
    service.clock.pass_by(LEASE_TIME)
    assert service.sweep() == 1
    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS


def test_a_task_of_a_dead_process_is_taken_up_again(
    service: Service, job: Rename, image: Image
) -> None:
    task = left_behind(service, job, image)
    service.presence.dead.add("a-victim")

    assert service.sweep() == 1
    service.work_off()

    assert (service.task(task.id).status, job.runs) == (TaskStatus.SUCCESS, 2)
    assert rests(service, image)


def test_a_task_that_everybody_dies_of_is_given_up_and_its_image_put_right(
    service: Service, job: Rename, image: Image
) -> None:
    task = left_behind(service, job, image)
    for number in range(1, MAX_ATTEMPTS):
        service.presence.dead.add("a-victim")
        victim = service.beside("a-victim" if number % 2 == 0 else "another-victim")
        victim.presence.dead |= {"a-victim", "another-victim"} - {victim.presence.holder}

        def die(run: Run) -> None:
            raise KeyboardInterrupt

        job.on_the_way = die
        assert victim.sweep() == 1
        with pytest.raises(KeyboardInterrupt):
            victim.work_off()
    service.presence.dead |= {"a-victim", "another-victim"}

    assert service.sweep() == 1
    service.work_off()

    assert job.runs == MAX_ATTEMPTS
    assert service.task(task.id).status is TaskStatus.FAILURE
    assert service.look_at(image.id).name == "put right"
    assert rests(service, image)


def test_a_process_that_was_only_stuck_cannot_end_what_another_one_took_up(
    service: Service, job: Rename, image: Image
) -> None:
    other = service.beside()

    def get_stuck(run: Run) -> None:
        service.clock.pass_by(LEASE_TIME)
        job.on_the_way = lambda run: None
        assert other.sweep() == 1
        other.work_off()
        with other.work() as work:
            found = work.images.get_gone(image.id)
            assert found is not None
            found.name = "changed since"
            work.images.save(found)
            work.commit()

    job.on_the_way = get_stuck
    task = a_started_task(service, image)

    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert service.look_at(image.id).name == "changed since"


@pytest.mark.parametrize("trouble", ["refused", "unheard"])
@pytest.mark.parametrize("commits", [0, 1])
def test_a_task_waits_for_a_catalogue_that_does_not_answer(
    service: Service, job: Rename, image: Image, commits: int, trouble: str
) -> None:
    task = a_started_task(service, image)
    service.work.trouble = [*[None] * commits, trouble]
    with pytest.raises(CatalogueUnavailable):
        service.work_off()

    service.renew()
    service.sweep()
    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS
    assert rests(service, image)


def test_a_task_waits_for_a_queue_that_does_not_answer(
    service: Service, job: Rename, image: Image
) -> None:
    service.queue.broken = True
    task = a_started_task(service, image)
    service.sweep()
    service.queue.broken = False

    assert service.sweep() == 1
    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS


def test_a_process_that_ends_hands_its_tasks_back_to_any_other(
    service: Service, job: Rename, image: Image
) -> None:
    halt = threading.Event()

    def end(run: Run) -> None:
        halt.set()
        run.check()

    job.on_the_way = end
    task = a_started_task(service, image)

    service.work_off(halt)

    assert service.task(task.id).status is TaskStatus.PROCESSING
    assert [lease.purpose for lease in service.leases] == [Purpose.WAITING]
    service.renew()
    job.on_the_way = lambda run: None
    other = service.beside()
    assert other.sweep() == 1
    other.work_off()
    assert (service.task(task.id).status, service.task(task.id).attempts) == (
        TaskStatus.SUCCESS,
        1,
    )


def test_a_process_that_ends_does_not_begin_what_still_waits(
    service: Service, job: Rename, image: Image
) -> None:
    halt = threading.Event()
    halt.set()
    a_started_task(service, image)

    service.work_off(halt)

    assert job.runs == 0
    assert [lease.expires_at for lease in service.leases] == [THEN]


# ---------------------------------------------------------------------- signs of life


def test_progress_is_written_down_now_and_then(service: Service, job: Rename, image: Image) -> None:
    seen: list[dict[str, Progress]] = []

    def go_on(run: Run) -> None:
        run.progress("files", 1, 3)
        seen.append(service.task(run.task.id).progress)
        service.clock.pass_by(SIGN_OF_LIFE)
        run.progress("files", 2, 3)
        seen.append(service.task(run.task.id).progress)
        run.progress("files", 3, 3)

    job.on_the_way = go_on
    task = a_started_task(service, image)
    service.work_off()

    assert seen == [{}, {"files": Progress(2, 3, 2)}]
    assert service.task(task.id).progress == {"files": Progress(3, 3, 3)}


def test_an_outage_of_the_catalogue_does_not_stop_a_task_half_way(
    service: Service, job: Rename, image: Image
) -> None:
    def go_on(run: Run) -> None:
        service.clock.pass_by(SIGN_OF_LIFE)
        service.work.trouble = ["refused"]
        run.check()

    job.on_the_way = go_on
    task = a_started_task(service, image)
    service.work_off()

    assert service.task(task.id).status is TaskStatus.SUCCESS


# ---------------------------------------------------------------------- calling off


@pytest.mark.parametrize("status", [Status.QUEUED, Status.IMPORTING])
def test_deleting_an_image_calls_its_task_off_whoever_is_at_it(
    service: Service, job: Rename, status: Status
) -> None:
    image = service.has_queued(status=status)
    asked: list[str] = []

    def be_deleted(run: Run) -> None:
        service.beside().delete(OWNER_CALLER, image.id)
        service.clock.pass_by(SIGN_OF_LIFE)
        run.check()
        asked.append("and was let go on")

    job.on_the_way = be_deleted
    task = a_started_task(service, image)

    service.work_off()

    assert asked == []
    assert service.task(task.id).status is TaskStatus.FAILURE
    assert service.task(task.id).message == "The image was deleted."
    assert service.status_of(image.id) is Status.DELETED
    assert service.leases == []


def test_an_image_whose_worker_died_is_deleted_all_the_same(
    service: Service, job: Rename, image: Image
) -> None:
    task = left_behind(service, job, image)

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED
    assert service.task(task.id).status is TaskStatus.FAILURE
    assert service.leases == []


def test_an_image_locked_by_a_task_that_is_gone_is_deleted_all_the_same(
    service: Service, image: Image
) -> None:
    with service.catalogue() as work:
        work.images.take_lock(image.id, "no-such-task")
        work.commit()

    service.delete(OWNER_CALLER, image.id)

    assert service.status_of(image.id) is Status.DELETED


def test_a_task_whose_lock_was_broken_leaves_the_image_alone(
    service: Service, job: Rename, image: Image
) -> None:
    def lose_the_lock(run: Run) -> None:
        with service.catalogue() as work:
            work.images.release_lock(image.id, run.task.id)
            work.images.take_lock(image.id, "another")
            work.commit()

    job.on_the_way = lose_the_lock
    task = a_started_task(service, image)
    service.work_off()

    assert service.task(task.id).message == PREEMPTED
    assert service.look_at(image.id).import_task == "another"
    assert service.look_at(image.id).name is None
    assert service.leases == []


# ---------------------------------------------------------------------- the lock


def take(service: Service, image: Image, task_id: str = "new") -> None:
    with service.work() as work:
        got = work.images.get(image.id, seen_by=ADMIN, for_update=True)
        service.lock.take(work, got, task_id)
        work.commit()


def a_foreign_task(service: Service, image: Image, **facts: Any) -> Task:
    """Lock an image for a task that another program began, which knows nothing of leases."""
    task = a_task(image_id=image.id, **facts)
    with service.catalogue() as work:
        work.tasks.add(task)
        work.images.take_lock(image.id, task.id)
        work.commit()
    return task


def test_a_lock_in_force_is_respected(service: Service, job: Rename, image: Image) -> None:
    a_started_task(service, image)
    service.clock.pass_by(timedelta(days=1))

    with pytest.raises(ImportLocked):
        take(service, image)


@pytest.mark.parametrize("status", TaskStatus)
def test_the_lock_of_another_program_is_broken_when_it_is_old(
    service: Service, image: Image, status: TaskStatus
) -> None:
    old = a_foreign_task(service, image, status=status)
    with pytest.raises(ImportLocked):
        take(service, image)

    service.clock.pass_by(timedelta(minutes=121))
    take(service, image)

    assert service.look_at(image.id).import_task == "new"
    ended = service.task(old.id)
    if status in (TaskStatus.SUCCESS, TaskStatus.FAILURE):
        assert (ended.status, ended.message) == (status, "")
    else:
        assert (ended.status, ended.message) == (TaskStatus.FAILURE, PREEMPTED)


@pytest.mark.parametrize(
    "given", [{"backend": ["stale", "gone"]}, {"backend": [None]}, {}, None, "nothing"]
)
def test_what_the_task_of_a_broken_lock_was_at_is_not_shown_any_more(
    service: Service, image: Image, given: Any
) -> None:
    with service.catalogue() as work:
        got = work.images.get(image.id, seen_by=ADMIN)
        got.properties |= {IMPORTING_TO: "stale", FAILED_IMPORT: "older,stale"}
        work.images.save(got)
        work.commit()
    a_foreign_task(service, image, input=given)
    service.clock.pass_by(timedelta(minutes=121))

    take(service, image)

    shown = service.look_at(image.id).properties
    assert (shown[IMPORTING_TO], shown[FAILED_IMPORT]) == ("", "older")


# ---------------------------------------------------------------------- looking


def test_who_sees_the_tasks_of_an_image(service: Service) -> None:
    image = service.has(an_image())
    for owner in (OWNER, "operators"):
        with service.catalogue() as work:
            work.tasks.add(a_task(image_id=image.id, owner=owner))
            work.commit()

    assert [task.owner for task in service.tasks_of_image(OWNER_CALLER, image.id)] == [OWNER]
    assert len(service.tasks_of_image(ADMIN, image.id)) == 2


def test_tasks_that_have_outlived_themselves_are_removed_for_all_projects(
    service: Service,
) -> None:
    tasks = [a_task(owner=owner, expires_at=THEN + TASK_TIME) for owner in (OWNER, "another")]
    with service.catalogue() as work:
        for task in tasks:
            work.tasks.add(task)
        work.commit()
    remove = RemoveExpiredTasks(service.work, service.clock)

    assert remove() == 0
    service.clock.pass_by(TASK_TIME)
    assert remove() == 2
    with pytest.raises(TaskNotFound):
        service.show_task(a_caller(roles=frozenset({"admin"})), tasks[0].id)

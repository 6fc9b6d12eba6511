"""Doing what a task asks for, once, whoever dies meanwhile."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from tintype.application.given_up import GivenUp
from tintype.application.retry import retried
from tintype.application.tasks.run import CalledOff, HandedBack, Run, has_lock
from tintype.domain.errors import (
    CatalogueUnavailable,
    Conflict,
    Invalid,
    StaleWrite,
    StoreUnavailable,
    TaskCancelled,
    TintypeError,
)
from tintype.domain.image import Image
from tintype.domain.import_lock import PREEMPTED
from tintype.domain.lease import Lease, Purpose
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.status import GONE
from tintype.domain.task import MAKES_IMAGE, MAX_ATTEMPTS, Task

LOG = logging.getLogger(__name__)

INTERNAL = "Internal error: the log of the service says more."
UNSTARTABLE = "Tasks of type {} start from an image: use its import or locations call."
HOPELESS = "Given up: {} processes ended while they worked on it."


def _leave(image: Image) -> None:
    """Change nothing."""


def _allow(work: UnitOfWork, image: Image) -> None:
    """Let everything pass."""


def _rest() -> None:
    """Leave nothing to be done."""


@dataclass(frozen=True)
class Outcome:
    """What a job came to; `settle` changes the image in the transaction that ends the task."""

    result: Any = None
    settle: Callable[[Image], None] = _leave
    message: str = ""
    allow: Callable[[UnitOfWork, Image], None] = _allow
    """Asked in the same transaction, once nothing is set aside for the task any more."""
    afterwards: Callable[[], None] = _rest
    """What remains to be cleaned up then; it must not fail."""


class Job(Protocol):
    """What tasks of one type do.

    A job is begun again from its start when the process at work on it has ended, so that it
    must look how far the image is. It changes the image by way of the run alone.
    """

    def run(self, run: Run) -> Outcome:
        """Do it; a TintypeError ends the task, with its sentence for a message."""

    def clear_away(self, run: Run, image: Image, error: Exception) -> None:
        """Remove from stores what the task put there in vain, before its failure is told.

        Either the task has the lock of the image, or the image is gone.

        Raises:
            StoreUnavailable: a store keeps it.
        """

    def put_right(self, task: Task, image: Image, error: Exception) -> None:
        """Make an image, of which the task has the lock, as it should be after a failure."""


@dataclass(frozen=True)
class RunTask:
    """Work on one task from where it is to its end.

    Whoever exchanges the lease of a waiting task for one of a task at work has it to itself.
    The transaction that ends a task puts the image right, takes its lock off and gives the
    lease back, so exactly one of two things is ever true: the task has ended, or a lease says
    who must see to it.
    """

    work: Work
    notifier: Notifier
    clock: Clock
    ids: IdSource
    presence: Presence
    lease_time: timedelta
    given_up: GivenUp
    jobs: Mapping[str, Job]
    keep_for: timedelta

    def __call__(self, task_id: str, halt: threading.Event) -> None:
        """Do it, unless somebody else does; stop half-way once `halt` is set.

        Raises:
            CatalogueUnavailable, StaleWrite: its end is not on record; the sweep starts it
                again.
        """
        claimed = self._claim(task_id)
        if claimed is None:
            return
        task, lease = claimed
        run = Run(task, lease, self.work, self.notifier, self.clock, self.lease_time, halt)
        with self.given_up.unless_done(lease):
            try:
                self._work_on(run)
            except CalledOff:
                LOG.info("Task %s was called off.", task_id)
                self._clear_after_deletion(run)
            except HandedBack:
                self._hand_back(run)

    @retried
    def _claim(self, task_id: str) -> tuple[Task, Lease] | None:
        with self.work() as work:
            waiting = work.leases.of_task(task_id)
            if waiting is None or waiting.purpose is not Purpose.WAITING:
                return None
            if not work.leases.release(waiting.id):
                return None
            lease = replace(
                waiting,
                id=self.ids.new(),
                purpose=Purpose.TASK,
                holder=self.presence.holder,
                expires_at=self.clock.now() + self.lease_time,
            )
            task = work.tasks.get(task_id, for_update=True)
            task.take_up(self.clock.now())
            work.leases.add(lease)
            work.tasks.save(task)
            with self.given_up.unless_done(waiting, lease):
                work.commit()
        return task, lease

    def _work_on(self, run: Run) -> None:
        try:
            outcome = self._outcome(run)
            self._end(run, outcome.settle, lambda task: self._succeed(task, outcome), outcome.allow)
            outcome.afterwards()
        except (CalledOff, HandedBack, CatalogueUnavailable, StaleWrite):
            raise
        except TintypeError as error:
            LOG.info("Task %s failed: %s", run.task.id, error)
            self._fail(run, error, str(error))
        except Exception as error:
            LOG.exception("Task %s failed", run.task.id)
            self._fail(run, error, INTERNAL)

    def _outcome(self, run: Run) -> Outcome:
        job = self.jobs.get(run.task.type)
        made = run.task.image_id is not None or run.task.type in MAKES_IMAGE
        if job is None or not made:
            raise Invalid(UNSTARTABLE.format(run.task.type))
        if run.task.cancelled:
            raise TaskCancelled
        if run.task.attempts > MAX_ATTEMPTS:
            raise Invalid(HOPELESS.format(MAX_ATTEMPTS))
        run.check()
        return job.run(run)

    def _succeed(self, task: Task, outcome: Outcome) -> None:
        now = self.clock.now()
        task.succeed(outcome.result, now, self.keep_for, outcome.message)

    def _fail(self, run: Run, error: Exception, message: str) -> None:
        job = self.jobs.get(run.task.type)
        if run.task.image_id is not None:
            # Not if somebody else is at work in the same places by now.
            run.confirm()
            with suppress(Conflict):
                self._clear_away(run, run.image(), error)

        def settle(image: Image) -> None:
            if job is not None:
                job.put_right(run.task, image, error)

        def finish(task: Task) -> None:
            task.fail(message, self.clock.now(), self.keep_for)

        self._end(run, settle, finish, even_unlocked=True)

    def _clear_after_deletion(self, run: Run) -> None:
        # Whoever took the task over is at work in the same places; nobody is on deleted images.
        with self.work(read_only=True) as work:
            image = work.images.get_gone(run.task.image_id) if run.task.image_id else None
        if image is not None and image.status in GONE:
            self._clear_away(run, image, CalledOff())

    def _clear_away(self, run: Run, image: Image, error: Exception) -> None:
        job = self.jobs.get(run.task.type)
        try:
            if job is not None:
                job.clear_away(run, image, error)
        except StoreUnavailable as kept:
            # The next task, or the deletion of the image, removes it from there.
            LOG.warning("Something of task %s stays in a store: %s", run.task.id, kept)

    def _end(
        self,
        run: Run,
        settle: Callable[[Image], None],
        finish: Callable[[Task], None],
        allow: Callable[[UnitOfWork, Image], None] = _allow,
        *,
        even_unlocked: bool = False,
    ) -> None:
        image = self._recorded_end(run, settle, finish, allow, even_unlocked)
        if image is not None:
            self.notifier.tell(image.take_events())

    @retried
    def _recorded_end(
        self,
        run: Run,
        settle: Callable[[Image], None],
        finish: Callable[[Task], None],
        allow: Callable[[UnitOfWork, Image], None],
        even_unlocked: bool,
    ) -> Image | None:
        with self.work() as work:
            image = _locked_image(work, run.task)
            if not work.leases.release(run.lease.id):
                raise CalledOff
            if image is None and not even_unlocked:
                raise Conflict(PREEMPTED)
            if image is not None:
                allow(work, image)
                settle(image)
                work.images.save(image)
                work.images.release_lock(image.id, run.task.id)
            task = work.tasks.get(run.task.id, for_update=True)
            task.progress = run.task.progress
            finish(task)
            work.tasks.save(task)
            work.commit()
        return image

    @retried
    def _hand_back(self, run: Run) -> None:
        now = self.clock.now()
        # No process renews it, and it has run out: whoever sweeps first takes it up.
        waiting = replace(
            run.lease,
            id=self.ids.new(),
            purpose=Purpose.WAITING,
            holder="",
            expires_at=now,
        )
        with self.work() as work:
            if not work.leases.release(run.lease.id):
                return
            task = work.tasks.get(run.task.id, for_update=True)
            task.put_back(now)
            work.tasks.save(task)
            work.leases.add(waiting)
            work.commit()


def _locked_image(work: UnitOfWork, task: Task) -> Image | None:
    image = work.images.get_gone(task.image_id) if task.image_id else None
    return image if has_lock(task, image) else None

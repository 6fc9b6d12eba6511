"""Taking the import lock of an image, and ending the task that has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tintype.domain.errors import ImportLocked, TaskNotFound
from tintype.domain.image import Image
from tintype.domain.import_lock import PREEMPTED, is_expired
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.unit_of_work import UnitOfWork
from tintype.domain.status import Status
from tintype.domain.task import Task

DELETED = "The image was deleted."


@dataclass(frozen=True)
class ImportLock:
    """Lets one task at a time work on an image (import-and-tasks §5).

    Everything happens in the caller's unit of work, with an image that was got for update.
    """

    clock: Clock
    keep_for: timedelta

    def require_free(self, work: UnitOfWork, image: Image) -> None:
        """Raise ImportLocked if a task has the lock, and it may not be broken."""
        holder = image.import_task
        if holder is None:
            return
        task, lease = _look(work, holder), work.leases.of_task(holder)
        if not is_expired(task, lease, self.clock.now()):
            raise ImportLocked(image.id)

    def take(self, work: UnitOfWork, image: Image, task_id: str) -> None:
        """Give a task the lock; one that has expired is broken.

        Raises:
            ImportLocked: another task has it.
        """
        holder = image.import_task
        if holder is not None:
            task, lease = _look(work, holder, for_update=True), work.leases.of_task(holder)
            if not is_expired(task, lease, self.clock.now()):
                raise ImportLocked(image.id)
            self._end(work, task, PREEMPTED)
            image.forget_import(_stores_of(task))
            work.images.save(image)
            work.images.release_lock(image.id, holder)
        if not work.images.take_lock(image.id, task_id):
            raise ImportLocked(image.id)

    def call_off(self, work: UnitOfWork, image: Image) -> None:
        """End the task that has the lock of an image about to be deleted, if any has.

        Nobody waits for whoever is at work on it: it notices by its lease, which is gone.
        """
        holder = image.import_task
        if holder is None:
            return
        lease = work.leases.of_task(holder)
        if lease is not None:
            work.leases.release(lease.id)
        self._end(work, _look(work, holder, for_update=True), DELETED)
        work.images.release_lock(image.id, holder)
        image.hash_at(None)
        if image.status is Status.IMPORTING:
            image.refuse_location(keep=True)

    def _end(self, work: UnitOfWork, task: Task | None, message: str) -> None:
        if task is not None and not task.ended:
            task.fail(message, self.clock.now(), self.keep_for)
            work.tasks.save(task)


def _stores_of(task: Task | None) -> Sequence[str]:
    # Tasks of other programs have lists of nothing where stores have no names.
    named = task.input.get("backend") if task and isinstance(task.input, Mapping) else None
    return [str(name) for name in named if name] if isinstance(named, list) else []


def _look(work: UnitOfWork, task_id: str, *, for_update: bool = False) -> Task | None:
    try:
        return work.tasks.get(task_id, for_update=for_update)
    except TaskNotFound:
        return None

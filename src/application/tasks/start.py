"""Putting tasks on record and passing them on, for the first time or again."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from tintype.application.given_up import GivenUp
from tintype.application.retry import retried
from tintype.domain.errors import QueueUnavailable, TaskNotFound
from tintype.domain.lease import Lease, Purpose
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.presence import Presence
from tintype.domain.ports.task_queue import TaskQueue
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.task import Task

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class StartTask:
    """Makes work durable before anybody hears of it.

    The unit of work that decides on it calls `record`, commits within `given_up.unless_done`,
    and then calls `submit`.
    """

    queue: TaskQueue
    clock: Clock
    ids: IdSource
    presence: Presence
    lease_time: timedelta
    given_up: GivenUp

    def record(self, work: UnitOfWork, task: Task) -> Lease:
        """Record a task, and who sees to its being begun."""
        lease = Lease(
            self.ids.new(),
            task.image_id or "",
            Purpose.WAITING,
            self.waiting_holder,
            self.clock.now() + self.lease_time,
            task_id=task.id,
        )
        work.tasks.add(task)
        work.leases.add(lease)
        return lease

    @property
    def waiting_holder(self) -> str:
        """Who holds the lease of a task that waits to be begun.

        This process, if the queue dies with it. If not, nobody: so nobody renews the lease, and
        when it has run out before anybody began, the message is taken for lost.
        """
        return "" if self.queue.lasting else self.presence.holder

    def submit(self, lease: Lease) -> bool:
        """Pass on the task that the lease is about; if that fails the sweep does it later."""
        assert lease.task_id is not None
        try:
            with self.given_up.unless_done(lease):
                self.queue.submit(lease.task_id)
        except QueueUnavailable:
            LOG.warning("Task %s waits for the queue to come back.", lease.task_id)
            return False
        return True


@dataclass(frozen=True)
class StartAgain:
    """Pass on a task that whoever waited for it, or worked on it, has left behind."""

    work: Work
    start: StartTask

    def __call__(self, lease: Lease) -> None:
        """Exchange the lease, so that its former holder can do nothing more, and pass it on."""
        start = self.start
        fresh = replace(
            lease,
            id=start.ids.new(),
            purpose=Purpose.WAITING,
            holder=start.waiting_holder,
            expires_at=start.clock.now() + start.lease_time,
        )
        with start.given_up.unless_done(lease, fresh):
            exchanged = self._exchange(lease, fresh)
        if exchanged and start.submit(fresh) and start.queue.lasting:
            self._grow_patient(fresh)

    @retried
    def _exchange(self, lease: Lease, fresh: Lease) -> bool:
        with self.work() as work:
            if not work.leases.release(lease.id):
                return False
            work.leases.add(fresh)
            work.commit()
        return True

    @retried
    def _grow_patient(self, lease: Lease) -> None:
        # Perhaps nothing was lost, and all workers have their hands full: the longer a task
        # waits, the rarer its messages, so that they do not pile up.
        start = self.start
        with self.work() as work:
            now = start.clock.now()
            try:
                waited = now - work.tasks.get(lease.task_id or "").updated_at
            except TaskNotFound:
                return
            work.leases.renew_one(lease.id, now + max(start.lease_time, waited))
            work.commit()

"""One process at work on one task."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tintype.application.retry import retried
from tintype.domain.errors import CatalogueUnavailable, Conflict
from tintype.domain.image import Image
from tintype.domain.import_lock import PREEMPTED
from tintype.domain.lease import Lease
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.quota import Reservation
from tintype.domain.status import GONE
from tintype.domain.task import Progress, Task

SIGN_OF_LIFE = timedelta(seconds=1)
"""How often a task at work writes down how far it is, and asks whether it is still wanted."""


class CalledOff(Exception):
    """The task is not this process's any more: it was ended, or somebody took it over."""


class HandedBack(Exception):
    """The process is about to end and leaves the task to another one."""


@dataclass
class Run:
    """What a job needs to know of its task, and its only way to change the image.

    `halt` is set when the process is about to end. For one thread.
    """

    task: Task
    lease: Lease
    work: Work
    notifier: Notifier
    clock: Clock
    lease_time: timedelta
    halt: threading.Event
    _shown_at: datetime = field(init=False)
    _begun: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shown_at = self.clock.now()

    def check(self) -> None:
        """Ask whether to go on; cheap enough to be asked with every piece of data.

        Raises:
            CalledOff, HandedBack: not.
        """
        if self.halt.is_set():
            raise HandedBack
        if self.clock.now() - self._shown_at >= SIGN_OF_LIFE:
            # An outage of the catalogue is no reason to stop, unless it lasts.
            with suppress(CatalogueUnavailable):
                self._show_life()
            self._shown_at = self.clock.now()

    @retried
    def _show_life(self) -> None:
        with self.work() as work:
            self._require_lease(work)
            self.task.updated_at = self.clock.now()
            work.tasks.save(self.task)
            work.commit()

    def _require_lease(self, work: UnitOfWork) -> None:
        if not work.leases.renew_one(self.lease.id, self.clock.now() + self.lease_time):
            raise CalledOff

    def progress(self, store: str, done: int, total: int | None) -> None:
        """Note how many bytes of a store are done, and `check`."""
        now = self.clock.now()
        seconds = (now - self._begun.setdefault(store, now)).total_seconds()
        rate = int(done / seconds) if seconds else None
        self.task.progress[store] = Progress(done, total, rate)
        self.check()

    def confirm(self) -> None:
        """Ask whether the task is still this process's, before something that cannot be undone.

        Raises:
            CalledOff: it is not.
        """
        self._show_life()

    def pause(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            HandedBack: the process is about to end.
        """
        if self.halt.wait(max(0.0, seconds)):
            raise HandedBack

    def image(self) -> Image:
        """Return the image that the task has the lock of.

        Raises:
            CalledOff: the task was ended.
            Conflict: the lock was broken.
        """
        with self.work(read_only=True) as work:
            if work.leases.of_task(self.task.id) is None:
                raise CalledOff
            return self._locked(work.images.get_gone(self.task.image_id or ""))

    def change(self, step: Callable[[Image], None]) -> None:
        """Change the image in a transaction of its own, as long as it is the task's to change.

        Raises:
            CalledOff: the task was ended, or somebody took it over.
            Conflict: the lock was broken.
        """
        self.notifier.tell(self._change(lambda _, image: step(image)).take_events())

    def begin(self, step: Callable[[UnitOfWork, Image], Reservation | None]) -> None:
        """Change the image as `change` does, and set aside for the task what `step` returns.

        Until the task ends, that is; what was set aside before is free again.

        Raises:
            CalledOff, Conflict: as `change`.
        """
        set_aside: list[Reservation | None] = []

        def record(work: UnitOfWork, image: Image) -> None:
            work.leases.release(self.lease.id)
            set_aside[:] = [step(work, image)]
            work.leases.add(replace(self.lease, reservation=set_aside[0]))

        image = self._change(record)
        self.lease.reservation = set_aside[0]
        self.notifier.tell(image.take_events())

    def make_image(self, make: Callable[[UnitOfWork], Image]) -> None:
        """Record a new image that the task is about from now on, and has the lock of.

        Raises:
            CalledOff: somebody took the task over.
        """
        self.notifier.tell(self._make_image(make).take_events())

    @retried
    def _make_image(self, make: Callable[[UnitOfWork], Image]) -> Image:
        with self.work() as work:
            self._require_lease(work)
            image = make(work)
            work.images.add(image)
            work.images.take_lock(image.id, self.task.id)
            work.tasks.save(replace(self.task, image_id=image.id))
            work.commit()
        self.task.image_id = image.id
        return image

    @retried
    def _change(self, step: Callable[[UnitOfWork, Image], None]) -> Image:
        with self.work() as work:
            found = work.images.get_gone(self.task.image_id or "")
            self._require_lease(work)
            image = self._locked(found)
            step(work, image)
            work.images.save(image)
            work.commit()
        return image

    def _locked(self, image: Image | None) -> Image:
        if not has_lock(self.task, image):
            raise Conflict(PREEMPTED)
        assert image is not None
        return image


def has_lock(task: Task, image: Image | None) -> bool:
    """Tell whether there is such an image, and the task has its import lock."""
    return image is not None and image.status not in GONE and image.import_task == task.id

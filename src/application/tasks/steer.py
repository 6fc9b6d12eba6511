"""Calling tasks off, and sending again what failed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tintype.application.access import Access
from tintype.application.image_import.start import StartImport
from tintype.application.location_import.start import StartLocationImport
from tintype.application.retry import retried
from tintype.application.tasks.start import StartTask
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    Conflict,
    Invalid,
    StaleWrite,
    TaskNotFound,
    WrongTaskStatus,
)
from tintype.domain.image_import import ImportRequest
from tintype.domain.lease import Lease, Purpose
from tintype.domain.ports.fellow_workers import PassedOn
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.task import Task, TaskStatus, TaskType


@dataclass(frozen=True)
class FindOwnTask:
    """Looks a task up for whoever may steer it: administrators, and the project that began it."""

    access: Access

    def __call__(self, work: UnitOfWork, caller: Caller, task_id: str, rule: str) -> Task:
        """Return the task.

        Raises:
            TaskNotFound: there is none, or it is not the caller's to know of.
            Forbidden: the caller may not do this.
        """
        self.access.require_writer(caller)
        task = work.tasks.get(task_id)
        if not (caller.is_admin or caller.owns(task.owner)):
            raise TaskNotFound(task_id)
        self.access.require_target(caller, rule, {"owner": task.owner, "project_id": task.owner})
        return task


@dataclass(frozen=True)
class CancelTask:
    """Let a task come to nothing.

    The lease is taken from whoever has it, who notices by that. The task is passed on once more,
    to somebody who undoes what was done, and ends it.
    """

    work: Work
    find: FindOwnTask
    start: StartTask

    def __call__(self, caller: Caller, task_id: str) -> Task:
        """Return the task as it is until it has ended.

        Raises:
            TaskNotFound, Forbidden: as `FindOwnTask`.
            WrongTaskStatus: it has ended; Conflict: it is another program's.
        """
        task, lease = self._cancel(caller, task_id)
        self.start.submit(lease)
        return task

    @retried
    def _cancel(self, caller: Caller, task_id: str) -> tuple[Task, Lease]:
        with self.work() as work:
            task = self.find(work, caller, task_id, "cancel_task")
            now = self.start.clock.now()
            task.cancel(now)
            lease = work.leases.of_task(task_id)
            if lease is None:
                raise Conflict(f"Task {task_id} is not this service's: delete its image instead.")
            if not work.leases.release(lease.id):
                raise StaleWrite(task.image_id or task_id)
            # The former holder can write nothing any more.
            task = work.tasks.get(task_id, for_update=True)
            task.cancel(now)
            fresh = replace(
                lease,
                id=self.start.ids.new(),
                purpose=Purpose.WAITING,
                holder=self.start.waiting_holder,
                expires_at=now + self.start.lease_time,
            )
            work.leases.add(fresh)
            work.tasks.save(task)
            with self.start.given_up.unless_done(lease, fresh):
                work.commit()
        return task, fresh


@dataclass(frozen=True)
class RetryTask:
    """Send the request again that a task which failed was about.

    `read` makes a request of the body of an import.
    """

    work: Work
    find: FindOwnTask
    start_import: StartImport
    start_location_import: StartLocationImport
    read: Callable[[Any], ImportRequest]

    def __call__(
        self, caller: Caller, task_id: str, request_id: str | None = None
    ) -> Task | PassedOn:
        """Return the new task; or what the worker answered that alone can see to it.

        Raises:
            TaskNotFound, Forbidden: as `FindOwnTask`.
            WrongTaskStatus: it has not failed; Invalid: its request is not known.
            whatever the request itself may be refused by.
        """
        with self.work(read_only=True) as work:
            task = self.find(work, caller, task_id, "retry_task")
        if task.status is not TaskStatus.FAILURE:
            raise WrongTaskStatus(task.id, task.status, "tried again")
        if task.image_id is None or not isinstance(task.input, Mapping):
            raise Invalid(f"Tasks of type {task.type} cannot be tried again: make a new one.")
        if task.type == TaskType.API_IMAGE_IMPORT:
            begun = self.start_import(caller, task.image_id, self._import_of(task), request_id)
            assert begun is not None  # its stores are named
            return begun
        return self._locate(caller, task, task.image_id, request_id)

    def _import_of(self, task: Task) -> ImportRequest:
        request = self.read(task.input["import_req"])
        stores = tuple(task.input["backend"]) or None
        uri = task.secrets.get("url") or request.uri
        return replace(request, uri=uri, stores=stores, all_stores=False)

    def _locate(self, caller: Caller, task: Task, image_id: str, request_id: str | None) -> Task:
        url = task.secrets.get("url") or task.input.get("loc_url")
        if task.type != TaskType.LOCATION_IMPORT or not url:
            raise Invalid(f"Tasks of type {task.type} cannot be tried again: make a new one.")
        given = task.input.get("validation_data") or {}
        expected = (given["os_hash_algo"], given["os_hash_value"]) if given else None
        return self.start_location_import(caller, image_id, url, expected, request_id)

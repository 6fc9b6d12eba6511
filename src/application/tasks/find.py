"""Looking tasks up (import-and-tasks §17)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.task import Task
from tintype.domain.task_query import TaskQuery

USE = "tasks_api_access"
"""The rule that has to hold for every call of the tasks API."""


@dataclass(frozen=True)
class ShowTask:
    """Look one task up."""

    work: Work
    access: Access

    def __call__(self, caller: Caller, task_id: str) -> Task:
        """Return the task.

        Raises:
            Forbidden: the caller may look at no task, or not at this one.
            TaskNotFound: there is none.
        """
        self.access.require_target(caller, USE, {})
        self.access.require_target(caller, "get_task", {})
        with self.work(read_only=True) as work:
            task = work.tasks.get(task_id)
        if not task.seen_by(caller):
            raise Forbidden()
        return task


@dataclass(frozen=True)
class TaskPage:
    """One page of a list; `next_marker` is there when another page may follow."""

    tasks: Sequence[Task]
    next_marker: str | None


@dataclass(frozen=True)
class ListTasks:
    """Show the tasks that a caller may see."""

    work: Work
    access: Access

    def __call__(self, caller: Caller, query: TaskQuery) -> TaskPage:
        """Return one page.

        Raises:
            Forbidden: the caller may look at no task; BadMarker: see `TaskRepository.list`.
        """
        self.access.require_target(caller, USE, {})
        self.access.require_target(caller, "get_tasks", {})
        with self.work(read_only=True) as work:
            found = work.tasks.list(query, seen_by=caller)
        full = 0 < query.limit == len(found)
        return TaskPage(found, found[-1].id if full else None)


@dataclass(frozen=True)
class ListTasksOfImage:
    """Show what was and is being done with an image (images-api §12)."""

    work: Work
    access: Access

    def __call__(self, caller: Caller, image_id: str) -> Sequence[Task]:
        """Return those of its tasks that the caller sees, oldest first.

        Raises:
            ImageNotFound: there is no image that the caller may see.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
            self.access.require(caller, "get_image", image)
            return work.tasks.of_image(image_id, seen_by=caller)

"""The catalogue of tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tintype.domain.caller import Caller
from tintype.domain.task import Task
from tintype.domain.task_query import TaskQuery


class TaskRepository(Protocol):
    """Finds tasks and keeps what became of them, within one unit of work.

    A task that has outlived its `expires_at` is not found, whether or not it was removed.
    """

    def get(self, task_id: str, *, for_update: bool = False) -> Task:
        """Return a task; with `for_update` nobody else changes it until the unit ends.

        Raises:
            TaskNotFound: there is none.
        """

    def add(self, task: Task) -> None:
        """Record a new task.

        Raises:
            Duplicate: the id was used before.
            Invalid: the catalogue cannot hold a text or a value of it.
        """

    def save(self, task: Task) -> None:
        """Write what became of a task that was got for update.

        Raises:
            Invalid: the catalogue cannot hold a text or a value of it.
        """

    def list(self, query: TaskQuery, *, seen_by: Caller) -> Sequence[Task]:
        """Return one page: everybody's for an administrator, else of the caller's project.

        The tasks come without input, result, message and progress.

        Raises:
            BadMarker: the marker names no task that the caller sees.
        """

    def of_image(self, image_id: str, *, seen_by: Caller) -> Sequence[Task]:
        """Return the tasks of an image that the caller sees, oldest first."""

    def remove_expired(self, at: datetime) -> int:
        """Remove the tasks of all owners that have outlived themselves; tell how many."""

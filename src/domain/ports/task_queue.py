"""Who gets to work on tasks."""

from typing import Protocol


class TaskQueue(Protocol):
    """Passes the ids of tasks on to those who work on them, soon and in order.

    It may lose them, and may pass one on twice: the catalogue knows what is to be done, by
    whom it was begun, and finds what was lost.
    """

    @property
    def lasting(self) -> bool:
        """Whether ids stay in it when the process that submitted them ends."""

    def submit(self, task_id: str) -> None:
        """Pass on a task whose record is there for good.

        Raises:
            QueueUnavailable: it cannot be reached; the sweep will try again.
        """

"""Forgetting tasks that ended long ago."""

from dataclasses import dataclass

from tintype.application.retry import retried
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.unit_of_work import Work


@dataclass(frozen=True)
class RemoveExpiredTasks:
    """Remove the tasks of all projects that have outlived themselves."""

    work: Work
    clock: Clock

    @retried
    def __call__(self) -> int:
        """Remove them; return how many they were."""
        with self.work() as work:
            removed = work.tasks.remove_expired(self.clock.now())
            work.commit()
        return removed

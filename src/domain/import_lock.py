"""The lock that lets one import at a time work on an image (import-and-tasks §5)."""

from datetime import datetime, timedelta
from typing import Final

from tintype.domain.lease import Lease
from tintype.domain.task import Task, TaskStatus

PROPERTY: Final = "os_glance_import_task"
"""The property of the image that holds the id of the task; no save of an image changes it."""

PREEMPTED: Final = "Expired lock preempted"
"""What becomes the message of a task whose lock somebody else breaks."""

_PATIENCE = timedelta(minutes=60)
_PATIENCE_WITH_PENDING = timedelta(minutes=120)


def is_expired(task: Task | None, lease: Lease | None, now: datetime) -> bool:
    """Tell whether the lock of a task may be broken.

    A task that has a lease is looked after: somebody works on it, or will take it up when the
    lease runs out. One without is not ours, or is gone; then only time can tell.
    """
    if task is None:
        return True
    if lease is not None:
        return False
    pending = task.status is TaskStatus.PENDING
    return now - task.updated_at > (_PATIENCE_WITH_PENDING if pending else _PATIENCE)

"""A claim of one process on an image or a task, so that a dead one's work is found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tintype.domain.quota import Reservation
from tintype.domain.status import Status


class Purpose(StrEnum):
    """What the process is about to do."""

    UPLOAD = "upload"
    DELETE = "delete"
    WAITING = "waiting"
    """A task is in a queue, and nobody has begun with it."""
    TASK = "task"
    """Somebody works on a task."""


OF_TASKS = frozenset({Purpose.WAITING, Purpose.TASK})
"""A task has one lease of these from its beginning to its end."""


@dataclass(slots=True, eq=False)
class Lease:
    """A record, made before the work begins, of what must be undone or finished.

    `holder` names the process (see `ports.presence`). For an upload `store` says where the
    data goes, under the image's id. For a deletion `restore_to` is the status to go back to
    should the data stay, which for a delayed one is `pending_delete`; or `location` is the number
    of a single place that the image has given up, and whose data goes alone. For a task `task_id`
    names it, and `image_id` is empty if it is about none. The holder renews `expires_at`; once it
    has passed, anybody may clean up. As long as the lease is there, its `reservation` counts
    against the quota of a project.
    """

    id: str
    image_id: str
    purpose: Purpose
    holder: str
    expires_at: datetime
    store: str | None = None
    restore_to: Status | None = None
    reservation: Reservation | None = None
    task_id: str | None = None
    location: int | None = None

"""Work that goes on after its request was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tintype.domain.caller import Caller
from tintype.domain.errors import TaskCancelled, WrongTaskStatus

MAX_ID = 64
"""Characters of a user's and a request's id that are kept."""

MAX_MESSAGE = 1000
"""Characters of a cause that are kept; of a longer one its beginning and its end."""

NOBODY = ""
"""How rows of tasks, where the owner is never null, say that there is none."""

MAX_ATTEMPTS = 3
"""How often a task is begun before it is to blame for the death of those who did."""


class TaskType(StrEnum):
    """What tasks do (import-and-tasks §17)."""

    IMPORT = "import"
    API_IMAGE_IMPORT = "api_image_import"
    LOCATION_IMPORT = "location_import"


class TaskStatus(StrEnum):
    """A state in the life of a task (import-and-tasks §17)."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCESS = "success"
    FAILURE = "failure"


MAKES_IMAGE = frozenset({TaskType.IMPORT})
"""Types of tasks that make the image that they are about."""


MOVES: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset({TaskStatus.PROCESSING, TaskStatus.FAILURE}),
    TaskStatus.PROCESSING: frozenset({TaskStatus.SUCCESS, TaskStatus.FAILURE}),
    TaskStatus.SUCCESS: frozenset(),
    TaskStatus.FAILURE: frozenset(),
}
"""From each state to those that may follow it."""


class Progress(NamedTuple):
    """How many bytes of one store are done; `total` is None while nobody knows.

    `rate` is how many a second that has been, on the average of this attempt.
    """

    done: int
    total: int | None
    rate: int | None = None

    @property
    def percent(self) -> int | None:
        """How much of it is done; None while nobody knows."""
        return 100 * self.done // self.total if self.total else None


@dataclass(slots=True, eq=False)
class Task:
    """A piece of work on record, so that it survives whoever is at it.

    `input` and `result` are JSON values that callers are shown; `secrets` they are not: it
    holds what the work needs and input must not say, such as URLs with credentials. A task that
    has ended has none but the URL to send it again, if it failed.
    `attempts` counts how often somebody took it up. `owner` is the project of the caller that
    asked for it, which need not be the owner of the image. `type` is a `TaskType`, but an
    adopted catalogue may hold others.
    """

    id: str
    type: str
    owner: str | None
    created_at: datetime
    updated_at: datetime
    status: TaskStatus = TaskStatus.PENDING
    input: Any = None
    result: Any = None
    message: str = ""
    image_id: str | None = None
    user_id: str | None = None
    request_id: str | None = None
    expires_at: datetime | None = None
    progress: dict[str, Progress] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    attempts: int = 0

    @classmethod
    def create(
        cls,
        task_id: str,
        kind: TaskType,
        at: datetime,
        caller: Caller,
        request_id: str | None = None,
        **facts: Any,
    ) -> "Task":
        """Make a pending task of the caller's."""
        return cls(
            task_id,
            kind,
            caller.project_id,
            created_at=at,
            updated_at=at,
            user_id=caller.user_id and caller.user_id[:MAX_ID],
            request_id=request_id and request_id[:MAX_ID],
            **facts,
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return not MOVES[self.status]

    def seen_by(self, caller: Caller) -> bool:
        """Tell whether the caller may know of it (database §8)."""
        return caller.is_admin or self.owner is None or caller.owns(self.owner)

    def take_up(self, at: datetime) -> None:
        """Begin, or begin again after whoever was at it has gone.

        Raises:
            WrongTaskStatus: it has ended.
        """
        if self.status is not TaskStatus.PROCESSING:
            self._move_to(TaskStatus.PROCESSING)
        self.attempts += 1
        self.updated_at = at

    def put_back(self, at: datetime) -> None:
        """Leave it to somebody else, who is not to count this attempt.

        Raises:
            WrongTaskStatus: nobody is at it.
        """
        if self.status is not TaskStatus.PROCESSING:
            raise WrongTaskStatus(self.id, self.status, TaskStatus.PROCESSING)
        self.attempts -= 1
        self.updated_at = at

    @property
    def cancelled(self) -> bool:
        """Whether it is to come to nothing, and somebody has to see to that."""
        return not self.ended and self.message == str(TaskCancelled())

    def cancel(self, at: datetime) -> None:
        """Let it come to nothing; twice is as good as once.

        It ends when what was done has been undone.

        Raises:
            WrongTaskStatus: it has ended.
        """
        if self.ended:
            raise WrongTaskStatus(self.id, self.status, "cancelled")
        self.message = str(TaskCancelled())
        self.updated_at = at

    def succeed(self, result: Any, at: datetime, keep_for: timedelta, message: str = "") -> None:
        """End well; it stays to be looked at for a while.

        Raises:
            WrongTaskStatus: it is not being worked on.
        """
        self._end(TaskStatus.SUCCESS, at, keep_for)
        self.result = result
        self.message = _showable(message)

    def fail(self, message: str, at: datetime, keep_for: timedelta) -> None:
        """End badly, or be called off; `message` is a cause that may be shown.

        Raises:
            WrongTaskStatus: it has ended.
        """
        self._end(TaskStatus.FAILURE, at, keep_for)
        self.message = _showable(message)

    def _end(self, status: TaskStatus, at: datetime, keep_for: timedelta) -> None:
        self._move_to(status)
        self.updated_at = at
        self.expires_at = at + keep_for
        # Whoever sends it again needs to know from where.
        again = status is TaskStatus.FAILURE
        self.secrets = {"url": self.secrets["url"]} if again and "url" in self.secrets else {}

    def _move_to(self, status: TaskStatus) -> None:
        if status not in MOVES[self.status]:
            raise WrongTaskStatus(self.id, self.status, status)
        self.status = status


def _showable(message: str) -> str:
    """Return a cause as it can be kept and read, whatever a server far away put into it."""
    text = message.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
    half = MAX_MESSAGE // 2
    return text if len(text) <= MAX_MESSAGE else f"{text[:half]} … {text[-half:]}"

"""The life of an image: its states and the moves between them."""

from enum import StrEnum


class Status(StrEnum):
    """A state in the life of an image (images-api §5)."""

    QUEUED = "queued"
    SAVING = "saving"
    UPLOADING = "uploading"
    IMPORTING = "importing"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    PENDING_DELETE = "pending_delete"
    DELETED = "deleted"
    KILLED = "killed"


GONE = frozenset({Status.DELETED, Status.PENDING_DELETE})
"""States of images that nobody can look up any more."""

DEAD = GONE | {Status.KILLED}
"""States of images that count for no quota (access-control §6)."""

STAGING = frozenset({Status.UPLOADING, Status.IMPORTING})
"""States of images whose data is staged or about to be."""

UPLOADING = STAGING | {Status.SAVING}
"""States of images whose data is on its way."""

_LIVES: dict[Status, set[Status]] = {
    Status.QUEUED: {Status.SAVING, Status.UPLOADING, Status.IMPORTING, Status.ACTIVE},
    Status.SAVING: {Status.ACTIVE, Status.QUEUED},
    Status.UPLOADING: {Status.IMPORTING, Status.QUEUED},
    # An import that failed leaves what was staged for the next try (import-and-tasks §4).
    Status.IMPORTING: {Status.ACTIVE, Status.QUEUED, Status.UPLOADING},
    Status.ACTIVE: {Status.DEACTIVATED},
    Status.DEACTIVATED: {Status.ACTIVE},
    Status.KILLED: set(),
}

MOVES: dict[Status, frozenset[Status]] = {
    # Every image that has data goes by way of pending_delete, also a queued or killed one on
    # which an older service left some, and comes back that way when a store keeps the data.
    **{status: frozenset(moves | GONE) for status, moves in _LIVES.items()},
    Status.PENDING_DELETE: frozenset({*_LIVES, Status.DELETED}),
    Status.DELETED: frozenset(),
}
"""From each state to those that may follow it (images-api §5)."""

NEEDS_FORMATS = frozenset({Status.SAVING, Status.IMPORTING, Status.ACTIVE})
"""States that a queued or uploading image enters only with both formats set."""

WITH_DATA = frozenset({Status.ACTIVE, Status.DEACTIVATED})
"""States in which an image has data to hand out."""

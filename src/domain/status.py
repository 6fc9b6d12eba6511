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


MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset(
        {Status.SAVING, Status.UPLOADING, Status.IMPORTING, Status.ACTIVE, Status.DELETED}
    ),
    Status.SAVING: frozenset({Status.ACTIVE, Status.QUEUED, Status.DELETED}),
    Status.UPLOADING: frozenset({Status.IMPORTING, Status.QUEUED, Status.DELETED}),
    Status.IMPORTING: frozenset({Status.ACTIVE, Status.QUEUED, Status.DELETED}),
    Status.ACTIVE: frozenset({Status.DEACTIVATED, Status.PENDING_DELETE, Status.DELETED}),
    # PENDING_DELETE both ways is ours: the data of a deactivated image goes by the same road
    # as that of an active one, and comes back the same way when a store refuses.
    Status.DEACTIVATED: frozenset({Status.ACTIVE, Status.PENDING_DELETE, Status.DELETED}),
    Status.PENDING_DELETE: frozenset({Status.DELETED, Status.ACTIVE, Status.DEACTIVATED}),
    Status.KILLED: frozenset({Status.DELETED}),
    Status.DELETED: frozenset(),
}
"""From each state to those that may follow it (images-api §5)."""

NEEDS_FORMATS = frozenset({Status.SAVING, Status.IMPORTING, Status.ACTIVE})
"""States that a queued or uploading image enters only with both formats set."""

WITH_DATA = frozenset({Status.ACTIVE, Status.DEACTIVATED})
"""States in which an image has data to hand out."""

GONE = frozenset({Status.DELETED, Status.PENDING_DELETE})
"""States of images that nobody can look up any more."""

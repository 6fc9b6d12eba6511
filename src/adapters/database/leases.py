"""Leases in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import leases
from tintype.adapters.database.values import aware, naive
from tintype.domain.lease import Lease, Purpose
from tintype.domain.quota import Reservation, Resource
from tintype.domain.status import Status

_ADD = insert(leases)
_RELEASE = delete(leases).where(leases.c.id == bindparam("lease_id"))
_RENEW = (
    update(leases)
    .where(leases.c.holder == bindparam("of"))
    .values(expires_at=bindparam("until", type_=leases.c.expires_at.type))
)
_TAKE_OVER = _RENEW.where(
    leases.c.id == bindparam("lease_id"),
    leases.c.expires_at == bindparam("until_then", type_=leases.c.expires_at.type),
).values(holder=bindparam("by"))
_RENEW_ONE = (
    update(leases)
    .where(leases.c.id == bindparam("lease_id"))
    .values(expires_at=bindparam("until", type_=leases.c.expires_at.type))
)
_LEASES = select(
    leases.c.id,
    leases.c.image_id,
    leases.c.purpose,
    leases.c.holder,
    leases.c.expires_at,
    leases.c.store,
    leases.c.restore_to,
    leases.c.reserved_by,
    leases.c.reserved_of,
    leases.c.reserved_size,
    leases.c.task_id,
)
_LIST = _LEASES.order_by(leases.c.expires_at, leases.c.id)
_OF_TASK = _LEASES.where(leases.c.task_id == bindparam("of_task"))


class SqlLeaseRepository:
    """The table `tintype_leases`, which the field's other programs do not know."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, lease: Lease) -> None:
        """Record a lease."""
        row = {
            "id": lease.id,
            "image_id": lease.image_id,
            "purpose": lease.purpose.value,
            "holder": lease.holder,
            "expires_at": naive(lease.expires_at),
            "store": lease.store,
            "restore_to": lease.restore_to and lease.restore_to.value,
            **_reserved(lease.reservation),
            "task_id": lease.task_id if lease.location is None else str(lease.location),
        }
        self._session.execute(_ADD, row, about=lease.image_id)

    def release(self, lease_id: str) -> bool:
        """Forget a lease; False if somebody else did before, and so took the work over."""
        return self._session.execute(_RELEASE, {"lease_id": lease_id}).rowcount == 1

    def renew(self, holder: str, expires_at: datetime) -> None:
        """Postpone the end of every lease of one process."""
        self._session.execute(_RENEW, {"of": holder, "until": naive(expires_at)})

    def renew_one(self, lease_id: str, expires_at: datetime) -> bool:
        """Postpone the end of one lease; False if somebody took it over."""
        parameters = {"lease_id": lease_id, "until": naive(expires_at)}
        return self._session.execute(_RENEW_ONE, parameters).rowcount == 1

    def of_task(self, task_id: str) -> Lease | None:
        """Return the lease of a task; None if it has none."""
        rows = self._session.find(_OF_TASK, {"of_task": task_id})
        return _lease(rows[0]) if rows else None

    def take_over(self, lease: Lease, holder: str, expires_at: datetime) -> bool:
        """Make a lease that of another process if it still is as listed; False if not.

        On success `lease` shows its new holder and end.
        """
        parameters = {
            **{"lease_id": lease.id, "of": lease.holder, "by": holder},
            **{"until_then": naive(lease.expires_at), "until": naive(expires_at)},
        }
        if self._session.execute(_TAKE_OVER, parameters, about=lease.image_id).rowcount != 1:
            return False
        lease.holder, lease.expires_at = holder, expires_at
        return True

    def list(self) -> Sequence[Lease]:
        """Return all leases, the one that expires first first."""
        return [_lease(row) for row in self._session.find(_LIST)]


def _reserved(reservation: Reservation | None) -> dict[str, Any]:
    if reservation is None:
        return {}
    return {
        "reserved_by": reservation.project,
        "reserved_of": reservation.resource.value,
        "reserved_size": reservation.size,
    }


def _lease(row: Row[Any]) -> Lease:
    # Deletions are none of a task: of one location they have its number there.
    deletes = row.purpose == Purpose.DELETE.value
    return Lease(
        id=row.id,
        image_id=row.image_id,
        purpose=Purpose(row.purpose),
        holder=row.holder,
        expires_at=aware(row.expires_at),
        store=row.store,
        restore_to=Status(row.restore_to) if row.restore_to else None,
        task_id=None if deletes else row.task_id,
        location=int(row.task_id) if deletes and row.task_id else None,
        reservation=_reservation(row),
    )


def _reservation(row: Row[Any]) -> Reservation | None:
    if not row.reserved_by:
        return None
    return Reservation(row.reserved_by, Resource(row.reserved_of), row.reserved_size)

"""Leases in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tintype.adapters.memory.state import Transaction
from tintype.domain.lease import Lease


class MemoryLeaseRepository:
    """Keeps leases within one transaction on the state in memory."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, lease: Lease) -> None:
        """Record a lease."""
        self._transaction.change().leases[lease.id] = replace(lease)

    def release(self, lease_id: str) -> bool:
        """Forget a lease; False if somebody else did before, and so took the work over."""
        return self._transaction.change().leases.pop(lease_id, None) is not None

    def renew(self, holder: str, expires_at: datetime) -> None:
        """Postpone the end of every lease of one process."""
        leases = self._transaction.change().leases
        leases.update(
            {
                lease.id: replace(lease, expires_at=expires_at)
                for lease in leases.values()
                if lease.holder == holder
            }
        )

    def renew_one(self, lease_id: str, expires_at: datetime) -> bool:
        """Postpone the end of one lease; False if somebody took it over."""
        leases = self._transaction.change().leases
        kept = leases.get(lease_id)
        if kept is None:
            return False
        leases[lease_id] = replace(kept, expires_at=expires_at)
        return True

    def of_task(self, task_id: str) -> Lease | None:
        """Return a copy of the lease of a task; None if it has none."""
        leases = self._transaction.state.leases.values()
        found = next((lease for lease in leases if lease.task_id == task_id), None)
        return None if found is None else replace(found)

    def take_over(self, lease: Lease, holder: str, expires_at: datetime) -> bool:
        """Make a lease that of another process if it still is as listed; False if not.

        On success `lease` shows its new holder and end.
        """
        leases = self._transaction.change().leases
        kept = leases.get(lease.id)
        if kept is None or (kept.holder, kept.expires_at) != (lease.holder, lease.expires_at):
            return False
        lease.holder, lease.expires_at = holder, expires_at
        leases[lease.id] = replace(kept, holder=holder, expires_at=expires_at)
        return True

    def list(self) -> Sequence[Lease]:
        """Return copies of all leases, the one that expires first first."""
        leases = self._transaction.state.leases.values()
        return sorted(map(replace, leases), key=lambda lease: (lease.expires_at, lease.id))

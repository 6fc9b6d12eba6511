"""The record of who moves bytes for which image."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tintype.domain.lease import Lease


class LeaseRepository(Protocol):
    """Keeps the leases, so that work of a dead process is found and undone."""

    def add(self, lease: Lease) -> None:
        """Record a lease."""

    def release(self, lease_id: str) -> bool:
        """Forget a lease; False if somebody else did before, and so took the work over."""

    def renew(self, holder: str, expires_at: datetime) -> None:
        """Postpone the end of every lease of one process."""

    def take_over(self, lease: Lease, holder: str, expires_at: datetime) -> bool:
        """Make a lease that of another process if it still is as listed; False if not.

        On success `lease` shows its new holder and end.
        """

    def renew_one(self, lease_id: str, expires_at: datetime) -> bool:
        """Postpone the end of one lease; False if somebody took it over.

        On success nobody else takes it over until the unit of work ends.
        """

    def of_task(self, task_id: str) -> Lease | None:
        """Return the lease of a task; None for one that has ended, or is none of ours."""

    def list(self) -> Sequence[Lease]:
        """Return all leases, the one that expires first first."""

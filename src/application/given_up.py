"""What this process gave up and has to come back to."""

from collections.abc import Iterator
from contextlib import contextmanager

from tintype.domain.lease import Lease


class GivenUp:
    """Remembers leases of work that failed and could not be undone either.

    A living process renews all its leases, so that no other one will ever look after these:
    its own sweep must. Safe between threads.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def __contains__(self, lease: Lease) -> bool:
        return lease.id in self._ids

    @contextmanager
    def unless_done(self, *leases: Lease) -> Iterator[None]:
        """Remember the leases if the body fails, forget them if it succeeds."""
        ids = {lease.id for lease in leases}
        try:
            yield
        except BaseException:
            self._ids |= ids
            raise
        self._ids -= ids

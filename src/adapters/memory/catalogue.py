"""The catalogue in memory and its transactions."""

import threading
from types import TracebackType
from typing import Self

from tintype.adapters.memory.images import MemoryImageRepository
from tintype.adapters.memory.leases import MemoryLeaseRepository
from tintype.adapters.memory.members import MemoryMemberRepository
from tintype.adapters.memory.metadefs import MemoryMetadefRepository
from tintype.adapters.memory.state import State, Transaction
from tintype.adapters.memory.tasks import MemoryTaskRepository
from tintype.adapters.memory.usage import MemoryUsageRepository
from tintype.domain.ports.clock import Clock


class MemoryUnitOfWork:
    """One transaction on the state in memory.

    A writing one is alone from entering to leaving; one that only reads waits for nobody and
    sees the state as it was when it was entered.
    """

    def __init__(self, work: "MemoryWork", *, read_only: bool) -> None:
        self._work = work
        self._read_only = read_only

    def __enter__(self) -> Self:
        """Begin."""
        if not self._read_only:
            self._work.lock()
        self._transaction = Transaction(self._work.state, read_only=self._read_only)
        self.images = MemoryImageRepository(self._transaction, self._work.clock)
        self.members = MemoryMemberRepository(self._transaction)
        self.leases = MemoryLeaseRepository(self._transaction)
        self.usage = MemoryUsageRepository(self._transaction)
        self.tasks = MemoryTaskRepository(self._transaction, self._work.clock)
        self.metadefs = MemoryMetadefRepository(self._transaction)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; what was not committed is forgotten with this object."""
        if not self._read_only:
            self._work.unlock()

    def commit(self) -> None:
        """Show what was done to everyone who enters from now on."""
        if not self._read_only:
            self._work.state = self._transaction.publish()


class MemoryWork:
    """Begins units of work on one catalogue in memory; safe between threads."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.state = State()
        self._lock = threading.Lock()
        self._writer: int | None = None

    def __call__(self, *, read_only: bool = False) -> MemoryUnitOfWork:
        """Return a new unit of work."""
        return MemoryUnitOfWork(self, read_only=read_only)

    def lock(self) -> None:
        """Wait until no other thread writes.

        Raises:
            RuntimeError: this very thread is writing, and would wait for ever.
        """
        if self._writer == threading.get_ident():
            raise RuntimeError("A writing unit of work was begun within another one.")
        self._lock.acquire()
        self._writer = threading.get_ident()

    def unlock(self) -> None:
        """Let the next thread write."""
        self._writer = None
        self._lock.release()

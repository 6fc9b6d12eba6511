"""One transaction with the catalogue."""

from types import TracebackType
from typing import Protocol, Self

from tintype.domain.ports.image_repository import ImageRepository
from tintype.domain.ports.lease_repository import LeaseRepository
from tintype.domain.ports.member_repository import MemberRepository
from tintype.domain.ports.metadef_repository import MetadefRepository
from tintype.domain.ports.task_repository import TaskRepository
from tintype.domain.ports.usage_repository import UsageRepository


class UnitOfWork(Protocol):
    """All or nothing: what is done within becomes true together on `commit`.

    A context manager for one use by one thread. Leaving it without `commit` undoes
    everything. It is never open while bytes of an image move.
    """

    @property
    def images(self) -> ImageRepository:
        """The images, as this transaction sees them."""

    @property
    def members(self) -> MemberRepository:
        """The members, as this transaction sees them."""

    @property
    def leases(self) -> LeaseRepository:
        """The leases, as this transaction sees them."""

    @property
    def usage(self) -> UsageRepository:
        """What projects have, as this transaction sees it."""

    @property
    def tasks(self) -> TaskRepository:
        """The tasks, as this transaction sees them."""

    @property
    def metadefs(self) -> MetadefRepository:
        """The metadata definitions, as this transaction sees them."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; undo what was not committed."""

    def commit(self) -> None:
        """Make what was done true for good."""


class Work(Protocol):
    """Begins units of work; safe between threads."""

    def __call__(self, *, read_only: bool = False) -> UnitOfWork:
        """Return a new one; one that only reads may be cheaper and must not write."""

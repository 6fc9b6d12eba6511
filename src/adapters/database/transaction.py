"""What every transaction with the database has, whatever is done in it."""

from functools import cached_property
from types import TracebackType
from typing import Self

from tintype.adapters.database.metadefs.repository import SqlMetadefRepository
from tintype.adapters.database.session import Session
from tintype.adapters.database.usage import SqlUsageRepository


class Transaction:
    """A context manager for one use by one thread; leaving it without `commit` undoes all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def usage(self) -> SqlUsageRepository:
        """What projects have; few ask."""
        return SqlUsageRepository(self._session)

    @cached_property
    def metadefs(self) -> SqlMetadefRepository:
        """The metadata definitions; few ask."""
        return SqlMetadefRepository(self._session)

    def __enter__(self) -> Self:
        """Begin; the database hears of it with the first statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; undo what was not committed."""
        self._session.close()

    def commit(self) -> None:
        """Make what was done true for good.

        Raises:
            StaleWrite: the database chose this transaction as the one to give way.
            CatalogueUnavailable: the connection broke; whether it was done is not known.
        """
        self._session.commit()

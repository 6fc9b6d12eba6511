"""Units of work over SQL."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from tintype.adapters.database.images import SqlImageRepository, planned_get
from tintype.adapters.database.leases import SqlLeaseRepository
from tintype.adapters.database.members import SqlMemberRepository
from tintype.adapters.database.metadefs.repository import SqlMetadefRepository
from tintype.adapters.database.planned import Planned
from tintype.adapters.database.session import Session, utc_now
from tintype.adapters.database.tasks import SqlTaskRepository
from tintype.adapters.database.url_cipher import UrlCipher
from tintype.adapters.database.usage import SqlUsageRepository


class SqlUnitOfWork:
    """One transaction; one that only reads holds no transaction open at all.

    Statements of a reading unit each see what is committed by then. What one call to a
    repository returns is consistent in itself: it comes from one statement.
    """

    def __init__(self, session: Session, planned_get: Planned | None) -> None:
        self._session = session
        self.images = SqlImageRepository(session, planned_get)
        self.members = SqlMemberRepository(session)
        self.leases = SqlLeaseRepository(session)
        self.tasks = SqlTaskRepository(session)

    @cached_property
    def usage(self) -> SqlUsageRepository:
        """What projects have; few units of work ask."""
        return SqlUsageRepository(self._session)

    @cached_property
    def metadefs(self) -> SqlMetadefRepository:
        """The metadata definitions; few units of work ask."""
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


class SqlWork:
    """Begins units of work on one database; safe between threads."""

    def __init__(
        self,
        engine: Engine,
        urls: UrlCipher | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._urls = urls
        self._now = now
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._planned_get = planned_get(engine)

    def __call__(self, *, read_only: bool = False) -> SqlUnitOfWork:
        """Return a new unit of work; one that only reads must not write."""
        session = Session(
            self._engine, read_only=read_only, turn=self._turn, now=self._now, urls=self._urls
        )
        return SqlUnitOfWork(session, self._planned_get)

"""Units of work over SQL."""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from tintype.adapters.database.images import SqlImageRepository, planned_get
from tintype.adapters.database.leases import SqlLeaseRepository
from tintype.adapters.database.members import SqlMemberRepository
from tintype.adapters.database.planned import Planned
from tintype.adapters.database.session import Session, utc_now
from tintype.adapters.database.tasks import SqlTaskRepository
from tintype.adapters.database.transaction import Transaction
from tintype.adapters.database.url_cipher import UrlCipher


class SqlUnitOfWork(Transaction):
    """One transaction; one that only reads holds no transaction open at all.

    Statements of a reading unit each see what is committed by then. What one call to a
    repository returns is consistent in itself: it comes from one statement.
    """

    def __init__(self, session: Session, planned_get: Planned | None) -> None:
        super().__init__(session)
        self.images = SqlImageRepository(session, planned_get)
        self.members = SqlMemberRepository(session)
        self.leases = SqlLeaseRepository(session)
        self.tasks = SqlTaskRepository(session)


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

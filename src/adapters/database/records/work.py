"""Units of work over rows."""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from tintype.adapters.database.label_times import tags
from tintype.adapters.database.records.cache_list import SqlCacheRows
from tintype.adapters.database.records.image_list import SqlImageRows
from tintype.adapters.database.records.label_rows import SqlLabelRows
from tintype.adapters.database.records.location_list import SqlLocationRows
from tintype.adapters.database.records.member_list import SqlMemberRows
from tintype.adapters.database.records.property_list import SqlPropertyRows
from tintype.adapters.database.records.purge import SqlDeletedRows
from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.records.task_list import SqlTaskRows
from tintype.adapters.database.session import Session, utc_now
from tintype.adapters.database.tables import node_reference, task_info
from tintype.adapters.database.transaction import Transaction
from tintype.adapters.database.url_cipher import UrlCipher


class SqlRecords(Transaction):
    """One transaction; one that only reads sees everything as it was at its first statement."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.images = SqlImageRows(session)
        self.properties = SqlPropertyRows(session)
        self.locations = SqlLocationRows(session)
        self.members = SqlMemberRows(session)
        self.tags = SqlLabelRows(session, tags)
        self.tasks = SqlTaskRows(session)
        self.task_info = SqlRows(session, task_info)
        self.nodes = SqlRows(session, node_reference)
        self.cached_images = SqlCacheRows(session)
        self.deleted = SqlDeletedRows(session)


class SqlRecordWork:
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

    def __call__(self, *, read_only: bool = False) -> SqlRecords:
        """Return a new unit of work; one that only reads must not write."""
        return SqlRecords(
            Session(
                self._engine,
                read_only=read_only,
                turn=self._turn,
                now=self._now,
                urls=self._urls,
                snapshot=read_only,
            )
        )

"""What the caches of nodes hold, of which there may be much."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import cached_images

_c = cached_images.c


class SqlCacheRows(SqlRows):
    """The table `cached_images`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, cached_images)

    def hit(self, at: datetime, **equal: Any) -> int:
        """Count one hit more for rows, at that time; return how many rows there were."""
        more = update(cached_images).where(*self._conditions(equal))
        counted = more.values(hits=_c.hits + 1, last_accessed=at)
        return int(self._session.execute(counted).rowcount)

    def oldest(self, **equal: Any) -> list[dict[str, Any]]:
        """Return the row that was hit the longest ago, the first of several; none of nothing."""
        order = select(cached_images).order_by(_c.last_accessed, _c.id).limit(1)
        rows = self._session.find(order.where(*self._conditions(equal)))
        return [dict(row._mapping) for row in rows]

"""Deleting for good what was marked as deleted long ago (database §10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tintype.application.retry import retried
from tintype.domain.errors import Invalid
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.records import PURGED, RecordWork

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BIGGEST = (1 << 31) - 1
ALL = -1


@dataclass(frozen=True)
class PurgeRecords:
    """Deletes rows in batches, each for good by itself: broken off, it can begin again.

    `batch` is how many go in one transaction.
    """

    work: RecordWork
    clock: Clock
    batch: int = 2000

    def rows(self, age_in_days: int, max_rows: int = ALL) -> Mapping[str, int]:
        """Delete rows marked so long ago, of each table at most so many, but no images.

        Returns how many went, by table.

        Raises:
            Invalid: an argument is out of range.
        """
        before = self._before(age_in_days, max_rows)
        return {table: self._purge(table, before, max_rows) for table in PURGED}

    def images(self, age_in_days: int, max_rows: int = ALL) -> int:
        """Delete images marked so long ago, unless something of them is left; return how many.

        Raises:
            Invalid: an argument is out of range.
        """
        return self._purge("images", self._before(age_in_days, max_rows), max_rows)

    def _before(self, age_in_days: int, max_rows: int) -> datetime:
        now = self.clock.now()
        if not ALL <= max_rows <= _BIGGEST:
            raise Invalid(f"max_rows must be -1 (all) to {_BIGGEST}, not {max_rows}.")
        if not 0 <= age_in_days < (now - _EPOCH).days:
            raise Invalid(
                f"age_in_days must be less than the days since 1970 and not negative, "
                f"not {age_in_days}."
            )
        return (now - timedelta(days=age_in_days)).replace(tzinfo=None)

    def _purge(self, table: str, before: datetime, max_rows: int) -> int:
        gone = 0
        while gone != max_rows:
            size = self.batch if max_rows == ALL else min(self.batch, max_rows - gone)
            last = self._purge_batch(table, before, size)
            gone += last
            if last < size:
                break
        return gone

    @retried
    def _purge_batch(self, table: str, before: datetime, size: int) -> int:
        with self.work() as records:
            gone = records.deleted.purge(table, before, size)
            records.commit()
        return gone

"""Deleting for good what was marked as deleted long ago (database §10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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

    def rows(
        self, age_in_days: Any, max_rows: Any = ALL, *, dry_run: bool = False
    ) -> Mapping[str, int]:
        """Delete rows marked so long ago, of each table at most so many, but no images.

        Returns how many went, by table; with `dry_run` how many would, and none does.

        Raises:
            Invalid: an argument is no whole number, nor the text of one, or out of range.
        """
        before, at_most = self._before(age_in_days), _at_most(max_rows)
        gone = self._count if dry_run else self._purge
        return {table: gone(table, before, at_most) for table in PURGED}

    def images(self, age_in_days: Any, max_rows: Any = ALL, *, dry_run: bool = False) -> int:
        """Delete images marked so long ago, unless something of them is left; return how many.

        With `dry_run` it is how many would go, and none does.

        Raises:
            Invalid: an argument is no whole number, nor the text of one, or out of range.
        """
        gone = self._count if dry_run else self._purge
        return gone("images", self._before(age_in_days), _at_most(max_rows))

    def _before(self, age_in_days: Any) -> datetime:
        now = self.clock.now()
        age = _whole("age_in_days", age_in_days)
        if not 0 <= age < (now - _EPOCH).days:
            raise Invalid(
                f"age_in_days must be less than the days since 1970 and not negative, not {age}."
            )
        return (now - timedelta(days=age)).replace(tzinfo=None)

    def _count(self, table: str, before: datetime, max_rows: int) -> int:
        with self.work(read_only=True) as records:
            return records.deleted.count(table, before, None if max_rows == ALL else max_rows)

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


def _at_most(max_rows: Any) -> int:
    number = _whole("max_rows", max_rows)
    if not ALL <= number <= _BIGGEST:
        raise Invalid(f"max_rows must be -1 (all) to {_BIGGEST}, not {number}.")
    return number


def _whole(name: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise Invalid(f"{name} must be a whole number, not {value!r}.") from None

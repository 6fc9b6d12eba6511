"""What owners have, by the database functions (database §7)."""

from dataclasses import dataclass

from tintype.domain.ports.records import RecordWork
from tintype.domain.quota import Resource


@dataclass(frozen=True)
class UsageRecords:
    """Counts what is there; what is only set aside does not count."""

    work: RecordWork

    def of(self, resource: Resource, owner: str, without_image: str | None = None) -> int:
        """Return how much an owner has of a resource: bytes, or images."""
        with self.work(read_only=True) as records:
            used = records.usage.of(owner, resource, without_image=without_image or "")
        return used[resource].present

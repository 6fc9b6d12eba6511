"""Which tasks a list shows, in which order, from where on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

SORT_KEYS = (
    *("id", "type", "status", "owner", "image_id", "request_id", "user_id"),
    *("created_at", "updated_at", "expires_at"),
)
"""Attributes that a list of tasks may be sorted and filtered by (import-and-tasks §17)."""


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """A question to the catalogue: tasks whose attributes equal `filters`.

    created_at and id follow the sort key as tie-breakers, in its direction; what is not set
    comes before everything else in ascending order.
    """

    limit: int
    marker: str | None = None
    sort_key: str = "created_at"
    descending: bool = True
    filters: Mapping[str, str | datetime] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The attributes that order the list, most important first."""
        return tuple(dict.fromkeys((self.sort_key, "created_at", "id")))

"""Which tasks a program asks for, in which order, from where on (database §8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tintype.domain.image_query import SortKey


@dataclass(frozen=True, slots=True)
class TaskRecordQuery:
    """A question for rows of tasks, deleted ones too; `filters` are columns and their values."""

    sort: tuple[SortKey, ...]
    limit: int | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)

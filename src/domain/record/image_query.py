"""Which images a program asks for, in which order, from where on (database §2.1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from tintype.domain.image_query import Comparison, SortKey
from tintype.domain.visibility import Visibility

Value = str | int | bool | datetime | tuple[str, ...] | None


class ColumnIs(NamedTuple):
    """A column compared with a value: None is NULL, a tuple goes with `IN`."""

    column: str
    comparison: Comparison
    value: Any


@dataclass(frozen=True, slots=True)
class ImageRecordQuery:
    """A question for rows of images, deleted ones too.

    `visibility` None leaves foreign community images out; `any_visibility` leaves nothing
    out. `public` narrows to public images, or to all others. `member_status` None takes any.
    """

    sort: tuple[SortKey, ...]
    limit: int | None = None
    visibility: Visibility | None = None
    any_visibility: bool = False
    public: bool | None = None
    member_status: str | None = "accepted"
    conditions: tuple[ColumnIs, ...] = ()
    tags: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()

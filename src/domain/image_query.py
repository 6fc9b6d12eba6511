"""Which images a list shows, in which order, from where on."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tintype.domain.visibility import Visibility

SORT_KEYS = (
    *("name", "status", "container_format", "disk_format"),
    *("size", "id", "created_at", "updated_at"),
)
"""Attributes that a list may be sorted by (images-api §7)."""

TIE_BREAKERS = ("created_at", "id")


class SortKey(NamedTuple):
    """One attribute to sort by."""

    name: str
    descending: bool


class Comparison(StrEnum):
    """How an attribute is compared with a value."""

    EQ = "eq"
    NEQ = "neq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"

    def holds(self, left: Any, right: Any) -> bool:
        """Compare two values that are not None."""
        if self is Comparison.IN:
            return left in right
        compare = {"eq": "eq", "neq": "ne", "gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
        return bool(getattr(operator, compare[self.value])(left, right))


class Condition(NamedTuple):
    """A base attribute compared with a value (a tuple of values for `IN`)."""

    attribute: str
    comparison: Comparison
    value: str | int | bool | datetime | tuple[str, ...]


def sort_keys(asked: tuple[SortKey, ...], single_direction: bool | None) -> tuple[SortKey, ...]:
    """Complete the keys asked for so that the order is total.

    created_at and id follow as tie-breakers, in the one direction given for all keys if there
    was one (True: descending), else descending (images-api §7). Of a key that is repeated the
    first one decides.
    """
    descending = True if single_direction is None else single_direction
    keys: dict[str, SortKey] = {}
    for key in (*asked, *(SortKey(name, descending) for name in TIE_BREAKERS)):
        keys.setdefault(key.name, key)
    return tuple(keys.values())


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """A question to the catalogue (images-api §7).

    `visibility` None leaves foreign community images out; `any_visibility` leaves nothing
    out. `member_status` None takes any. `properties` compare for equality.
    """

    limit: int
    sort: tuple[SortKey, ...] = field(default_factory=lambda: sort_keys((), None))
    marker: str | None = None
    visibility: Visibility | None = None
    any_visibility: bool = False
    member_status: str | None = "accepted"
    os_hidden: bool = False
    tags: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

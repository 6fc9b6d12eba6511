"""The places that data is kept in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

RESERVED_PREFIX = "os_glance_"
"""Stores so named belong to the service (stores §5)."""

STAGING_STORE = "os_glance_staging_store"
"""Where data waits for its import."""

TASKS_STORE = "os_glance_tasks_store"
"""Where tasks work on data."""


class Condition(Enum):
    """How a store is doing."""

    OK = "ok"
    FULL = "full"
    READ_ONLY = "read-only"
    UNREACHABLE = "unreachable"
    OUT_OF_SERVICE = "out-of-service"
    """It is not configured in a way that it could take data."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a store is doing, and why if it is not well; the reason is a sentence."""

    condition: Condition = Condition.OK
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A named place for data, as callers are told of it (images-api §12).

    `read_only` says what it is, `capabilities` what it can do as it is doing now. Every location of
    the store lies under one of the `url_prefixes`, which have no slash at their ends.
    """

    id: str
    type: str
    description: str | None = None
    default: bool = False
    read_only: bool = False
    weight: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)
    capabilities: Sequence[str] = ()
    url_prefixes: Sequence[str] = ()
    health: Health = Health()
    own: bool = False
    """Whether the program around it keeps the store to itself, whatever its name."""

    @property
    def reserved(self) -> bool:
        """Whether the store serves the service's own work and is no target for callers."""
        return self.own or self.id.startswith(RESERVED_PREFIX)

"""The places that data is kept in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RESERVED_PREFIX = "os_glance_"
"""Stores so named belong to the service (stores §5)."""

STAGING_STORE = "os_glance_staging_store"
"""Where data waits for its import."""


@dataclass(frozen=True, slots=True)
class Store:
    """A named place for data, as callers are told of it (images-api §12)."""

    id: str
    type: str
    description: str | None = None
    default: bool = False
    read_only: bool = False
    weight: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reserved(self) -> bool:
        """Whether the store serves the service's own work and is no target for callers."""
        return self.id.startswith(RESERVED_PREFIX)

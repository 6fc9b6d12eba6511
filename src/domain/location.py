"""Where the data of an image is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Location:
    """A URL from which a store gives the data, and what is to be known of it.

    `metadata` leaves are strings, lists or mappings (stores §1.1); its key `store` names the
    store. `id` is the number that the catalogue gave it, None before it was saved.
    """

    url: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = field(default=None, compare=False)

    @property
    def store(self) -> str | None:
        """The store that holds the data, None when the location predates named stores."""
        store = self.metadata.get("store")
        return store if isinstance(store, str) else None

"""What callers get: dictionaries, some of whose entries are attributes too."""

from collections.abc import Mapping
from typing import Any


class Entry(dict[str, Any]):
    """A dictionary whose entries can be read as attributes."""

    def __getattr__(self, name: str) -> Any:
        """Return an entry; called for what is no attribute otherwise."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def image_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image as callers know it."""
    return {**row, "properties": [Entry(entry) for entry in row["properties"]]}

"""Where the data of an image is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tintype.domain.errors import BadLocation

PRIVATE_SCHEMES = frozenset({"file", "filesystem", "swift+config"})
"""Schemes whose URLs reach what belongs to the service; callers may not name them."""


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

    @property
    def scheme(self) -> str:
        """The scheme of the URL in lower case, empty if it has none."""
        scheme, separator, _ = self.url.partition("://")
        return scheme.lower() if separator else ""

    @property
    def object(self) -> str:
        """The URL of the data itself: locations that differ by a fragment share it."""
        return self.url.partition("#")[0]


def check_registrable(location: Location) -> None:
    """Refuse what a caller may not say about where data is.

    Raises:
        BadLocation: the scheme is one of the service's own, or a leaf of the metadata is
            neither text nor a list nor a mapping.
    Source: images-api §9.1, stores §7.
    """
    if not location.scheme:
        raise BadLocation("it is no URL.")
    if location.scheme in PRIVATE_SCHEMES:
        raise BadLocation(f"URLs of scheme {location.scheme} are the service's own.")
    for name, value in location.metadata.items():
        if not _is_plain(value):
            raise BadLocation(f"metadata '{name}' must be made of texts, lists and objects.")


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if isinstance(value, list) else isinstance(value, str)

"""From URLs to volumes, and back."""

import re
from dataclasses import dataclass
from typing import Final

from tintype.domain.errors import Invalid

SCHEMES: Final = frozenset({"cinder"})

_PARTS: Final = re.compile(
    r"cinder://(?:(?P<store>[^/]+)/)?"
    r"(?P<volume>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says; `store` is None in those of before stores had names."""

    store: str | None
    volume: str

    @classmethod
    def of(cls, url: str, store: str) -> "Address":
        """Take a URL apart.

        Raises:
            Invalid: it is of another scheme, or its end is no id of a volume.
        Source: stores §6.6.
        """
        match = _PARTS.fullmatch(url.partition("#")[0])
        if match is None:
            raise not_ours(store)
        return cls(match["store"], match["volume"].lower())


def url_of(volume: str, store: str | None) -> str:
    """Return the URL of a volume, with the name of its store if stores have names."""
    return f"cinder://{volume}" if store is None else f"cinder://{store}/{volume}"


def not_ours(store: str) -> Invalid:
    """Return the error for a location of others."""
    return Invalid(f"The location is none of store {store}'s.")

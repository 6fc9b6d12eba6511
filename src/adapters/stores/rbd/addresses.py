"""From URLs to pools, block devices and snapshots, and back; and how unfinished ones are called."""

import re
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from tintype.domain.errors import Invalid

SCHEME: Final = "rbd"
SNAPSHOT: Final = "snap"
"""Name of the snapshot that an object is read from, and that others clone."""

_TOKEN: Final = "[0-9a-f]{16}"
UNFINISHED: Final = re.compile(rf"\..+\.{_TOKEN}\.part", re.DOTALL)
"""Matches the names that devices have while they grow."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says; the short form names nothing but a device, in the store's pool.

    `name` is that of the device.
    """

    name: str
    fsid: str | None = None
    pool: str | None = None
    snapshot: str | None = None

    @classmethod
    def of(cls, url: str, store: str) -> "Address":
        """Take a URL apart: one part, or four, each percent-encoded.

        Raises:
            Invalid: it is of another scheme, or malformed.
        Source: stores §6.5.
        """
        scheme, _, rest = url.partition("#")[0].partition("://")
        parts = [_decoded(part) for part in rest.split("/")]
        if scheme.lower() != SCHEME or not all(parts) or len(parts) not in (1, 4):
            raise not_ours(store)
        if len(parts) == 1:
            return cls(parts[0])
        return cls(parts[2], parts[0], parts[1], parts[3])

    @property
    def url(self) -> str:
        """The URL, as it is recorded."""
        parts = (self.fsid, self.pool, self.name, self.snapshot)
        return f"{SCHEME}://" + "/".join(quote(part, safe="") for part in parts if part)


def _decoded(part: str) -> str:
    """Return what a part stands for; nothing if no device can be called so."""
    try:
        text = unquote(part, errors="strict")
        text.encode()
    except UnicodeError:
        return ""
    return "" if "\0" in text else text


def prefix_of(fsid: str, pool: str) -> str:
    """Return what the locations of a pool begin with, without the slash at the end."""
    return f"{SCHEME}://{quote(fsid, safe='')}/{quote(pool, safe='')}"


def unfinished_name(key: str) -> str:
    """Return a new name for a device while it grows; no key begins with a dot."""
    return f".{key}.{secrets.token_hex(8)}.part"


def unfinished_pattern(key: str) -> re.Pattern[str]:
    """Match the names that `unfinished_name` gives for that key, and no others."""
    return re.compile(rf"\.{re.escape(key)}\.{_TOKEN}\.part")


def not_ours(store: str) -> Invalid:
    """Return the error for a location of others."""
    return Invalid(f"The location is none of store {store}'s.")

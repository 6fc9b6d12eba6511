"""Which keys an object may have."""

from tintype.domain.errors import Invalid

FORBIDDEN = frozenset("/\0?#")
"""What would end a file name, or the path of a URL."""

MAX_BYTES = 200
"""Leaves room for the decoration of temporary names in the 255 bytes of a file name."""


def is_key(text: str) -> bool:
    """Say whether an object may be called so, in every kind of store."""
    if not text or text.startswith(".") or not FORBIDDEN.isdisjoint(text):
        return False
    try:
        return len(text.encode()) <= MAX_BYTES
    except UnicodeEncodeError:
        return False


def check_key(key: str) -> None:
    """Raise Invalid unless an object may have that key."""
    if not is_key(key):
        raise Invalid(
            f"{key!r} cannot name stored data: use at most {MAX_BYTES} bytes, "
            "no dot in front, and none of / ? # and NUL."
        )

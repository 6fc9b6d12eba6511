"""How large volumes are."""

from typing import Final

GIB: Final = 1 << 30
MAX_GIB: Final = (1 << 31) - 1
"""The largest volume that Cinder can put down."""

MAX_STEP: Final = 64
"""Most GiB that a volume grows beyond what is needed, for it cannot shrink."""


def gibibytes(size: int) -> int:
    """Return how many GiB a volume for so many bytes has."""
    return max(1, -(-size // GIB))


def grown(capacity: int, needed: int) -> int:
    """Return how many GiB a volume of `capacity` bytes is to have next, to hold those needed.

    It doubles, so that an image of unknown length needs few extensions.
    """
    present = gibibytes(capacity)
    return max(gibibytes(needed), present + min(present, MAX_STEP))

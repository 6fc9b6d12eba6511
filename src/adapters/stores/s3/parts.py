"""How an object is cut into parts."""

from typing import Final

MAX_PARTS: Final = 10_000
MAX_SIZE: Final = MAX_PARTS * (5 << 30)
"""Most bytes of an object: as many parts as there may be, each as large as it may be."""

IN_FLIGHT: Final = 64 << 20
"""Bytes that an upload may have on their way, unless one part is larger."""

_STEP: Final = MAX_PARTS // 10


def part_size(number: int, configured: int, size: int | None) -> int:
    """Return the size in bytes of a part; the first one has number 1.

    Where the size of the whole is not known, every thousandth part doubles that of the next ones:
    with the smallest size to begin with, ten thousand of them are 5 TiB.

    Source: stores §6.3.
    """
    if size:
        return max(configured, -(-size // MAX_PARTS))
    return configured << (number - 1) // _STEP


def window(size: int, threads: int) -> int:
    """Return how many parts of that size an upload may have on their way."""
    return max(1, min(threads, IN_FLIGHT // size))

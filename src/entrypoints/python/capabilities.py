"""What a store can do, as bits that programs know."""

from enum import IntFlag
from typing import Final

from tintype.domain.ports.storage_driver import Capability


class BitMasks(IntFlag):
    """Single capabilities, and what they come to together.

    Source: stores §3.
    """

    NONE = 0
    READ_ACCESS = 1
    READ_OFFSET = 3
    READ_CHUNK = 5
    READ_RANDOM = 7
    WRITE_ACCESS = 8
    WRITE_OFFSET = 24
    WRITE_CHUNK = 40
    WRITE_RANDOM = 56
    RW_ACCESS = 9
    RW_OFFSET = 27
    RW_CHUNK = 45
    RW_RANDOM = 63
    DRIVER_REUSABLE = 64
    ALL = 255


PARTIAL: Final = ((0b000001, 0b000110), (0b001000, 0b110000))
"""Bits of reading and of writing: of access at all, and of access to parts, which needs it."""

BITS: Final = {
    Capability.READ: BitMasks.READ_ACCESS,
    Capability.RANGED_READ: BitMasks.READ_RANDOM,
    Capability.WRITE: BitMasks.WRITE_ACCESS,
}


class StoreCapability:
    """A set of capabilities that can be asked and changed; not for several threads to change."""

    def __init__(self, capabilities: int = BitMasks.NONE) -> None:
        self._capabilities = int(capabilities)

    @property
    def capabilities(self) -> int:
        """All of them."""
        return int(self._capabilities)

    @staticmethod
    def contains(x: int, y: int) -> bool:
        """Say whether x has all bits of y."""
        return x & y == y

    def is_capable(self, *capabilities: int) -> bool:
        """Say whether all of them are there."""
        return all(self.contains(self._capabilities, each) for each in capabilities)

    def set_capabilities(self, *capabilities: int) -> None:
        """Add some, with what they include."""
        for each in capabilities:
            self._capabilities |= each

    def unset_capabilities(self, *capabilities: int) -> None:
        """Take some away, with what includes them and without what they include."""
        for each in capabilities:
            self._capabilities &= ~_lost_with(each)

    def update_capabilities(self) -> None:
        """Do nothing: what a store can do is fixed when it starts."""


def _lost_with(capabilities: int) -> int:
    if capabilities == BitMasks.ALL:
        return capabilities
    lost = capabilities & ~BitMasks.RW_RANDOM
    for access, parts in PARTIAL:
        if capabilities & parts:
            lost |= capabilities & parts
        elif capabilities & access:
            lost |= access | parts
    return lost


def bits_of(capabilities: Capability) -> int:
    """Return the bits of a driver, which is reusable as all are: none keeps state."""
    bits = StoreCapability(BitMasks.DRIVER_REUSABLE)
    bits.set_capabilities(*(bit for each, bit in BITS.items() if each in capabilities))
    return bits.capabilities

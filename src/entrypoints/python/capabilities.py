"""What a store can do, as bits that programs know."""

import functools
import inspect
import logging
from collections.abc import Callable, Mapping
from enum import IntFlag
from typing import Any, ClassVar, Concatenate, Final, ParamSpec, TypeVar

from tintype.domain.ports.storage_driver import Capability
from tintype.entrypoints.python.exceptions import (
    StoreAddDisabled,
    StoreDeleteNotSupported,
    StoreGetNotSupported,
    StoreRandomGetNotSupported,
)

LOG = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="StoreCapability")


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
    """A set of capabilities that can be asked and changed; not for several threads to change.

    A class of stores declares its own as `_CAPABILITIES`; one that does not can do nothing.
    """

    _CAPABILITIES: ClassVar[int] = BitMasks.NONE

    def __init__(self, capabilities: int | None = None, *, full: bool = False) -> None:
        """Begin with some, or with those of the class.

        A store that is only `full` may be deleted from without WRITE_ACCESS.
        """
        self._capabilities = int(self._CAPABILITIES if capabilities is None else capabilities)
        self.full = full

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
        """Look anew at what the store can do now; a hook for those that can tell."""


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


def bits_of(capabilities: Capability, *, reusable: bool = True) -> int:
    """Return the bits of a driver; one is reusable unless it says that it keeps state."""
    bits = StoreCapability(BitMasks.DRIVER_REUSABLE if reusable else BitMasks.NONE)
    bits.set_capabilities(*(bit for each, bit in BITS.items() if each in capabilities))
    return bits.capabilities


# ---------------------------------------------------------------------- the check


def check(operation: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Refuse to get, add or delete before the store is touched, if it cannot.

    Arguments count however they are passed. Of a call of a method with another name
    there is only a warning.
    Source: stores §3.
    """
    name = getattr(operation, "__name__", "")
    signature = inspect.signature(operation)

    @functools.wraps(operation)
    def checked(store: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if name in _CHECKS:
            bound = signature.bind(store, *args, **kwargs)
            # An operation may take its arguments as **kwargs.
            _CHECKS[name](store, {**kwargs, **bound.arguments})
        else:
            LOG.warning("There is no rule of capabilities for %s.", name)
        return operation(store, *args, **kwargs)

    return checked


def _check_get(store: StoreCapability, given: Mapping[str, Any]) -> None:
    offset, chunk_size = given.get("offset") or 0, given.get("chunk_size")
    needed = BitMasks.READ_OFFSET if offset else BitMasks.READ_ACCESS
    if chunk_size:
        needed |= BitMasks.READ_CHUNK
    if store.is_capable(needed):
        return
    if needed == BitMasks.READ_ACCESS:
        raise StoreGetNotSupported
    raise StoreRandomGetNotSupported(offset=offset, chunk_size=chunk_size)


def _check_add(store: StoreCapability, given: Mapping[str, Any]) -> None:
    if not store.is_capable(BitMasks.WRITE_ACCESS):
        raise StoreAddDisabled


def _check_delete(store: StoreCapability, given: Mapping[str, Any]) -> None:
    if not (store.full or store.is_capable(BitMasks.WRITE_ACCESS)):
        raise StoreDeleteNotSupported


_CHECKS: Final = {"get": _check_get, "add": _check_add, "delete": _check_delete}

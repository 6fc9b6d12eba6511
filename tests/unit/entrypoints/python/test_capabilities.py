"""What a store can do, as bits."""

import pytest

from tintype.domain.ports.storage_driver import Capability
from tintype.entrypoints.python.capabilities import BitMasks, StoreCapability, bits_of

VALUES = {
    "NONE": 0,
    "READ_ACCESS": 1,
    "READ_OFFSET": 3,
    "READ_CHUNK": 5,
    "READ_RANDOM": 7,
    "WRITE_ACCESS": 8,
    "WRITE_OFFSET": 24,
    "WRITE_CHUNK": 40,
    "WRITE_RANDOM": 56,
    "RW_ACCESS": 9,
    "RW_OFFSET": 27,
    "RW_CHUNK": 45,
    "RW_RANDOM": 63,
    "DRIVER_REUSABLE": 64,
    "ALL": 255,
}


def test_names_have_their_values() -> None:
    assert {name: int(BitMasks[name]) for name in BitMasks.__members__} == VALUES


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ("READ_OFFSET", 255 - 2),
        ("READ_CHUNK", 255 - 4),
        ("READ_RANDOM", 255 - 6),
        ("READ_ACCESS", 255 - 7),
        ("WRITE_OFFSET", 255 - 16),
        ("WRITE_ACCESS", 255 - 56),
        ("RW_ACCESS", 255 - 63),
        ("DRIVER_REUSABLE", 255 - 64),
        ("ALL", 0),
        ("NONE", 255),
    ],
)
def test_taking_one_away_takes_what_needs_it_and_nothing_below(taken: str, left: int) -> None:
    store = StoreCapability(BitMasks.ALL)

    store.unset_capabilities(BitMasks[taken])

    assert store.capabilities == left


def test_all_that_is_asked_for_must_be_there() -> None:
    store = StoreCapability()
    store.set_capabilities(BitMasks.READ_OFFSET, BitMasks.WRITE_ACCESS)

    assert store.is_capable(BitMasks.READ_ACCESS, BitMasks.WRITE_ACCESS)
    assert not store.is_capable(BitMasks.READ_ACCESS, BitMasks.READ_CHUNK)


def test_the_bits_of_drivers() -> None:
    every = Capability.READ | Capability.RANGED_READ | Capability.WRITE | Capability.DELETE

    assert bits_of(every) == 79
    assert bits_of(Capability.READ | Capability.WRITE) == 73
    assert bits_of(Capability.READ) == 65

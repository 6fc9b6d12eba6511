"""What is the memory driver's own: its capacity."""

import pytest

from tintype.adapters.stores.memory import MemoryDriver
from tintype.domain.errors import StorageFull
from tintype.domain.location import Location

KIB = bytes(1024)


def store(driver: MemoryDriver, key: str, *data: bytes) -> Location:
    with driver.create(key, None) as handle:
        for piece in data:
            handle.write(memoryview(piece))
        return handle.commit()


def test_more_than_the_capacity_is_refused_while_it_is_written() -> None:
    driver = MemoryDriver("ram", 2 * len(KIB))
    with pytest.raises(StorageFull), driver.create("a", None) as handle:
        for _ in range(3):
            handle.write(memoryview(KIB))


def test_what_others_are_writing_counts() -> None:
    driver = MemoryDriver("ram", 2 * len(KIB))
    with driver.create("a", None) as first, driver.create("b", None) as second:
        first.write(memoryview(KIB))
        second.write(memoryview(KIB))
        with pytest.raises(StorageFull):
            first.write(memoryview(KIB))


def test_an_abandoned_write_gives_its_room_back() -> None:
    driver = MemoryDriver("ram", len(KIB))
    with driver.create("a", None) as handle:
        handle.write(memoryview(KIB))
    assert driver.size(store(driver, "b", KIB)) == len(KIB)


def test_a_lost_race_gives_its_room_back() -> None:
    driver = MemoryDriver("ram", 2 * len(KIB))
    with pytest.raises(Exception, match="already"), driver.create("a", None) as handle:
        handle.write(memoryview(KIB))
        store(driver, "a", KIB)
        handle.commit()
    assert driver.size(store(driver, "b", KIB)) == len(KIB)


def test_deleting_gives_room_back() -> None:
    driver = MemoryDriver("ram", len(KIB))
    driver.delete(store(driver, "a", KIB))
    assert driver.size(store(driver, "b", KIB)) == len(KIB)


def test_locations_without_named_stores_name_none() -> None:
    assert store(MemoryDriver("ram"), "a", b"data").store is None

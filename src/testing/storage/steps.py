"""What the tests do with a driver, in short."""

import os
from collections.abc import Iterable
from typing import Final, Protocol

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tintype.domain.errors import DataNotFound
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, StorageDriver

MIB: Final = 1 << 20
MANY: Final = int(os.environ.get("TINTYPE_TEST_STORAGE_OBJECTS", "20"))
"""Objects in tests that need many."""

with_one_driver = settings(
    max_examples=int(os.environ.get("TINTYPE_TEST_STORAGE_EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""The driver goes from example to example; each removes what it stored."""

pieces = st.lists(
    st.one_of(
        st.binary(max_size=300),
        st.integers(0, 200_000).map(bytes),
        st.integers(0, 200_000).map(lambda size: b"\x5a" * size),
    ),
    max_size=6,
)


class Stop(Exception):
    """Something went wrong in the middle of a transfer."""


class Beside(Protocol):
    """Somebody else who puts objects where a driver that takes no data finds them."""

    def put(self, key: str, data: bytes) -> Location:
        """Put an object there."""

    def locate(self, key: str) -> Location:
        """Say where an object of that key is put."""

    def remove(self, location: Location) -> None:
        """Remove an object."""


BESIDE: Final[dict[StorageDriver, Beside]] = {}
"""Who puts data there for each driver without `Capability.WRITE`."""


def require(driver: StorageDriver, capability: Capability) -> None:
    """Skip the test if the driver does without a capability."""
    if capability not in driver.capabilities:
        pytest.skip(f"a {driver.type} store does without {capability.name}")


def forbid(driver: StorageDriver, capability: Capability) -> None:
    """Skip the test if the driver has a capability."""
    if capability in driver.capabilities:
        pytest.skip(f"a {driver.type} store has {capability.name}")


def store(driver: StorageDriver, key: str, *data: bytes, size: int | None = None) -> Location:
    """Store pieces of data as one object."""
    if Capability.WRITE not in driver.capabilities:
        return BESIDE[driver].put(key, b"".join(data))
    with driver.create(key, size) as handle:
        for piece in data:
            handle.write(memoryview(piece))
        return handle.commit()


def load(
    driver: StorageDriver, location: Location, offset: int = 0, length: int | None = None
) -> bytes:
    """Return the bytes of an object, or of a part of it."""
    stream = driver.open(location, offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


def remove(driver: StorageDriver, key: str) -> None:
    """Delete an object, there or not, wherever it is."""
    for location in driver.locate(key):
        try:
            driver.delete(location)
        except DataNotFound:
            continue


def discard(driver: StorageDriver, location: Location) -> None:
    """Remove an object in whichever way there is."""
    if Capability.DELETE in driver.capabilities:
        driver.delete(location)
    else:
        BESIDE[driver].remove(location)


def places(driver: StorageDriver, key: str) -> list[Location]:
    """Say where an object of that key may be, whoever put it there."""
    if Capability.WRITE in driver.capabilities:
        return driver.locate(key)
    return [BESIDE[driver].locate(key)]


def is_there(driver: StorageDriver, key: str) -> bool:
    """Say whether there is an object of that key."""
    return any(map(lambda location: can_be_opened(driver, location), driver.locate(key)))


def can_be_opened(driver: StorageDriver, location: Location) -> bool:
    """Say whether there is an object at a location."""
    try:
        driver.open(location).close()
    except DataNotFound:
        return False
    return True


def a_foreign_location(driver: StorageDriver) -> Location:
    """Return a location of the scheme that lies elsewhere."""
    scheme = min(driver.schemes)
    return Location(f"{scheme}:///somewhere/else/a")


def store_all(driver: StorageDriver, keys: Iterable[str]) -> None:
    """Store an object for each key."""
    for key in keys:
        store(driver, key, key.encode())

"""What every storage driver promises, over every driver that is here."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test

from tests.contract.storage.drivers import (
    DRIVERS,
    MANY,
    SLOW,
    location_beside,
    put_beside,
    remove_beside,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, StorageDriver
from tintype.testing.storage import *  # noqa: F403
from tintype.testing.storage import BESIDE


@dataclass(frozen=True)
class SomebodyElse:
    """Puts data where a driver that takes none finds it."""

    driver: StorageDriver

    def put(self, key: str, data: bytes) -> Location:
        return put_beside(self.driver, key, data)

    def locate(self, key: str) -> Location:
        return location_beside(self.driver, key)

    def remove(self, location: Location) -> None:
        remove_beside(self.driver, location)


def is_long(request: pytest.FixtureRequest) -> bool:
    return is_hypothesis_test(request.function) or request.function.__name__ in MANY


@pytest.fixture(params=DRIVERS)
def storage_driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageDriver]:
    if request.param in SLOW and is_long(request) and not os.environ.get("TINTYPE_SLOW_STORES"):
        pytest.skip(f"{request.param} takes its time: set TINTYPE_SLOW_STORES")
    with DRIVERS[request.param](tmp_path) as driver:
        if Capability.WRITE not in driver.capabilities:
            BESIDE[driver] = SomebodyElse(driver)
        yield driver
        BESIDE.pop(driver, None)

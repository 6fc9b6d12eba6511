"""What every storage driver promises, over every driver that is here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.storage.drivers import DRIVERS, location_beside, put_beside, remove_beside
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


@pytest.fixture(params=DRIVERS)
def storage_driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageDriver]:
    with DRIVERS[request.param](tmp_path) as driver:
        if Capability.WRITE not in driver.capabilities:
            BESIDE[driver] = SomebodyElse(driver)
        yield driver
        BESIDE.pop(driver, None)

"""What every storage driver promises, over every driver that is here."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.contract.storage.drivers import DRIVERS, location_beside, put_beside, remove_beside
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, StorageDriver
from tintype.testing.storage import *  # noqa: F403
from tintype.testing.storage import BESIDE


@dataclass
class SomebodyElse:
    """Puts data where a driver that takes none finds it."""

    driver: StorageDriver
    there: dict[str, Location] = field(default_factory=dict)

    def put(self, key: str, data: bytes) -> Location:
        location = self.there[key] = put_beside(self.driver, key, data)
        return location

    def locate(self, key: str) -> Location:
        return location_beside(self.driver, key)

    def remove(self, location: Location) -> None:
        remove_beside(self.driver, location)
        self.there = {key: one for key, one in self.there.items() if one != location}

    def remove_all(self) -> None:
        for location in list(self.there.values()):
            self.remove(location)


@pytest.fixture(scope="module", params=DRIVERS)
def driver_for_all(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StorageDriver]:
    """Give one driver for all tests, each of which leaves it empty."""
    with DRIVERS[request.param](tmp_path_factory.mktemp("stores")) as driver:
        yield driver


@pytest.fixture
def storage_driver(driver_for_all: StorageDriver) -> Iterator[StorageDriver]:
    if Capability.WRITE in driver_for_all.capabilities:
        yield driver_for_all
        return
    BESIDE[driver_for_all] = somebody = SomebodyElse(driver_for_all)
    yield driver_for_all
    somebody.remove_all()
    del BESIDE[driver_for_all]

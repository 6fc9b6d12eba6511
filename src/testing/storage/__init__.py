"""What every storage driver promises, as tests to be run over any driver.

A test module imports all of it, and says in a fixture which driver is meant:

    from tintype.testing.storage import *

    @pytest.fixture
    def storage_driver(tmp_path):
        driver = MyDriver.from_settings("shelf", {...}, named=True)
        driver.start()
        yield driver

The store must be empty, and be on the real thing. A promise that a driver does not make, by its
capabilities, is not asked for. For one that takes no data, the fixture puts somebody who does so in
its stead into `BESIDE`.
"""

from collections.abc import Iterator

import pytest

from tintype.domain.ports.storage_driver import StorageDriver
from tintype.testing.storage.looking import *  # noqa: F403
from tintype.testing.storage.reading import *  # noqa: F403
from tintype.testing.storage.removing import *  # noqa: F403
from tintype.testing.storage.steps import *  # noqa: F403
from tintype.testing.storage.steps import remove
from tintype.testing.storage.writing import *  # noqa: F403


@pytest.fixture
def driver(storage_driver: StorageDriver) -> Iterator[StorageDriver]:
    """The driver in question; afterwards nothing may be left in it that cannot be deleted."""
    yield storage_driver
    for key in list(storage_driver.keys()):
        remove(storage_driver, key)
    assert list(storage_driver.keys()) == [], "something that is no object was left behind"

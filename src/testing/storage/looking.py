"""What a storage driver promises to those who look around in it."""

import json
from itertools import islice

import pytest

from tintype.domain.ports.storage_driver import Capability, Probed, StorageDriver
from tintype.testing.storage.steps import MANY, remove, require, store_all


def test_an_empty_store_has_no_keys(driver: StorageDriver) -> None:
    assert list(driver.keys()) == []


def test_the_keys_are_those_of_all_objects(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    wanted = {f"key-{number}" for number in range(MANY)}
    store_all(driver, wanted)
    assert sorted(driver.keys()) == sorted(wanted)


def test_objects_can_be_deleted_while_keys_are_given(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    store_all(driver, (f"key-{number}" for number in range(MANY)))
    for key in islice(driver.keys(), MANY):
        remove(driver, key)
    assert list(driver.keys()) == []


def test_what_administrators_are_shown_can_be_written_as_json(driver: StorageDriver) -> None:
    assert json.loads(json.dumps(dict(driver.properties))) == driver.properties


def test_a_store_that_is_well_says_so_and_nothing_is_left_behind(driver: StorageDriver) -> None:
    if not isinstance(driver, Probed):
        pytest.skip(f"a {driver.type} store cannot tell")
    driver.probe()
    assert list(driver.keys()) == []

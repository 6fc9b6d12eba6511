"""What a storage driver promises about removing, and one that takes no data."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tintype.domain.errors import DataNotFound, StoreNotWritable, StoreUnavailable
from tintype.domain.ports.storage_driver import Capability, StorageDriver
from tintype.testing.storage.steps import discard, forbid, load, require, store


def test_what_was_deleted_is_not_there(driver: StorageDriver) -> None:
    require(driver, Capability.DELETE)
    location = store(driver, "a", b"data")
    driver.delete(location)
    with pytest.raises(DataNotFound):
        driver.open(location)


def test_what_was_deleted_cannot_be_deleted_again(driver: StorageDriver) -> None:
    require(driver, Capability.DELETE)
    location = store(driver, "a", b"data")
    driver.delete(location)
    with pytest.raises(DataNotFound, match=driver.store):
        driver.delete(location)


def test_of_many_who_delete_an_object_exactly_one_does(driver: StorageDriver) -> None:
    require(driver, Capability.EXCLUSIVE_DELETE)
    location = store(driver, "a", b"data")
    barrier = Barrier(6)

    def delete(_: int) -> bool:
        barrier.wait()
        try:
            driver.delete(location)
        except DataNotFound:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(delete, range(6))) == 1


def test_deleting_leaves_others_alone(driver: StorageDriver) -> None:
    require(driver, Capability.DELETE)
    other = store(driver, "other", b"kept")
    driver.delete(store(driver, "a", b"data"))
    assert load(driver, other) == b"kept"


def test_a_key_can_be_used_again_after_deleting(driver: StorageDriver) -> None:
    require(driver, Capability.DELETE)
    driver.delete(store(driver, "a", b"old"))
    assert load(driver, store(driver, "a", b"new")) == b"new"


def test_nothing_unfinished_is_nothing_to_discard(driver: StorageDriver) -> None:
    driver.discard_unfinished("a")
    assert list(driver.keys()) == []


def test_discarding_what_is_unfinished_keeps_what_is_committed(driver: StorageDriver) -> None:
    location = store(driver, "a", b"data")
    driver.discard_unfinished("a")
    assert load(driver, location) == b"data"


def test_a_handle_whose_bytes_were_discarded_can_no_longer_commit(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"data"))
        driver.discard_unfinished("a")
        with pytest.raises(StoreUnavailable):
            handle.commit()
    assert list(driver.keys()) == []


# ---------------------------------------------------------------------- reading only


def test_a_store_that_is_read_only_takes_no_data(driver: StorageDriver) -> None:
    forbid(driver, Capability.WRITE)
    with pytest.raises(StoreNotWritable, match=driver.store):
        driver.create("a", None)


def test_a_store_that_cannot_delete_says_so_and_keeps_the_data(driver: StorageDriver) -> None:
    forbid(driver, Capability.DELETE)
    location = store(driver, "a", b"data")
    with pytest.raises(StoreNotWritable, match=driver.store):
        driver.delete(location)
    assert load(driver, location) == b"data"


def test_what_somebody_removed_cannot_be_read(driver: StorageDriver) -> None:
    forbid(driver, Capability.DELETE)
    location = store(driver, "a", b"data")
    discard(driver, location)
    with pytest.raises(DataNotFound, match=driver.store):
        driver.open(location)

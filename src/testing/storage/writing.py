"""What a storage driver promises about writing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.domain.errors import Duplicate, Invalid, StorageFull
from tintype.domain.ports.storage_driver import Capability, StorageDriver
from tintype.testing.storage.steps import (
    MANY,
    Stop,
    can_be_opened,
    discard,
    is_there,
    load,
    pieces,
    require,
    store,
    with_one_driver,
)


@with_one_driver
@given(pieces=pieces)
def test_what_is_written_in_pieces_is_read_as_one(
    driver: StorageDriver, pieces: list[bytes]
) -> None:
    location = store(driver, "a", *pieces)
    assert load(driver, location) == b"".join(pieces)
    discard(driver, location)


@with_one_driver
@given(pieces=pieces)
def test_the_size_is_that_of_all_pieces(driver: StorageDriver, pieces: list[bytes]) -> None:
    location = store(driver, "a", *pieces)
    assert driver.size(location) == len(b"".join(pieces))
    discard(driver, location)


def test_an_object_of_known_size_is_stored(driver: StorageDriver) -> None:
    location = store(driver, "a", b"whole", size=5)
    assert load(driver, location) == b"whole"


def test_an_object_without_bytes_is_an_object(driver: StorageDriver) -> None:
    location = store(driver, "a", size=0)
    assert (driver.size(location), load(driver, location)) == (0, b"")


def test_the_buffer_is_the_callers_again_after_a_write(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    buffer = bytearray(b"first")
    with driver.create("a", None) as handle:
        handle.write(memoryview(buffer))
        buffer[:] = b"other"
        handle.write(memoryview(buffer))
        location = handle.commit()
    assert load(driver, location) == b"firstother"


def test_an_object_is_not_there_before_it_is_committed(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"half"))
        assert not is_there(driver, "a")
        handle.commit()


def test_an_object_is_there_when_commit_returns(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"all"))
        location = handle.commit()
        assert load(driver, location) == b"all"


def test_a_write_that_failed_leaves_nothing(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with pytest.raises(Stop), driver.create("a", None) as handle:
        handle.write(memoryview(b"half"))
        raise Stop
    assert list(driver.keys()) == []


def test_a_write_that_was_not_committed_leaves_nothing(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"half"))
    assert list(driver.keys()) == []


def test_a_key_can_be_used_again_after_an_abandoned_write(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"half"))
    assert load(driver, store(driver, "a", b"whole")) == b"whole"


def test_a_size_that_cannot_fit_is_refused_at_once(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with pytest.raises(StorageFull, match=driver.store):
        driver.create("a", 1 << 62)


def test_a_refusal_for_lack_of_room_leaves_nothing(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with pytest.raises(StorageFull), driver.create("a", 1 << 62):
        pass
    assert list(driver.keys()) == []


@pytest.mark.parametrize(
    "key", ["", ".", "..", ".hidden", "a/b", "/a", "a\0b", "a?b", "a#b", "\ud800", "a" * 300]
)
def test_what_cannot_be_a_name_everywhere_is_no_key(driver: StorageDriver, key: str) -> None:
    require(driver, Capability.WRITE)
    with pytest.raises(Invalid):
        driver.create(key, None)


@with_one_driver
@given(key=st.text(st.characters(exclude_characters="/\0?#"), min_size=1, max_size=40))
def test_any_other_name_is_a_key(driver: StorageDriver, key: str) -> None:
    require(driver, Capability.WRITE)
    key = "a" + key.encode(errors="ignore").decode()
    location = store(driver, key, b"data")
    assert (list(driver.keys()), load(driver, location)) == ([key], b"data")
    driver.delete(location)


# ---------------------------------------------------------------------- one of each key


def test_a_key_in_use_is_refused_at_once(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    store(driver, "a", b"first")
    with pytest.raises(Duplicate, match=driver.store):
        driver.create("a", None)


def test_a_key_taken_in_the_meantime_is_refused_on_commit(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as slow:
        slow.write(memoryview(b"second"))
        store(driver, "a", b"first")
        with pytest.raises(Duplicate, match=driver.store):
            slow.commit()


def test_the_loser_of_a_race_does_no_harm_to_the_winner(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    with driver.create("a", None) as slow:
        slow.write(memoryview(b"second"))
        location = store(driver, "a", b"first")
        with pytest.raises(Duplicate):
            slow.commit()
    assert load(driver, location) == b"first"


def test_of_many_writers_of_a_key_exactly_one_wins(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    writers = min(8, MANY)
    barrier = Barrier(writers)

    def write(number: int) -> bytes | None:
        data = bytes([number]) * 1000
        with driver.create("a", len(data)) as handle:
            handle.write(memoryview(data))
            barrier.wait()
            try:
                handle.commit()
            except Duplicate:
                return None
            return data

    with ThreadPoolExecutor(writers) as pool:
        winners = [data for data in pool.map(write, range(writers)) if data is not None]
    there = [each for each in driver.locate("a") if can_be_opened(driver, each)]
    assert [load(driver, each) for each in there] == winners
    assert len(winners) == 1


def test_writers_of_different_keys_do_not_meet(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)

    def write(number: int) -> bytes:
        data = bytes([number]) * 100_000
        return load(driver, store(driver, f"key-{number}", data[:1], data[1:]))

    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(write, range(MANY)))
    assert read == [bytes([number]) * 100_000 for number in range(MANY)]

"""What a storage driver promises about reading, and about where things are."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.domain.errors import DataNotFound, Invalid
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, StorageDriver
from tintype.testing.storage.steps import (
    MIB,
    a_foreign_location,
    discard,
    load,
    places,
    require,
    store,
    with_one_driver,
)


def test_reading_all_gives_the_size_first(driver: StorageDriver) -> None:
    stream = driver.open(store(driver, "a", b"0123456789"))
    assert stream.size == 10
    stream.close()


@with_one_driver
@given(data=st.binary(max_size=200), offset=st.integers(0, 250), length=st.integers(0, 250))
def test_a_range_gives_those_bytes_that_are_there(
    driver: StorageDriver, data: bytes, offset: int, length: int
) -> None:
    require(driver, Capability.RANGED_READ)
    location = store(driver, "a", data)
    assert load(driver, location, offset, length) == data[offset : offset + length]
    discard(driver, location)


@with_one_driver
@given(data=st.binary(max_size=200), offset=st.integers(0, 250))
def test_a_range_without_end_goes_to_the_end(
    driver: StorageDriver, data: bytes, offset: int
) -> None:
    require(driver, Capability.RANGED_READ)
    location = store(driver, "a", data)
    assert load(driver, location, offset) == data[offset:]
    discard(driver, location)


@with_one_driver
@given(data=st.binary(max_size=50), offset=st.integers(0, 60), length=st.integers(0, 60))
def test_the_size_of_a_stream_is_what_it_will_give(
    driver: StorageDriver, data: bytes, offset: int, length: int
) -> None:
    require(driver, Capability.RANGED_READ)
    location = store(driver, "a", data)
    stream = driver.open(location, offset, length)
    assert stream.size == len(b"".join(stream))
    stream.close()
    discard(driver, location)


def test_past_the_end_is_nothing(driver: StorageDriver) -> None:
    require(driver, Capability.RANGED_READ)
    stream = driver.open(store(driver, "a", b"0123456789"), 11)
    assert (stream.size, stream.read()) == (0, b"")
    stream.close()


@with_one_driver
@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=20))
def test_reads_go_on_where_the_last_one_stopped(driver: StorageDriver, sizes: list[int]) -> None:
    data = bytes(range(256)) * 4
    location = store(driver, "a", data)
    stream = driver.open(location)
    read = [stream.read(size) for size in sizes]
    assert all(len(piece) <= size for piece, size in zip(read, sizes, strict=True))
    assert b"".join([*read, stream.read()]) == data
    stream.close()
    discard(driver, location)


def test_iterating_goes_on_where_reading_stopped(driver: StorageDriver) -> None:
    stream = driver.open(store(driver, "a", b"0123456789"))
    assert (stream.read(4), b"".join(stream)) == (b"0123", b"456789")
    stream.close()


def test_at_the_end_there_is_nothing_more(driver: StorageDriver) -> None:
    stream = driver.open(store(driver, "a", b"0123456789"))
    stream.read()
    assert (stream.read(), stream.read(1), list(stream)) == (b"", b"", [])
    stream.close()


def test_pieces_are_of_a_mebibyte_at_most(driver: StorageDriver) -> None:
    stream = driver.open(store(driver, "a", bytes(3 * MIB + 1)))
    sizes = [len(piece) for piece in stream]
    assert (max(sizes) <= MIB, sum(sizes)) == (True, 3 * MIB + 1)
    stream.close()


def test_closing_twice_is_as_good_as_once(driver: StorageDriver) -> None:
    stream = driver.open(store(driver, "a", b"data"))
    stream.close()
    stream.close()


def test_readers_of_one_object_do_not_meet(driver: StorageDriver) -> None:
    data = os.urandom(2 * MIB + 7)
    location = store(driver, "a", data)
    barrier = Barrier(6)

    def read(number: int) -> bool:
        barrier.wait()
        return load(driver, location, number * 1000) == data[number * 1000 :]

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(6)))


@pytest.mark.parametrize(("offset", "length"), [(0, None), (3, None), (3, 4), (0, 0), (20, 5)])
def test_an_open_file_stands_at_the_first_byte_asked_for(
    driver: StorageDriver, offset: int, length: int | None
) -> None:
    require(driver, Capability.OPEN_FILE)
    location = store(driver, "a", b"0123456789")
    stream = driver.open(location, offset, length)
    wanted = load(driver, location, offset, length)
    assert os.read(stream.fileno(), stream.size or 0) == wanted  # type: ignore[attr-defined]
    stream.close()


def test_what_was_never_stored_cannot_be_read(driver: StorageDriver) -> None:
    for location in places(driver, "a"):
        with pytest.raises(DataNotFound, match=driver.store):
            driver.open(location)


def test_what_was_never_stored_has_no_size(driver: StorageDriver) -> None:
    for location in places(driver, "a"):
        with pytest.raises(DataNotFound, match=driver.store):
            driver.size(location)


@pytest.mark.parametrize("verb", ["open", "size", "delete"])
def test_a_location_of_another_store_is_refused(driver: StorageDriver, verb: str) -> None:
    with pytest.raises(Invalid, match=driver.store):
        getattr(driver, verb)(a_foreign_location(driver))


@pytest.mark.parametrize("url", ["", "a", "://", "http://host/a", "file", "nonsense://x/a"])
def test_a_url_that_means_nothing_is_refused(driver: StorageDriver, url: str) -> None:
    with pytest.raises(Invalid):
        driver.open(Location(url))


# ---------------------------------------------------------------------- locations


def test_a_location_is_of_a_scheme_that_the_driver_knows(driver: StorageDriver) -> None:
    location = store(driver, "a", b"data")
    assert location.url.partition("://")[0] in driver.schemes


def test_a_location_names_the_store(driver: StorageDriver) -> None:
    assert store(driver, "a", b"data").store == driver.store


def test_the_url_alone_is_enough_to_read(driver: StorageDriver) -> None:
    location = store(driver, "a", b"data")
    assert load(driver, Location(location.url)) == b"data"


def test_an_object_is_where_its_key_says_that_it_may_be(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    assert store(driver, "a", b"data") in driver.locate("a")

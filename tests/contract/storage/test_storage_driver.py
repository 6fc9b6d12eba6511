"""What every storage driver promises."""

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.storage.drivers import DRIVERS, location_beside, put_beside, remove_beside
from tintype.domain.errors import (
    DataNotFound,
    Duplicate,
    Invalid,
    StorageFull,
    StoreNotWritable,
    StoreUnavailable,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, StorageDriver

MIB = 1 << 20

with_one_driver = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageDriver]:
    with DRIVERS[request.param](tmp_path) as driver:
        yield driver
        for key in list(driver.keys()):
            remove(driver, key)
        assert list(driver.keys()) == [], "something that is no object was left behind"


def require(driver: StorageDriver, capability: Capability) -> None:
    if capability not in driver.capabilities:
        pytest.skip(f"a {driver.type} store does without {capability.name}")


def forbid(driver: StorageDriver, capability: Capability) -> None:
    if capability in driver.capabilities:
        pytest.skip(f"a {driver.type} store has {capability.name}")


def store(driver: StorageDriver, key: str, *data: bytes, size: int | None = None) -> Location:
    if Capability.WRITE not in driver.capabilities:
        return put_beside(driver, key, b"".join(data))
    with driver.create(key, size) as handle:
        for piece in data:
            handle.write(memoryview(piece))
        return handle.commit()


def load(
    driver: StorageDriver, location: Location, offset: int = 0, length: int | None = None
) -> bytes:
    stream = driver.open(location, offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


def remove(driver: StorageDriver, key: str) -> None:
    for location in driver.locate(key):
        try:
            driver.delete(location)
        except DataNotFound:
            continue


def discard(driver: StorageDriver, location: Location) -> None:
    if Capability.DELETE in driver.capabilities:
        driver.delete(location)
    else:
        remove_beside(driver, location)


def places(driver: StorageDriver, key: str) -> list[Location]:
    if Capability.WRITE in driver.capabilities:
        return driver.locate(key)
    return [location_beside(driver, key)]


def is_there(driver: StorageDriver, key: str) -> bool:
    return any(map(lambda location: can_be_opened(driver, location), driver.locate(key)))


def can_be_opened(driver: StorageDriver, location: Location) -> bool:
    try:
        driver.open(location).close()
    except DataNotFound:
        return False
    return True


def a_foreign_location(driver: StorageDriver) -> Location:
    scheme = min(driver.schemes)
    return Location(f"{scheme}:///somewhere/else/a")


# ---------------------------------------------------------------------- writing


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
    barrier = Barrier(8)

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

    with ThreadPoolExecutor(8) as pool:
        winners = [data for data in pool.map(write, range(8)) if data is not None]
    there = [each for each in driver.locate("a") if can_be_opened(driver, each)]
    assert [load(driver, each) for each in there] == winners
    assert len(winners) == 1


def test_writers_of_different_keys_do_not_meet(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)

    def write(number: int) -> bytes:
        data = bytes([number]) * 100_000
        return load(driver, store(driver, f"key-{number}", data[:1], data[1:]))

    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(write, range(24)))
    assert read == [bytes([number]) * 100_000 for number in range(24)]


# ---------------------------------------------------------------------- reading


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
    assert os.read(stream.fileno(), stream.size) == wanted  # type: ignore[attr-defined]
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


# ---------------------------------------------------------------------- removing


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


# ---------------------------------------------------------------------- looking


def test_an_empty_store_has_no_keys(driver: StorageDriver) -> None:
    assert list(driver.keys()) == []


def test_the_keys_are_those_of_all_objects(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    wanted = {f"key-{number}" for number in range(20)}
    store_all(driver, wanted)
    assert sorted(driver.keys()) == sorted(wanted)


def test_objects_can_be_deleted_while_keys_are_given(driver: StorageDriver) -> None:
    require(driver, Capability.WRITE)
    store_all(driver, (f"key-{number}" for number in range(20)))
    for key in islice(driver.keys(), 20):
        remove(driver, key)
    assert list(driver.keys()) == []


def store_all(driver: StorageDriver, keys: Iterable[str]) -> None:
    for key in keys:
        store(driver, key, key.encode())


def test_what_administrators_are_shown_can_be_written_as_json(driver: StorageDriver) -> None:
    assert json.loads(json.dumps(dict(driver.properties))) == driver.properties

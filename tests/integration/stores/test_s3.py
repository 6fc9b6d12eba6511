"""What an s3 store does when its service is full, locked, slow, gone or cut off (stores §6.3)."""

import hashlib
import multiprocessing
import os
import signal
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.s3_server import client, remove_bucket, s3_options, s3_store, small_account
from tests.service import free_port
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tintype.adapters.stores.s3 import S3Driver
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    Duplicate,
    Invalid,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
)
from tintype.domain.location import Location

MIB = 1 << 20
QUICK = {
    "s3_store_connect_timeout": 1,
    "s3_store_read_timeout": 1,
    "s3_store_large_object_chunk_size": 5,
}


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    """A bucket that is there."""
    options = s3_options(**QUICK)
    a_driver(options)
    yield options
    remove_bucket(options)


@pytest.fixture
def wire(options: dict[str, Any]) -> Iterator[TcpProxy]:
    with tcp_proxy(options["s3_store_host"]) as proxy:
        yield proxy


def a_driver(options: dict[str, Any], **other: object) -> S3Driver:
    driver = S3Driver.from_settings("shelf", {**options, **other}, named=True)
    driver.start()
    return driver


def store(driver: S3Driver, key: str, data: bytes, size: int | None = None) -> Location:
    with driver.create(key, size) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def load(driver: S3Driver, location: Location, offset: int = 0, length: int | None = None) -> bytes:
    stream = driver.open(location, offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


# ---------------------------------------------------------------------- parts


@pytest.mark.parametrize("known", [True, False])
def test_an_object_of_many_parts_comes_back_whole(options: dict[str, Any], known: bool) -> None:
    driver = a_driver(options)
    data = os.urandom(23 * MIB + 17)
    location = store(driver, "a", data, len(data) if known else None)
    assert load(driver, location) == data
    assert load(driver, location, 9 * MIB, 3 * MIB) == data[9 * MIB : 12 * MIB]
    driver.delete(location)


@pytest.mark.parametrize("size", [0, 10, 6 * MIB])
def test_an_object_of_known_size_is_sent_in_one_request(options: dict[str, Any], size: int) -> None:
    driver = a_driver(options)
    data = os.urandom(size)
    location = store(driver, "a", data, size)
    assert etag(options, "a") == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert (load(driver, location), list(driver.keys())) == (data, ["a"])


@pytest.mark.parametrize(("size", "limit"), [(10, 0), (6 * MIB, 6), (None, 100)])
def test_what_is_large_or_of_unknown_size_is_sent_in_parts(
    options: dict[str, Any], size: int | None, limit: int
) -> None:
    driver = a_driver(options, s3_store_large_object_size=limit)
    data = os.urandom(size or 10)
    location = store(driver, "a", data, size)
    assert "-" in etag(options, "a")
    assert (load(driver, location), list(driver.keys())) == (data, ["a"])


def test_more_bytes_than_announced_go_in_parts(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    data = os.urandom(12 * MIB)
    assert load(driver, store(driver, "a", data, 10)) == data


def test_an_upload_in_one_request_that_was_discarded_cannot_commit(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    with pytest.raises(StoreUnavailable, match="discard"), driver.create("a", 4) as handle:
        handle.write(memoryview(b"data"))
        driver.discard_unfinished("a")
        handle.commit()
    assert list(driver.keys()) == []


@pytest.mark.parametrize("size", [4, None])
def test_an_object_that_others_put_at_the_last_moment_stays(
    options: dict[str, Any], size: int | None
) -> None:
    driver, service = a_driver(options), client(options)
    with driver.create("a", size) as handle:
        handle.write(memoryview(b"mine"))
        service.put_object(Bucket=options["s3_store_bucket"], Key="a", Body=b"other")
        with pytest.raises(Duplicate):
            handle.commit()
    assert (load(driver, driver.locate("a")[0]), list(driver.keys())) == (b"other", ["a"])


def test_a_lost_answer_to_the_one_request_is_not_taken_for_another_upload(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = a_driver(options, s3_store_host=wire.url)
    sent = []

    def cut_the_first(request: Any, **_: object) -> None:
        sent.append(request.url.rpartition("/")[2])
        if sent.count("a") == 1 and not wire.cut_once:
            wire.cut_once = True
            wire.budget["down"] = 10

    driver._bucket.client.meta.events.register("before-send.s3.PutObject", cut_the_first)
    store(driver, "a", b"data", 4)
    assert sent.count("a") == 2
    direct = a_driver(options)
    assert (load(direct, direct.locate("a")[0]), list(direct.keys())) == (b"data", ["a"])


def test_parts_too_large_for_memory_wait_in_files(options: dict[str, Any], tmp_path: Path) -> None:
    driver = a_driver(options, **large_parts(tmp_path))
    piece = os.urandom(MIB)
    tracemalloc.start()
    with driver.create("a", None) as handle:
        for _ in range(140):
            handle.write(memoryview(piece))
        location = handle.commit()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * MIB
    assert etag(options, "a").endswith("-3")
    assert (driver.size(location), load(driver, location, 139 * MIB)) == (140 * MIB, piece)
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_waits_in_a_file_is_sent_again_if_it_is_cut_off(
    options: dict[str, Any], wire: TcpProxy, tmp_path: Path
) -> None:
    driver = a_driver(options, s3_store_host=wire.url, **large_parts(tmp_path))
    data = os.urandom(MIB) * 66
    with driver.create("a", None) as handle:
        wire.cut_once = True
        wire.budget["up"] = 30 * MIB
        handle.write(memoryview(data))
        handle.commit()
    direct = a_driver(options)
    assert load(direct, direct.locate("a")[0]) == data


def test_a_place_for_large_parts_that_is_not_there_is_named(
    options: dict[str, Any], tmp_path: Path
) -> None:
    driver = a_driver(options, **large_parts(tmp_path / "gone"))
    with (
        pytest.raises(StoreUnavailable, match="s3_store_buffer_dir"),
        driver.create("a", None) as handle,
    ):
        handle.write(memoryview(b"data"))
    assert list(driver.keys()) == []


def etag(options: dict[str, Any], key: str) -> str:
    """Return the digest that the service has of an object; that of parts ends with their number."""
    found = client(options).head_object(Bucket=options["s3_store_bucket"], Key=key)
    return str(found["ETag"].strip('"'))


def large_parts(directory: Path) -> dict[str, Any]:
    """Return the options for parts that are not kept in memory."""
    return {
        "s3_store_large_object_chunk_size": 65,
        "s3_store_buffer_dir": str(directory),
        "s3_store_read_timeout": 30,
    }


def test_parts_of_an_abandoned_upload_do_not_stay(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    with driver.create("a", None) as handle:
        handle.write(memoryview(bytes(11 * MIB)))
    assert list(driver.keys()) == []


def test_what_a_killed_process_left_is_found_and_discarded(options: dict[str, Any]) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=upload_and_die, args=(options,))
    process.start()
    process.join()
    driver = a_driver(options)
    (left,) = list(driver.keys())
    assert left.startswith(".a.")
    driver.discard_unfinished("a")
    assert list(driver.keys()) == []


def upload_and_die(options: dict[str, Any]) -> None:
    with a_driver(options).create("a", None) as handle:
        handle.write(memoryview(bytes(6 * MIB)))
        os.kill(os.getpid(), signal.SIGKILL)


def test_an_upload_of_many_parts_that_was_discarded_cannot_commit(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    with pytest.raises(StoreUnavailable), driver.create("a", None) as handle:
        handle.write(memoryview(bytes(11 * MIB)))
        driver.discard_unfinished("a")
        handle.commit()
    assert list(driver.keys()) == []


def test_a_key_whose_claim_is_held_is_not_overwritten(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    service = client(options)
    service.put_object(Bucket=options["s3_store_bucket"], Key=".a.claim", Body=b"")
    with pytest.raises(Duplicate):
        store(driver, "a", b"data")
    driver.discard_unfinished("a")
    driver.delete(store(driver, "a", b"data"))


# ---------------------------------------------------------------------- the service


def test_a_service_that_is_not_there_is_unavailable_and_does_not_stop_the_start() -> None:
    driver = a_driver(s3_options(**QUICK, s3_store_host=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        driver.open(driver.locate("a")[0])
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        driver.create("a", None)


@pytest.mark.parametrize("size", [None, 12 * MIB])
def test_a_quota_that_is_used_up_is_a_full_store_and_leaves_nothing(size: int | None) -> None:
    with s3_store(**QUICK, **small_account()) as driver:
        with pytest.raises(StorageFull, match="shelf"), driver.create("a", size) as handle:
            handle.write(memoryview(bytes(12 * MIB)))
            handle.commit()
        assert list(driver.keys()) == []


@pytest.mark.parametrize("option", ["s3_store_access_key", "s3_store_secret_key"])
def test_wrong_credentials_are_noticed_at_the_start(options: dict[str, Any], option: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        a_driver(options, **{option: "quite-wrong"})
    assert "quite-wrong" not in str(caught.value)


def test_credentials_that_are_refused_later_deny_writing(options: dict[str, Any]) -> None:
    wrong = {**options, "s3_store_secret_key": "quite-wrong"}
    driver = S3Driver.from_settings("shelf", wrong, named=True)
    with pytest.raises(StoreWriteDenied) as caught:
        driver.create("a", None)
    assert "quite-wrong" not in str(caught.value)
    with pytest.raises(StoreUnavailable):
        driver.size(driver.locate("a")[0])


def test_a_bucket_that_is_missing_is_not_made_unasked() -> None:
    with pytest.raises(BadConfiguration, match="there is no bucket"):
        a_driver(s3_options(s3_store_create_bucket_on_put=False))


def test_a_bucket_that_went_is_made_again_with_the_next_image_if_that_is_wanted() -> None:
    options = s3_options()
    driver = a_driver(options)
    remove_bucket(options)
    driver.probe()
    location = store(driver, "a", b"data")
    assert load(driver, location) == b"data"
    remove_bucket(options)


def test_of_many_who_miss_the_bucket_all_find_it_made() -> None:
    options = s3_options()
    driver = S3Driver.from_settings("shelf", options, named=True)
    with ThreadPoolExecutor(4) as pool:
        locations = list(pool.map(lambda key: store(driver, key, b"data"), "abcd"))
    assert [load(driver, each) for each in locations] == [b"data"] * 4
    remove_bucket(options)


@pytest.mark.parametrize("verb", ["create", "probe"])
def test_a_bucket_that_went_is_named_where_it_is_not_to_be_made(verb: str) -> None:
    options = s3_options(s3_store_create_bucket_on_put=False)
    driver = S3Driver.from_settings("shelf", options, named=True)
    problem = f"there is no bucket {options['s3_store_bucket']}: make it, or set s3_store_create_"
    with pytest.raises(StoreWriteDenied, match=problem):
        driver.probe() if verb == "probe" else driver.create("a", None)


@pytest.mark.parametrize("verb", ["open", "size", "delete"])
def test_without_its_bucket_no_image_is_taken_for_deleted(verb: str) -> None:
    driver = S3Driver.from_settings("shelf", s3_options(), named=True)
    with pytest.raises(StoreUnavailable):
        getattr(driver, verb)(driver.locate("a")[0])


# ---------------------------------------------------------------------- the wire


def test_a_service_that_falls_silent_is_not_waited_for_in_eternity(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = a_driver(options, s3_store_host=wire.url)
    wire.silent = True
    with pytest.raises(StoreUnavailable, match="ReadTimeoutError"):
        driver.size(driver.locate("a")[0])


def test_an_upload_that_is_cut_off_leaves_nothing_that_is_not_discarded(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = a_driver(options, s3_store_host=wire.url)
    with pytest.raises(StoreUnavailable), driver.create("a", None) as handle:
        wire.budget["up"] = 7 * MIB
        handle.write(memoryview(bytes(20 * MIB)))
        handle.commit()
    direct = a_driver(options)
    direct.discard_unfinished("a")
    assert list(direct.keys()) == []


def test_a_download_that_is_cut_off_does_not_end_as_if_it_were_whole(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    direct = a_driver(options)
    store(direct, "a", bytes(8 * MIB))
    driver = a_driver(options, s3_store_host=wire.url)
    stream = driver.open(driver.locate("a")[0])
    wire.budget["down"] = 3 * MIB
    with pytest.raises(StoreUnavailable):
        stream.read()
    stream.close()
    direct.delete(direct.locate("a")[0])


# ---------------------------------------------------------------------- old locations


def test_data_at_old_urls_is_read(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    location = store(driver, "a", b"data")
    place = location.url.removeprefix("s3://")
    for url in (
        f"s3://KEY:SEC/RET@{place}",
        f"s3+https://KEY:SECRET@{place}",
        f"s3+http://{place}",
    ):
        assert load(driver, Location(url)) == b"data"
    driver.delete(location)


def test_a_service_with_a_new_name_has_what_its_old_name_had(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    location = store(driver, "a", b"data")
    old = Location(f"s3://old.example/{options['s3_store_bucket']}/a")
    with pytest.raises(Invalid):
        driver.open(old)
    assert load(driver, Location(old.url, {"store": "shelf"})) == b"data"
    driver.delete(location)


def test_what_somebody_else_removed_is_not_there(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    location = store(driver, "a", b"data")
    client(options).delete_object(Bucket=options["s3_store_bucket"], Key="a")
    with pytest.raises(DataNotFound):
        driver.open(location)


def test_a_store_on_an_empty_bucket_is_whole_again_after_use() -> None:
    with s3_store() as driver:
        driver.delete(store(driver, "a", b""))
        assert list(driver.keys()) == []

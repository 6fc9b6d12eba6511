"""What a swift store does when its service is full, locked, slow, gone or cut off (stores §6.4)."""

import json
import multiprocessing
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.odd_server import an_answer, odd_server
from tests.service import free_port
from tests.swift_server import (
    client,
    containers,
    remove_container,
    small_segments,
    swift_options,
    swift_settings,
    whole_objects,
)
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tintype.adapters.stores.swift import SwiftDriver
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
)
from tintype.domain.location import Location

KB = 1000
SEGMENT = 100 * KB
QUICK = {"swift_store_connect_timeout": 1, "swift_store_read_timeout": 1}


def tiny_segments(options: dict[str, Any], segment_size: int = SEGMENT) -> SwiftDriver:
    return small_segments(options, segment_size)


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    """A container that is there."""
    options = swift_options(**QUICK)
    tiny_segments(options).start()
    yield options
    remove_container(options)


@pytest.fixture
def wire(options: dict[str, Any]) -> Iterator[TcpProxy]:
    with tcp_proxy(options["swift_store_auth_address"]) as proxy:
        yield proxy


def behind(options: dict[str, Any], wire: TcpProxy, **other: object) -> SwiftDriver:
    """Return a driver that reaches the service over the wire."""
    account = client(options).get_auth()[0].split("/v1/", 1)[1]
    return tiny_segments(
        {
            **options,
            "swift_store_auth_address": f"{wire.url}/auth/v1.0",
            "swift_store_endpoint": f"{wire.url}/v1/{account}",
            **other,
        }
    )


def store(driver: SwiftDriver, key: str, data: bytes, size: int | None = None) -> Location:
    with driver.create(key, size) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def load(
    driver: SwiftDriver, location: Location, offset: int = 0, length: int | None = None
) -> bytes:
    stream = driver.open(location, offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


def everything(options: dict[str, Any]) -> list[str]:
    """Return the names of all objects and segments, as another client sees them."""
    listed = client(options).get_container(options["swift_store_container"], full_listing=True)
    return [entry["name"] for entry in listed[1]]


def headers(options: dict[str, Any], key: str) -> dict[str, str]:
    """Return what another client is told of an object."""
    found: dict[str, str] = client(options).head_object(options["swift_store_container"], key)
    return found


# ---------------------------------------------------------------------- segments


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("size", [SEGMENT, 7 * SEGMENT, 7 * SEGMENT + 17])
def test_an_object_of_segments_comes_back_whole(
    options: dict[str, Any], known: bool, size: int
) -> None:
    driver = tiny_segments(options)
    data = os.urandom(size)
    location = store(driver, "a", data, size if known else None)
    assert load(driver, location) == data
    assert load(driver, location, 90 * KB, 5) == data[90 * KB : 90 * KB + 5]
    assert headers(options, "a")["x-static-large-object"] == "True"
    driver.delete(location)
    assert everything(options) == []


def test_what_fits_into_one_request_is_a_plain_object(options: dict[str, Any]) -> None:
    store(whole_objects(options), "a", b"0123456789", 10)
    assert everything(options) == ["a"]
    assert headers(options, "a")["etag"] == "781e5e245d69b566979b86e28d23f2c7"


@pytest.mark.parametrize("manifests", [2, 12], ids=["a few", "more than are deleted at once"])
def test_more_segments_than_a_manifest_holds_make_manifests_of_manifests(
    options: dict[str, Any], manifests: int
) -> None:
    most = client(options).get_capabilities()["slo"]["max_manifest_segments"]
    driver = tiny_segments(options, segment_size=100)
    data = os.urandom(100 * (manifests * most + 3) - 17)
    location = store(driver, "a", data)
    assert load(driver, location) == data
    driver.delete(location)
    assert everything(options) == []


def test_a_service_without_static_manifests_gets_dynamic_ones() -> None:
    options = swift_options(
        swift_store_auth_address=swift_settings()["TINTYPE_TEST_SWIFT_PLAIN_AUTH_URL"]
    )
    driver = tiny_segments(options)
    driver.start()
    data = os.urandom(3 * SEGMENT + 17)
    location = store(driver, "a b", data)
    assert "x-object-manifest" in headers(options, "a%20b")
    assert (load(driver, location), driver.size(location)) == (data, len(data))
    driver.discard_unfinished("a b")
    assert (load(driver, location), list(driver.keys())) == (data, ["a b"])
    driver.delete(location)
    assert everything(options) == []
    remove_container(options)


def test_large_segments_wait_in_files_if_that_is_wanted(
    options: dict[str, Any], tmp_path: Path
) -> None:
    driver = whole_objects(
        {
            **options,
            "swift_buffer_on_upload": True,
            "swift_upload_buffer_dir": str(tmp_path),
            "swift_store_large_object_size": 1,
            "swift_store_large_object_chunk_size": 1,
        }
    )
    data = os.urandom(2_048_017)
    location = store(driver, "a", data)
    assert len([name for name in everything(options) if name.startswith("a/")]) == 3
    assert load(driver, location) == data
    assert list(tmp_path.iterdir()) == []


def test_segments_of_an_abandoned_upload_do_not_stay(options: dict[str, Any]) -> None:
    driver = tiny_segments(options)
    with driver.create("a", None) as handle:
        handle.write(memoryview(bytes(3 * SEGMENT)))
    assert everything(options) == []


def test_what_a_killed_process_left_is_found_and_discarded(options: dict[str, Any]) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=upload_and_die, args=(options,))
    process.start()
    process.join()
    driver = tiny_segments(options)
    (left,) = list(driver.keys())
    assert left.startswith(".a.")
    driver.discard_unfinished("a")
    assert everything(options) == []


def upload_and_die(options: dict[str, Any]) -> None:
    with tiny_segments(options).create("a", None) as handle:
        handle.write(memoryview(bytes(3 * SEGMENT)))
        os.kill(os.getpid(), signal.SIGKILL)


def test_an_upload_of_segments_that_was_discarded_cannot_commit(options: dict[str, Any]) -> None:
    driver = tiny_segments(options)
    with pytest.raises(StoreUnavailable), driver.create("a", None) as handle:
        handle.write(memoryview(bytes(3 * SEGMENT)))
        driver.discard_unfinished("a")
        handle.commit()
    assert everything(options) == []


def test_images_are_spread_over_containers_by_their_ids(options: dict[str, Any]) -> None:
    driver = whole_objects({**options, "swift_store_multiple_containers_seed": 4})
    driver.start()
    location = store(driver, "ab-cd-ef", b"data")
    container = options["swift_store_container"]
    assert containers(client(options), container) == [container, f"{container}_ab-cd"]
    assert (load(driver, location), list(driver.keys())) == (b"data", ["ab-cd-ef"])
    with pytest.raises(DataNotFound):
        driver.open(driver.locate("other")[0])


# ---------------------------------------------------------------------- the service


def test_a_service_that_is_not_there_is_unavailable_and_does_not_stop_the_start() -> None:
    address = f"http://127.0.0.1:{free_port()}/auth/v1.0"
    driver = whole_objects(swift_options(swift_store_auth_address=address, **QUICK))
    driver.start()
    with pytest.raises(StoreUnavailable, match="ConnectionError"):
        driver.open(driver.locate("a")[0])
    with pytest.raises(StoreUnavailable, match="ConnectionError"):
        driver.create("a", None)


@pytest.mark.parametrize(
    "failure", ["503 Service Unavailable", "Unable to load SLO manifest or segment."]
)
def test_a_deletion_that_a_segment_withstands_for_a_moment_goes_on(failure: str) -> None:
    with odd_server() as odd:
        options = swift_options(swift_store_auth_address=odd.url("/auth/v1.0"), **QUICK)
        driver = whole_objects(options)
        image = f"/v1/account/{options['swift_store_container']}/a"
        segment = [f"{image}-00001", failure]
        told = [
            {"Response Status": "400 Bad Request", "Errors": [segment]},
            {"Response Status": "200 OK", "Errors": []},
        ]

        def deleted(_: str) -> bytes:
            body = json.dumps(told.pop(0)).encode()
            return an_answer(200, f"Content-Length: {len(body)}", "Connection: close", body=body)

        place = (f"X-Storage-Url: {odd.url('/v1/account')}", "X-Auth-Token: token")
        nothing = ("Content-Length: 0", "Connection: close")
        odd.answers = {
            "GET /auth/v1.0": an_answer(200, *place, *nothing),
            f"HEAD {image}": an_answer(200, "X-Static-Large-Object: True", *nothing),
            f"DELETE {image}?multipart-manifest=delete": deleted,
        }

        driver.delete(driver.locate("a")[0])

    assert told == []


@pytest.mark.parametrize("build", [whole_objects, tiny_segments])
def test_a_quota_that_is_used_up_is_a_full_store_and_leaves_nothing(
    options: dict[str, Any], build: Any
) -> None:
    quota = {"X-Container-Meta-Quota-Bytes": "150000"}
    client(options).post_container(options["swift_store_container"], quota)
    driver = build(options)
    with pytest.raises(StorageFull, match="shelf"), driver.create("a", None) as handle:
        handle.write(memoryview(bytes(3 * SEGMENT)))
        handle.commit()
    assert everything(options) == []


def test_wrong_credentials_are_noticed_at_the_start(options: dict[str, Any]) -> None:
    driver = whole_objects({**options, "swift_store_key": "quite-wrong"})
    with pytest.raises(BadConfiguration) as caught:
        driver.start()
    assert "quite-wrong" not in str(caught.value)


def test_credentials_that_are_refused_later_deny_writing(options: dict[str, Any]) -> None:
    driver = whole_objects({**options, "swift_store_key": "quite-wrong"})
    with pytest.raises(StoreWriteDenied) as caught:
        driver.create("a", None)
    assert "quite-wrong" not in str(caught.value)
    with pytest.raises(StoreUnavailable):
        driver.size(driver.locate("a")[0])


def test_a_token_that_expired_is_replaced(options: dict[str, Any]) -> None:
    driver = tiny_segments(options)
    data = os.urandom(3 * SEGMENT)
    with driver.create("a", None) as handle:
        handle.write(memoryview(data[:SEGMENT]))
        forget_tokens()
        handle.write(memoryview(data[SEGMENT:]))
        location = handle.commit()
    forget_tokens()
    assert load(driver, location) == data


def forget_tokens() -> None:
    host, port = swift_settings()["TINTYPE_TEST_SWIFT_MEMCACHED"].split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"flush_all\r\n")
        assert connection.recv(10) == b"OK\r\n"


def test_a_container_that_is_missing_is_not_made_unasked() -> None:
    options = swift_options(swift_store_create_container_on_put=False)
    with pytest.raises(BadConfiguration, match="there is no container"):
        whole_objects(options).start()
    with pytest.raises(StoreWriteDenied, match="there is no container"):
        whole_objects(options).create("a", None)


@pytest.mark.parametrize("verb", ["open", "size", "delete"])
def test_without_its_container_no_image_is_taken_for_deleted(verb: str) -> None:
    driver = whole_objects(swift_options())
    with pytest.raises(StoreUnavailable):
        getattr(driver, verb)(driver.locate("a")[0])


# ---------------------------------------------------------------------- the wire


def test_a_service_that_falls_silent_is_not_waited_for_in_eternity(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = behind(options, wire)
    driver.start()
    wire.silent = True
    with pytest.raises(StoreUnavailable, match=r"Timeout|ConnectionError"):
        driver.size(driver.locate("a")[0])


def test_an_upload_that_is_cut_off_leaves_nothing_that_is_not_discarded(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = behind(options, wire)
    with pytest.raises(StoreUnavailable), driver.create("a", None) as handle:
        wire.budget["up"] = 250 * KB
        handle.write(memoryview(bytes(9 * SEGMENT)))
        handle.commit()
    tiny_segments(options).discard_unfinished("a")
    assert everything(options) == []


def test_an_upload_whose_connection_is_reset_once_goes_on(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = behind(options, wire)
    data = os.urandom(9 * SEGMENT)
    with driver.create("a", None) as handle:
        wire.cut_once = True
        wire.budget["up"] = 250 * KB
        handle.write(memoryview(data))
        location = handle.commit()
    assert load(tiny_segments(options), location) == data


def test_a_lost_answer_to_the_last_request_is_not_taken_for_another_upload(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    driver = behind(options, wire)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"data"))
        wire.cut_once = True
        wire.budget["down"] = 1500
        location = handle.commit()
    assert (load(tiny_segments(options), location), everything(options)) == (b"data", ["a"])


@pytest.mark.parametrize("build", [whole_objects, tiny_segments])
def test_a_download_that_is_cut_off_does_not_end_as_if_it_were_whole(
    options: dict[str, Any], wire: TcpProxy, build: Any
) -> None:
    store(build(options), "a", bytes(2 << 20))
    driver = behind(options, wire)
    wire.budget["down"] = 900 * KB
    stream = driver.open(driver.locate("a")[0])
    with pytest.raises(StoreUnavailable):
        stream.read()
    stream.close()


@pytest.mark.parametrize(("offset", "length"), [(0, None), (1 << 19, 1 << 20)])
def test_a_download_that_is_cut_off_goes_on_from_the_byte_reached(
    options: dict[str, Any], wire: TcpProxy, offset: int, length: int | None
) -> None:
    data = os.urandom(2 << 20)
    location = store(whole_objects(options), "a", data)
    driver = behind(options, wire, swift_store_retry_get_count=1)
    wire.cut_once = True
    wire.budget["down"] = 900 * KB
    stream = driver.open(location, offset, length)
    assert stream.read() == data[offset : None if length is None else offset + length]
    stream.close()


def test_a_download_does_not_go_on_with_the_bytes_of_another_object(
    options: dict[str, Any], wire: TcpProxy
) -> None:
    location = store(whole_objects(options), "a", bytes(2 << 20))
    driver = behind(options, wire, swift_store_retry_get_count=1)
    wire.cut_once = True
    wire.budget["down"] = 900 * KB
    stream = driver.open(location)
    client(options).put_object(options["swift_store_container"], "a", b"1" * (2 << 20))
    with pytest.raises(StoreUnavailable):
        stream.read()
    stream.close()


# ---------------------------------------------------------------------- locations


def test_data_at_old_urls_is_read(options: dict[str, Any]) -> None:
    driver = whole_objects(options)
    store(driver, "a", b"data")
    place = options["swift_store_auth_address"].partition("://")[2]
    end = f"{place}/{options['swift_store_container']}/a"
    for who in ("test%3Atester:testing", "test:tester:testing", "test%3Atester:of-last-year"):
        assert load(driver, Location(f"swift+http://{who}@{end}")) == b"data"


def test_data_of_another_user_is_read_with_the_credentials_in_its_url(
    options: dict[str, Any],
) -> None:
    location = store(whole_objects(options), "a", b"data")
    other = {"swift_store_user": "test2:tester2", "swift_store_key": "testing2"}
    driver = whole_objects({**options, **other})
    assert load(driver, location) == b"data"


def test_a_service_with_a_new_name_has_what_its_old_name_had(options: dict[str, Any]) -> None:
    driver = whole_objects(options)
    store(driver, "a", b"data")
    container = options["swift_store_container"]
    old = f"swift+https://test%3Atester:testing@old.example/v1/{container}/a"
    assert load(driver, Location(old, {"store": "shelf"})) == b"data"


def test_references_keep_credentials_out_of_locations(
    options: dict[str, Any], tmp_path: Path
) -> None:
    driver = whole_objects(by_reference(options, tmp_path))
    driver.start()
    location = store(driver, "a", b"data")
    container = options["swift_store_container"]
    assert location.url == f"swift+config://ref1/{container}/a"
    assert load(driver, location) == b"data"


def test_what_was_uploaded_without_an_explicit_default_reference_can_be_read(
    options: dict[str, Any], tmp_path: Path
) -> None:
    driver = whole_objects(by_reference(options, tmp_path))
    store(driver, "a", b"data")
    lost = Location(f"swift+config://None/{options['swift_store_container']}/a")
    assert load(driver, lost) == b"data"


def by_reference(options: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "accounts.conf"
    file.write_text(
        f"[ref1]\nuser = {options['swift_store_user']}\nkey = '{options['swift_store_key']}'\n"
        f"auth_address = {options['swift_store_auth_address']}\nauth_version = 1\n"
    )
    left_out = ("swift_store_user", "swift_store_key", "swift_store_auth_address")
    kept = {name: value for name, value in options.items() if name not in left_out}
    return {**kept, "swift_store_config_file": str(file)}


def test_objects_that_others_made_of_segments_are_read_and_deleted(
    options: dict[str, Any],
) -> None:
    driver, service = whole_objects(options), client(options)
    container = options["swift_store_container"]
    service.put_object(container, "a-00001", b"first ")
    service.put_object(container, "a-00002", b"second")
    service.put_object(container, "a", b"", headers={"X-Object-Manifest": f"{container}/a-"})
    (location,) = driver.locate("a")
    assert (load(driver, location), driver.size(location)) == (b"first second", 12)
    driver.delete(location)
    assert everything(options) == []


def test_what_somebody_else_removed_is_not_there(options: dict[str, Any]) -> None:
    driver = whole_objects(options)
    location = store(driver, "a", b"data")
    client(options).delete_object(options["swift_store_container"], "a")
    with pytest.raises(DataNotFound):
        driver.open(location)

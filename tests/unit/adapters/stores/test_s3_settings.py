"""What the options, URLs and sizes of an s3 store come to, without a service."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.stores.s3 import S3Driver
from tintype.adapters.stores.s3.addresses import Address
from tintype.adapters.stores.s3.faults import writing
from tintype.adapters.stores.s3.options import region_of
from tintype.adapters.stores.s3.parts import (
    IN_FLIGHT,
    IN_MEMORY,
    MAX_PART,
    MAX_PARTS,
    MAX_SIZE,
    Buffer,
    part_size,
    window,
)
from tintype.domain.errors import (
    BadConfiguration,
    Invalid,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)

MIB = 1 << 20
NEEDED = {
    "s3_store_host": "http://s3.example:8080",
    "s3_store_access_key": "the-access-key",
    "s3_store_secret_key": "the-secret-key",
    "s3_store_bucket": "images",
}


def a_driver(**options: Any) -> S3Driver:
    return S3Driver.from_settings("shelf", {**NEEDED, **options}, named=True)


@pytest.mark.parametrize("option", NEEDED)
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_needed_must_be_set(option: str, value: str | None) -> None:
    with pytest.raises(BadConfiguration, match=option):
        a_driver(**{option: value})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("s3_store_large_object_chunk_size", 4),
        ("s3_store_thread_pools", 0),
        ("s3_store_host", "ftp://s3.example"),
        ("s3_store_host", "https://"),
        ("s3_store_host", "https://s3.example/path"),
        ("s3_store_host", "https://key:secret@s3.example"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(option: str, value: Any) -> None:
    with pytest.raises(BadConfiguration, match=option) as caught:
        a_driver(**{option: value})
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("http://s3.example:8080", "s3://s3.example:8080/images/a"),
        ("http://s3.example/", "s3://s3.example/images/a"),
        ("https://s3.example", "s3+https://s3.example/images/a"),
        ("s3.example:443", "s3+https://s3.example:443/images/a"),
    ],
)
def test_locations_have_host_bucket_and_key_and_no_credentials(host: str, url: str) -> None:
    driver = a_driver(s3_store_host=host)
    assert [location.url for location in driver.locate("a")] == [url]
    assert any(url.startswith(f"{prefix}/") for prefix in driver.url_prefixes)


@pytest.mark.parametrize(
    "url",
    [
        "s3://host:1/bucket/key",
        "s3+http://host:1/bucket/key",
        "s3+https://host:1/bucket/key#new",
        "s3://ACCESS:SECRET@host:1/bucket/key",
        "s3+https://ACCESS:SE/CR/ET@host:1/bucket/key",
        "s3://ACCESS:S@E/CRET@host:1/bucket/key",
    ],
)
def test_a_url_says_host_bucket_and_key(url: str) -> None:
    assert Address.of(url, "shelf") == Address("host:1", "bucket", "key")


@pytest.mark.parametrize(
    "url",
    [
        "s3://host/key",
        "s3:///bucket/key",
        "s3://host//key",
        "s3://host/bucket/",
        "s3://host/more/bucket/key",
        "s3://KEY:SECRET@/bucket/key",
        "s3://s3://host/bucket/key",
        "s3://host/bucket/.key",
        "swift://host/bucket/key",
    ],
)
def test_a_malformed_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Address.of(url, "shelf")
    assert "key" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3-us-west-2.amazonaws.com", "us-west-2"),
        ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("s3.dualstack.ap-south-1.amazonaws.com", "ap-south-1"),
        ("s3.amazonaws.com", None),
        ("s3.example", None),
    ],
)
def test_the_name_of_an_amazon_host_tells_the_region(host: str, region: str | None) -> None:
    assert region_of(host) == region


def test_administrators_are_shown_sizes_and_threads() -> None:
    assert a_driver().properties == {
        "s3_store_large_object_size": 100,
        "s3_store_large_object_chunk_size": 10,
        "s3_store_thread_pools": 10,
    }


def test_no_credential_is_in_what_the_settings_look_like() -> None:
    assert "the-" not in repr(a_driver()._settings)


@given(size=st.integers(1, MAX_SIZE))
def test_a_known_size_fits_into_the_parts_there_may_be(size: int) -> None:
    assert part_size(1, 5 * MIB, size) * MAX_PARTS >= size


def test_an_unknown_size_has_room_for_five_tebibytes() -> None:
    sizes = [part_size(number, 5 * MIB, None) for number in range(1, MAX_PARTS + 1)]
    assert (sizes[0], sum(sizes) >= 4 << 40, sizes == sorted(sizes)) == (5 * MIB, True, True)


@pytest.mark.parametrize("configured", [5 * MIB, 10 * MIB, 500 * MIB, 9 << 30])
@pytest.mark.parametrize("number", range(1, MAX_PARTS + 1, 500))
def test_no_part_is_larger_than_services_take(configured: int, number: int) -> None:
    assert part_size(number, configured, None) <= MAX_PART
    assert part_size(number, configured, 4 << 40) <= MAX_PART


@pytest.mark.parametrize("size", [None, *(1 << power for power in range(20, 46)), MAX_SIZE])
@pytest.mark.parametrize("configured", [5 * MIB, 10 * MIB, 64 * MIB, 1 << 30])
def test_however_large_an_object_is_128_mebibytes_of_it_are_in_memory_at_most(
    tmp_path: Path, configured: int, size: int | None
) -> None:
    for number in range(1, MAX_PARTS + 1, 999):
        capacity = part_size(number, configured, size)
        part = Buffer(capacity, str(tmp_path))
        waiting = 1 + window(capacity, threads=100)
        assert waiting * part.in_memory <= 128 * MIB
        part.close()


@pytest.mark.parametrize("capacity", [1, IN_MEMORY + 1])
def test_bytes_that_wait_to_be_sent_come_back_as_often_as_one_asks(
    tmp_path: Path, capacity: int
) -> None:
    part = Buffer(capacity, str(tmp_path))
    part.write(memoryview(b"first "))
    part.write(memoryview(b"second"))
    for _ in range(2):
        body = part.body
        assert bytes(body.read() if hasattr(body, "read") else body) == b"first second"
    part.close()
    assert list(tmp_path.iterdir()) == []


@given(size=st.integers(5 * MIB, 5 << 30), threads=st.integers(1, 100))
def test_what_is_on_its_way_is_bounded(size: int, threads: int) -> None:
    parts = window(size, threads)
    assert 1 <= parts <= threads
    assert parts == 1 or parts * size <= IN_FLIGHT


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("QuotaExceeded", StorageFull),
        ("EntityTooLarge", StorageFull),
        ("507", StorageFull),
        ("AccessDenied", StoreWriteDenied),
        ("NoSuchBucket", StoreWriteDenied),
        ("SignatureDoesNotMatch", StoreWriteDenied),
        ("SlowDown", StoreUnavailable),
        ("500", StoreUnavailable),
    ],
)
def test_each_refusal_of_a_change_has_an_error_that_tells_its_code_only(
    code: str, error: type[TintypeError]
) -> None:
    answer = {"Error": {"Code": code, "Message": "the-secret-key"}}
    with pytest.raises(error, match="shelf") as caught, writing("shelf"):
        raise ClientError(answer, "UploadPart")
    assert type(caught.value) is error
    assert "the-secret-key" not in str(caught.value)

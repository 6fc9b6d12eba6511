"""URLs of stored data for programs that know the older functions."""

from collections.abc import Iterator
from typing import Any

import pytest

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.older import location as locations
from tintype.entrypoints.python.older.indexable import Indexable
from tintype.entrypoints.python.older.location import (
    CLASSES,
    CinderLocation,
    FileLocation,
    Location,
    RbdLocation,
    S3Location,
    StoreLocation,
    SwiftLocation,
    VsphereLocation,
    WebLocation,
)
from tintype.entrypoints.python.store_functions import forget_stores

VOLUME = "8b2e2a5c-3b1a-4d57-9a0c-0d9b0f0f6a11"
PARTS: list[tuple[str, dict[str, Any], str]] = [
    ("file:///x/y", {"scheme": "file", "path": "/x/y"}, "file:///x/y"),
    ("filesystem:///x", {"scheme": "filesystem", "path": "/x"}, "file:///x"),
    ("file:///a?b#c", {"path": "/a"}, "file:///a"),
    (
        "http://me:pw@host:80/p?q=1",
        {"user": "me", "password": "pw", "netloc": "host:80", "path": "/p", "query": "q=1"},
        "http://me:pw@host:80/p?q=1",
    ),
    ("https://[::1]:8/p", {"netloc": "[::1]:8", "user": None}, "https://[::1]:8/p"),
    (
        "s3+https://KEY:SE/CR@ET@host:80/bucket/key",
        {"s3serviceurl": "host:80", "bucket": "bucket", "key": "key"},
        "s3+https://host:80/bucket/key",
    ),
    (
        "swift://host/v1/AUTH_x/c/o",
        {"scheme": "swift", "user": None, "auth_or_store_url": "host/v1/AUTH_x"},
        "swift://host/v1/AUTH_x/c/o",
    ),
    (
        "swift+https://project%3Auser:k%2Fe%3Ay@host:80/v3/c/o",
        {"user": "project:user", "key": "k/e:y", "auth_or_store_url": "host:80/v3"},
        "swift+https://project%3Auser:k%2Fe%3Ay@host:80/v3/c/o",
    ),
    (
        "swift+http://project:user:key@host/v1/c/o#new",
        {"user": "project:user", "key": "key", "container": "c", "obj": "o"},
        "swift+http://project%3Auser:key@host/v1/c/o",
    ),
    (
        "swift+config://ref1/c/o",
        {"auth_or_store_url": "ref1", "container": "c", "obj": "o"},
        "swift+config://ref1/c/o",
    ),
    (
        "vsphere://[::1]:8/folder/images/id?dcPath=dc%201&dsName=ds",
        {"server_host": "[::1]:8", "path": "/folder/images/id", "query": "dcPath=dc%201&dsName=ds"},
        "vsphere://[::1]:8/folder/images/id?dcPath=dc%201&dsName=ds",
    ),
    ("rbd://image", {"image": "image", "pool": None}, "rbd://image"),
    (
        "rbd://f/p%2Fq/image/snap",
        {"fsid": "f", "pool": "p/q", "image": "image", "snapshot": "snap"},
        "rbd://f/p%2Fq/image/snap",
    ),
    (f"cinder://{VOLUME}", {"volume_id": VOLUME}, f"cinder://{VOLUME}"),
    (f"cinder://fast/{VOLUME}", {"volume_id": VOLUME}, f"cinder://fast/{VOLUME}"),
]


def class_of(url: str) -> type[StoreLocation]:
    scheme = locations.scheme_of(url)
    return next((each for each in CLASSES.values() if scheme in each.schemes), StoreLocation)


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    forget_stores()


@pytest.mark.parametrize(("url", "parts", "again"), PARTS)
def test_a_url_is_taken_apart_and_put_together(url: str, parts: dict[str, Any], again: str) -> None:
    location = Location("it", class_of(url), None, uri=url)

    told = vars(location.store_location)
    assert {name: told[name] for name in parts} == parts
    assert location.get_store_uri() == again


@pytest.mark.parametrize(
    "url",
    [
        "file://",
        "file://?x",
        "http://",
        "http://user@host/x",
        "http://a:b:c@host/x",
        "http://host:port/x",
        "s3://key",
        "s3://host//key",
        "rbd://",
        "rbd://a/b",
        "rbd://a/b//d",
        "rbd://a/b/c/d/e",
        "cinder://fast",
        f"cinder://fast/er/{VOLUME}",
        "swift://a://b",
        "swift+https://x",
        "swift+https://host/c",
        "swift+https://host//o",
        "swift+https://host/c/",
        "swift+https://project%3Auser:key@/c/o",
        "swift+https://user:key@host/v3/c/o",
        "swift+https://project%3A:key@host/v3/c/o",
        "swift+https://project%3Auser@host/v3/c/o",
        "swift+https://a:b:c:d@host/v3/c/o",
        "swift+config://project%3Auser:key@ref1/c/o",
        "vsphere://garbage",
        "vsphere://host/folder/images/id",
        "vsphere://host/folder/id?dcPath=dc&dsName=ds",
        "vsphere://host/other/images/id?dcPath=dc&dsName=ds",
        "vsphere://host/folder/images/id?dcPath=dc",
        "vsphere:///folder/images/id?dcPath=dc&dsName=ds",
    ],
)
def test_a_malformed_url_is_refused_without_its_credentials(url: str) -> None:
    with pytest.raises(exceptions.BadStoreUri) as caught:
        Location("it", class_of(url), None, uri=url)

    assert "@" not in caught.value.msg


def test_a_url_of_another_kind_of_store_is_refused() -> None:
    with pytest.raises(exceptions.BadStoreUri):
        FileLocation({}, None).parse_uri("http://host/x")
    StoreLocation.validate_schemas("swift+http://x", ("swift://", "swift+http://"))


@pytest.mark.parametrize(
    ("kind", "parts", "url"),
    [
        (FileLocation, {"path": "/x"}, "file:///x"),
        (WebLocation, {"netloc": "host", "path": "/x"}, "http://host/x"),
        (S3Location, {"s3serviceurl": "host", "bucket": "b", "key": "k"}, "s3://host/b/k"),
        (StoreLocation, {"scheme": "tape", "rest": "image"}, "tape://image"),
        (
            SwiftLocation,
            {"auth_or_store_url": "ref1", "scheme": "swift+config", "container": "c", "obj": "o"},
            "swift+config://ref1/c/o",
        ),
        (
            SwiftLocation,
            {"auth_or_store_url": "h/v3", "user": "p:u", "key": "k", "container": "c", "obj": "o"},
            "swift+https://p%3Au:k@h/v3/c/o",
        ),
        (
            VsphereLocation,
            {
                "server_host": "host",
                "image_dir": "/images",
                "image_id": "i d",
                "datacenter_path": "d c",
                "datastore_name": "ds",
            },
            "vsphere://host/folder/images/i%20d?dcPath=d+c&dsName=ds",
        ),
        (RbdLocation, {"image": "i"}, "rbd://i"),
        (
            RbdLocation,
            {"fsid": "f", "pool": "p", "image": "i", "snapshot": "s"},
            "rbd://f/p/i/s",
        ),
        (CinderLocation, {"volume_id": VOLUME}, f"cinder://b/{VOLUME}"),
    ],
)
def test_a_url_is_made_of_parts(kind: type[StoreLocation], parts: dict[str, Any], url: str) -> None:
    made = Location("it", kind, None, store_specs=parts, image_id="i", backend="b")

    assert (made.get_store_uri(), made.image_id, made.backend_group) == (url, "i", "b")


def test_a_program_can_register_stores_of_its_own() -> None:
    entry = {"store": object(), "location_class": StoreLocation, "store_entry": "tape"}
    locations.register_scheme_map({"tape": entry})
    locations.register_scheme_backend_map({"tape": {"attic": entry}})
    locations.register_scheme_backend_map({"tape": {"cellar": entry}})

    assert locations.get_location_from_uri("tape://x").store_name == "tape"
    found = locations.get_location_from_uri_and_backend("tape://x", "attic")
    assert (found.store_name, found.backend_group) == ("tape", "attic")
    for url, store in (("tape://x", "shed"), ("wire://x", "attic"), ("x", "attic")):
        with pytest.raises(exceptions.UnknownScheme):
            locations.get_location_from_uri_and_backend(url, store)
    with pytest.raises(exceptions.UnknownScheme):
        locations.get_location_from_uri("wire://x")


def test_bytes_on_their_way_are_sliced_and_counted() -> None:
    data = Indexable(iter([b"0123", b"45", b"", b"6789"]), 10)

    assert (len(data), data[1:3], data[3:6], next(data)) == (10, b"12", b"345", b"")
    assert (data[8:], list(data)) == (b"89", [])
    with pytest.raises(IndexError):
        data[2:4]
    data.close()

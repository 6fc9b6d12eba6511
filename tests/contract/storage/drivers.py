"""The drivers that the suite is run over, each started and empty."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.ceph_cluster import rbd_store
from tests.real_cinder import cinder_store
from tests.s3_server import s3_store
from tests.swift_server import radosgw_options, small_segments, swift_options, swift_store
from tests.vsphere_server import vmware_store
from tests.web_server import WebServer, web_server
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.adapters.stores.guard import GuardedDriver, GuardSettings
from tintype.adapters.stores.http import HttpDriver
from tintype.adapters.stores.memory import MemoryDriver
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import StorageDriver
from tintype.domain.uri_filter import UriFilter, UriRules

BESIDE: dict[StorageDriver, WebServer] = {}
"""Where data for a driver that takes none is put, as if somebody else had."""


def location_beside(driver: StorageDriver, key: str) -> Location:
    """Return where an object of that key is put for a driver that takes none."""
    return Location(BESIDE[driver].url(key), {"store": driver.store})


def put_beside(driver: StorageDriver, key: str, data: bytes) -> Location:
    """Put an object where a driver that takes none finds it."""
    BESIDE[driver].put(key, data)
    return location_beside(driver, key)


def remove_beside(driver: StorageDriver, location: Location) -> None:
    """Remove an object that was put beside."""
    BESIDE[driver].remove(location.url.rpartition("/")[2])


@contextmanager
def files_in_a_directory(tmp_path: Path) -> Iterator[StorageDriver]:
    driver = FilesystemDriver.from_settings(
        "shelf", {"filesystem_store_datadir": str(tmp_path / "images")}, named=True
    )
    driver.start()
    yield driver


@contextmanager
def files_with_holes(tmp_path: Path) -> Iterator[StorageDriver]:
    driver = FilesystemDriver.from_settings(
        "shelf",
        {
            "filesystem_store_datadir": "",
            "filesystem_store_datadirs": [f"{tmp_path}/one:10", f"{tmp_path}/two:20"],
            "filesystem_thin_provisioning": True,
        },
        named=True,
    )
    driver.start()
    yield driver


@contextmanager
def memory(tmp_path: Path) -> Iterator[StorageDriver]:
    driver = MemoryDriver.from_settings("shelf", {}, named=True)
    driver.start()
    yield driver


@contextmanager
def memory_behind_a_guard(tmp_path: Path) -> Iterator[StorageDriver]:
    with memory(tmp_path) as driver:
        yield GuardedDriver(driver, GuardSettings())


@contextmanager
def files_on_a_web_server(tmp_path: Path) -> Iterator[StorageDriver]:
    here = UriFilter(UriRules(allowed_hosts=("127.0.0.1",), allowed_ports=()))
    driver = HttpDriver.from_settings("shelf", {}, named=True, uri_filter=here)
    driver.start()
    with web_server() as BESIDE[driver]:
        yield driver
    del BESIDE[driver]


@contextmanager
def objects_in_a_bucket(tmp_path: Path) -> Iterator[StorageDriver]:
    with s3_store() as driver:
        yield driver


@contextmanager
def devices_with_holes(tmp_path: Path) -> Iterator[StorageDriver]:
    yield rbd_store(rbd_thin_provisioning=True, rbd_store_chunk_size=1)


@contextmanager
def volumes_of_cinder(tmp_path: Path) -> Iterator[StorageDriver]:
    with cinder_store() as driver:
        yield driver


@contextmanager
def files_in_a_datastore(tmp_path: Path) -> Iterator[StorageDriver]:
    with vmware_store() as driver:
        yield driver


@contextmanager
def segments_in_a_swift_container(tmp_path: Path) -> Iterator[StorageDriver]:
    with swift_store(swift_options(), small_segments) as driver:
        yield driver


@contextmanager
def objects_in_a_swift_container(tmp_path: Path) -> Iterator[StorageDriver]:
    with swift_store(swift_options()) as driver:
        yield driver


@contextmanager
def segments_in_a_radosgw_container(tmp_path: Path) -> Iterator[StorageDriver]:
    with swift_store(radosgw_options(), small_segments) as driver:
        yield driver


@contextmanager
def objects_in_a_radosgw_container(tmp_path: Path) -> Iterator[StorageDriver]:
    with swift_store(radosgw_options()) as driver:
        yield driver


DRIVERS: dict[str, Callable[[Path], AbstractContextManager[StorageDriver]]] = {
    "file": files_in_a_directory,
    "file, thin, two datadirs": files_with_holes,
    "memory": memory,
    "memory, guarded": memory_behind_a_guard,
    "http": files_on_a_web_server,
    "s3": objects_in_a_bucket,
    "rbd, thin": devices_with_holes,
    "cinder": volumes_of_cinder,
    "vmware": files_in_a_datastore,
    "swift, small segments": segments_in_a_swift_container,
    "swift, on radosgw": objects_in_a_radosgw_container,
}

if os.environ.get("TINTYPE_TEST_STORAGE_ROWS") == "all":
    DRIVERS |= {
        "swift": objects_in_a_swift_container,
        "swift, on radosgw, small segments": segments_in_a_radosgw_container,
    }

"""The drivers that the suite is run over, each started and empty."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.adapters.stores.memory import MemoryDriver
from tintype.domain.ports.storage_driver import StorageDriver


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


DRIVERS: dict[str, Callable[[Path], AbstractContextManager[StorageDriver]]] = {
    "file": files_in_a_directory,
    "file, thin, two datadirs": files_with_holes,
    "memory": memory,
}

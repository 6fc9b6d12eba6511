"""File stores, and what is done with them in short."""

from pathlib import Path
from typing import Any

from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.domain.location import Location

MIB = 1 << 20


def a_file_store(*datadirs: Path | str, **options: Any) -> FilesystemDriver:
    """Return a driver that is not started; options are named without `filesystem_`."""
    where: dict[str, Any] = {"filesystem_store_datadir": str(datadirs[0])}
    if len(datadirs) > 1:
        where = {
            "filesystem_store_datadir": "",
            "filesystem_store_datadirs": [str(each) for each in datadirs],
        }
    rest = {f"filesystem_{name}": value for name, value in options.items()}
    return FilesystemDriver.from_settings("shelf", where | rest, named=True)


def a_started_file_store(*datadirs: Path | str, **options: Any) -> FilesystemDriver:
    """Return a driver that is ready."""
    driver = a_file_store(*datadirs, **options)
    driver.start()
    return driver


def store(driver: FilesystemDriver, key: str, *data: bytes, size: int | None = None) -> Location:
    """Store pieces of data as one object."""
    with driver.create(key, size) as handle:
        for piece in data:
            handle.write(memoryview(piece))
        return handle.commit()


def load(driver: FilesystemDriver, location: Location) -> bytes:
    """Return all bytes of an object."""
    stream = driver.open(location)
    try:
        return b"".join(stream)
    finally:
        stream.close()

"""A file that becomes an object of a file store without being copied."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stores.file_stores import a_started_file_store, load
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.domain.errors import Duplicate, StoreUnavailable
from tintype.domain.location import Location

DATA = memoryview(b"some data")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Make a file of the data that only its owner may read."""
    path = tmp_path / "staged"
    path.write_bytes(DATA)
    path.chmod(0o600)
    yield path


def take(driver: FilesystemDriver, file: Path, data: memoryview = DATA) -> Location:
    """Let a store take a file over."""
    with file.open("rb") as opened:
        handle = driver.create_from("a", opened)
        assert handle is not None
        with handle:
            handle.write(data[:4])
            handle.write(data[4:])
            return handle.commit()


def test_the_object_is_the_file(datadir: Path, file: Path) -> None:
    driver = a_started_file_store(datadir)

    location = take(driver, file)

    assert (datadir / "a").stat().st_ino == file.stat().st_ino
    file.unlink()
    assert load(driver, location) == DATA
    assert list(driver.keys()) == ["a"]


def test_it_has_the_permissions_of_any_other_object(datadir: Path, file: Path) -> None:
    usual = os.umask(0o027)
    try:
        take(a_started_file_store(datadir), file)
    finally:
        os.umask(usual)

    assert (datadir / "a").stat().st_mode & 0o777 == 0o640


def test_or_those_that_were_asked_for(datadir: Path, file: Path) -> None:
    take(a_started_file_store(datadir, store_file_perm=604), file)

    assert (datadir / "a").stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize("data", [DATA[:7], memoryview(b"some data and more")])
def test_a_file_of_another_size_than_was_seen_is_not_taken(
    datadir: Path, file: Path, data: memoryview
) -> None:
    driver = a_started_file_store(datadir)

    with pytest.raises(StoreUnavailable, match="of a file of 9"):
        take(driver, file, data)

    assert list(driver.keys()) == []
    assert file.read_bytes() == DATA


def test_what_is_not_committed_leaves_the_file_where_it_was(datadir: Path, file: Path) -> None:
    driver = a_started_file_store(datadir)

    with file.open("rb") as opened, driver.create_from("a", opened) as handle:  # type: ignore[union-attr]
        handle.write(DATA)

    assert list(driver.keys()) == []
    assert file.read_bytes() == DATA


def test_a_key_in_use_is_refused(datadir: Path, file: Path) -> None:
    driver = a_started_file_store(datadir)
    take(driver, file)

    with pytest.raises(Duplicate):
        take(driver, file)


def test_what_another_process_discards_cannot_be_committed(datadir: Path, file: Path) -> None:
    driver = a_started_file_store(datadir)

    with file.open("rb") as opened, driver.create_from("a", opened) as handle:  # type: ignore[union-attr]
        handle.write(DATA)
        driver.discard_unfinished("a")
        with pytest.raises(StoreUnavailable):
            handle.commit()

    assert list(driver.keys()) == []


def test_a_file_of_another_file_system_is_to_be_copied(datadir: Path) -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
        assert a_started_file_store(datadir).create_from("a", file) is None


def test_where_holes_are_wanted_files_are_to_be_copied(datadir: Path, file: Path) -> None:
    driver = a_started_file_store(datadir, thin_provisioning=True)

    with file.open("rb") as opened:
        assert driver.create_from("a", opened) is None


def test_where_a_file_can_get_no_other_name_it_is_copied(datadir: Path, tmp_path: Path) -> None:
    driver = a_started_file_store(datadir)
    # Such a file has no name, and is never to have one: open(2).
    number = os.open(tmp_path, os.O_TMPFILE | os.O_EXCL | os.O_RDWR)
    with os.fdopen(number, "r+b") as file:
        file.write(DATA)
        file.flush()
        handle = driver.create_from("a", file)
        assert handle is not None
        with handle:
            handle.write(DATA)
            location = handle.commit()

        assert load(driver, location) == DATA
        assert (datadir / "a").stat().st_ino != os.fstat(number).st_ino

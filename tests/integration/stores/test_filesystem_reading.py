"""Reading real files, some of them traps."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.stores.file_stores import MIB, a_started_file_store, load, store
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.domain.errors import DataNotFound, Invalid, StoreUnavailable
from tintype.domain.location import Location

SECRET = b"root:x:0:0"


def at(path: Path | str) -> Location:
    return Location(f"file://{path}")


# ---------------------------------------------------------------------- traps


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilesystemDriver]:
    """A store beside a secret, with links to it that somebody put there."""
    root = tmp_path_factory.mktemp("trapped")
    driver = a_started_file_store(root / "images")
    store(driver, "object", b"public")
    (root / "outside").mkdir()
    (root / "outside" / "secret").write_bytes(SECRET)
    (root / "images" / "deeper").mkdir()
    (root / "images" / "deeper" / "object").write_bytes(b"public")
    (root / "images" / "door").symlink_to(root / "outside")
    (root / "images" / "window").symlink_to(root / "outside" / "secret")
    (root / "images" / "itself").symlink_to(".")
    os.mkfifo(root / "images" / "pipe")
    yield driver


steps = st.sampled_from(
    [
        *("..", ".", "", "images", "outside", "secret", "object", "deeper", "door", "window"),
        *("itself", "pipe", "%2e%2e", "..%2f", "~", "secret#", "object?", "...", ".. "),
    ]
)


@given(st.lists(steps, max_size=8))
def test_no_path_leads_to_what_is_outside(trapped: FilesystemDriver, path: list[str]) -> None:
    root = trapped.directories[0]
    try:
        data = load(trapped, at("/".join([root, *path])))
    except (Invalid, DataNotFound):
        return
    assert data == b"public"


@given(st.lists(steps, max_size=8))
def test_no_path_from_the_root_leads_to_what_is_outside(
    trapped: FilesystemDriver, path: list[str]
) -> None:
    outside = os.path.dirname(trapped.directories[0])
    try:
        data = load(trapped, at("/".join([outside, *path])))
    except (Invalid, DataNotFound):
        return
    assert data == b"public"


@pytest.mark.parametrize("name", ["door/secret", "window", "pipe", "deeper", "door", "../outside"])
def test_what_is_no_file_of_the_store_cannot_be_read(trapped: FilesystemDriver, name: str) -> None:
    with pytest.raises(Invalid, match="shelf"):
        trapped.open(at(f"{trapped.directories[0]}/{name}"))


@pytest.mark.parametrize("name", ["deeper/object", "itself/object", "itself/deeper/object"])
def test_files_below_the_datadir_can_be_read(trapped: FilesystemDriver, name: str) -> None:
    assert load(trapped, at(f"{trapped.directories[0]}/{name}")) == b"public"


def test_what_is_outside_cannot_be_deleted(trapped: FilesystemDriver) -> None:
    root = Path(trapped.directories[0])
    with pytest.raises(Invalid):
        trapped.delete(at(root / "door" / "secret"))
    assert (root.parent / "outside" / "secret").exists()


def test_a_link_to_the_datadir_is_as_good_as_its_name(tmp_path: Path, datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    store(driver, "a", b"data")
    (tmp_path / "old-name").symlink_to(datadir)
    assert load(driver, at(tmp_path / "old-name" / "a")) == b"data"


def test_the_datadir_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "images").symlink_to(tmp_path / "disk")
    driver = a_started_file_store(tmp_path / "images")
    assert load(driver, store(driver, "a", b"data")) == b"data"


# ---------------------------------------------------------------------- what others did


def test_a_file_that_was_there_before_can_be_read(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    (datadir / "a").write_bytes(b"data")
    assert load(driver, Location(f"filesystem://{datadir}/a#again")) == b"data"


def test_a_file_that_grows_gives_no_more_than_was_said(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    stream = driver.open(store(driver, "a", b"data"))
    with open(datadir / "a", "ab") as file:
        file.write(b"more")
    assert (stream.read(100), stream.read(100)) == (b"data", b"")
    stream.close()


def test_a_file_that_was_cut_short_is_not_taken_for_whole(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    stream = driver.open(store(driver, "a", bytes(2 * MIB)))
    os.truncate(datadir / "a", MIB)
    with pytest.raises(StoreUnavailable, match=f"shelf lacks the last {MIB} bytes"):
        stream.read()
    stream.close()


def test_a_stream_goes_on_when_its_object_is_deleted(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    location = store(driver, "a", b"data")
    stream = driver.open(location)
    driver.delete(location)
    assert stream.read() == b"data"
    stream.close()


def test_everything_in_the_datadir_is_told_of(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    store(driver, "a", b"data")
    (datadir / ".nfs0001").write_bytes(b"")
    (datadir / "lost+found").mkdir()
    assert sorted(driver.keys()) == [".nfs0001", "a", "lost+found"]


def test_an_image_on_a_disk_that_is_not_mounted_is_unavailable_and_not_lost(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    datadir.rmdir()
    with pytest.raises(StoreUnavailable, match="shelf"):
        driver.open(at(datadir / "a"))


def test_an_image_on_a_disk_that_is_not_mounted_is_not_taken_for_deleted(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    datadir.rmdir()
    with pytest.raises(StoreUnavailable, match="shelf"):
        driver.delete(at(datadir / "a"))


def test_a_datadir_that_vanished_cannot_be_looked_through(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    datadir.rmdir()
    with pytest.raises(StoreUnavailable, match="shelf"):
        list(driver.keys())

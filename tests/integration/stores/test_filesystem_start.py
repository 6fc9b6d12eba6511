"""What a file store finds, makes and refuses when it starts."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.file_stores import a_file_store, a_started_file_store, store
from tests.integration.stores.machine import make_read_only
from tintype.domain.errors import BadConfiguration


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    a_started_file_store(tmp_path / "not" / "there")
    assert (tmp_path / "not" / "there").is_dir()


def test_nothing_is_made_before_the_start(datadir: Path) -> None:
    a_file_store(datadir)
    assert not datadir.exists()


def test_every_missing_directory_is_made(tmp_path: Path) -> None:
    a_started_file_store(tmp_path / "one", tmp_path / "two")
    assert [(tmp_path / name).is_dir() for name in ("one", "two")] == [True, True]


def test_starting_leaves_no_trace_in_the_directory(datadir: Path) -> None:
    a_started_file_store(datadir)
    assert list(datadir.iterdir()) == []


def test_a_file_in_the_way_is_refused(datadir: Path) -> None:
    datadir.write_text("in the way")
    with pytest.raises(BadConfiguration, match=f"filesystem_store_datadir: .*{datadir}"):
        a_started_file_store(datadir)


def test_a_read_only_disk_is_refused(small_disk: Path) -> None:
    make_read_only(small_disk)
    with pytest.raises(BadConfiguration, match=f"filesystem_store_datadir: .*{small_disk}"):
        a_started_file_store(small_disk)


def test_of_several_directories_the_wrong_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "two").write_text("in the way")
    with pytest.raises(BadConfiguration, match=f"filesystem_store_datadirs: .*{tmp_path}/two"):
        a_started_file_store(tmp_path / "one", tmp_path / "two")


def test_who_may_read_files_may_pass_the_directory(datadir: Path) -> None:
    datadir.mkdir(mode=0o700)
    a_started_file_store(datadir, store_file_perm=644)
    assert mode_of(datadir) == 0o711


def test_a_directory_is_left_as_it_is_if_permissions_are(datadir: Path) -> None:
    datadir.mkdir(mode=0o700)
    a_started_file_store(datadir)
    assert mode_of(datadir) == 0o700


# ---------------------------------------------------------------------- metadata file


def with_metadata(tmp_path: Path, content: Any) -> str:
    file = tmp_path / "metadata.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_locations_carry_the_entry_of_their_mountpoint(tmp_path: Path, datadir: Path) -> None:
    entry = {"id": "nfs", "mountpoint": str(tmp_path), "share": ["10.0.0.1:/images"]}
    driver = a_started_file_store(datadir, store_metadata_file=with_metadata(tmp_path, entry))
    assert store(driver, "a", b"data").metadata == {**entry, "store": "shelf"}


def test_the_innermost_mountpoint_counts(tmp_path: Path, datadir: Path) -> None:
    entries = [
        {"id": "outer", "mountpoint": str(tmp_path)},
        {"id": "inner", "mountpoint": f"{datadir}/"},
        {"id": "beside", "mountpoint": str(datadir)[:-1]},
    ]
    driver = a_started_file_store(datadir, store_metadata_file=with_metadata(tmp_path, entries))
    assert store(driver, "a", b"data").metadata["id"] == "inner"


def test_under_no_mountpoint_there_is_no_metadata(tmp_path: Path, datadir: Path) -> None:
    entry = {"id": "nfs", "mountpoint": "/elsewhere"}
    driver = a_started_file_store(datadir, store_metadata_file=with_metadata(tmp_path, entry))
    assert store(driver, "a", b"data").metadata == {"store": "shelf"}


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "1",
        [1],
        {"id": "nfs"},
        {"id": 1, "mountpoint": "/"},
        {"id": "nfs", "mountpoint": "/", "port": 2049},
        {"id": "nfs", "mountpoint": "/", "ports": ["2049", [111]]},
        [{"id": "nfs", "mountpoint": "/"}, {}],
    ],
)
def test_metadata_that_makes_no_sense_is_refused(
    tmp_path: Path, datadir: Path, content: Any
) -> None:
    file = with_metadata(tmp_path, content)
    with pytest.raises(BadConfiguration, match=f"filesystem_store_metadata_file: {file}"):
        a_started_file_store(datadir, store_metadata_file=file)


def test_a_missing_metadata_file_is_refused(datadir: Path) -> None:
    with pytest.raises(BadConfiguration, match="filesystem_store_metadata_file: /not/there"):
        a_started_file_store(datadir, store_metadata_file="/not/there")

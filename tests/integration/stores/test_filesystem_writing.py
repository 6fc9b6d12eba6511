"""Writing to real disks, which fill up, vanish and refuse."""

import errno
import os
import resource
import shutil
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.integration.stores.file_stores import MIB, a_started_file_store, load, store
from tests.integration.stores.machine import (
    a_small_disk,
    a_small_ext4,
    forbid,
    in_a_child,
    make_read_only,
)
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.adapters.stores.filesystem.naming import unfinished_name
from tintype.domain.errors import (
    Duplicate,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
)


def fill(driver: FilesystemDriver, key: str, mebibytes: int) -> None:
    store(driver, key, *[b"\1" * MIB] * mebibytes)


# ---------------------------------------------------------------------- what is on the disk


def test_an_object_is_a_file_of_its_key(datadir: Path) -> None:
    store(a_started_file_store(datadir), "a", b"da", b"ta")
    assert [(file.name, file.read_bytes()) for file in datadir.iterdir()] == [("a", b"data")]


def test_a_location_is_the_path_of_the_file(datadir: Path) -> None:
    assert store(a_started_file_store(datadir), "a", b"data").url == f"file://{datadir}/a"


def test_a_file_in_the_making_has_a_hidden_name(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    with driver.create("a", None):
        (name,) = driver.keys()
        assert (name[:3], name[-5:]) == (".a.", ".part")


def test_an_emptied_store_is_an_empty_directory(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    driver.delete(store(driver, "a", b"data"))
    assert os.listdir(datadir) == []


def test_a_large_object_is_written_whole(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    pieces = [bytes([number]) * (MIB + number) for number in range(20)]
    assert load(driver, store(driver, "a", *pieces)) == b"".join(pieces)


# ---------------------------------------------------------------------- permissions


def test_files_have_the_permissions_that_were_asked_for(datadir: Path) -> None:
    store(a_started_file_store(datadir, store_file_perm=640), "a", b"data")
    assert stat.S_IMODE((datadir / "a").stat().st_mode) == 0o640


def test_files_have_the_permissions_that_the_umask_leaves(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    before = os.umask(0o027)
    try:
        store(driver, "a", b"data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((datadir / "a").stat().st_mode) == 0o640


# ---------------------------------------------------------------------- full


def test_a_disk_that_fills_up_is_full(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    with pytest.raises(StorageFull, match="shelf"):
        fill(driver, "a", 5)


def test_a_disk_that_filled_up_is_left_empty(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    with pytest.raises(StorageFull):
        fill(driver, "a", 5)
    assert os.listdir(small_disk) == []


def test_what_cannot_fit_is_refused_before_it_is_written(small_disk: Path) -> None:
    with pytest.raises(StorageFull, match="shelf"):
        a_started_file_store(small_disk).create("a", 5 * MIB)


def test_what_just_fits_is_stored(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    location = store(driver, "a", bytes(3 * MIB), size=3 * MIB)
    assert driver.size(location) == 3 * MIB


def test_an_object_that_lacks_bytes_cannot_be_committed(small_disk: Path) -> None:
    with a_started_file_store(small_disk).create("a", None) as handle:
        with pytest.raises(StorageFull):
            handle.write(memoryview(bytes(5 * MIB)))
        with pytest.raises(StoreUnavailable, match="did not get all bytes"):
            handle.commit()


def test_a_full_disk_can_be_deleted_from(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    location = store(driver, "a", bytes(3 * MIB))
    with pytest.raises(StorageFull):
        fill(driver, "b", 2)
    driver.delete(location)
    assert os.listdir(small_disk) == []


def test_a_file_larger_than_files_may_be_is_full(datadir: Path) -> None:
    driver = a_started_file_store(datadir)

    def write() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))
        with pytest.raises(StorageFull):
            fill(driver, "a", 2)
        return "full"

    assert in_a_child(write) == "full"


def test_a_disk_that_is_written_to_late_fills_up_and_takes_data_again(tmp_path: Path) -> None:
    with a_small_ext4(tmp_path) as images:
        driver = a_started_file_store(images)
        location = store(driver, "a", bytes(MIB))
        with pytest.raises(StorageFull, match="shelf"):
            fill(driver, "b", 5)
        assert os.listdir(images) == ["a"]
        while True:
            try:
                driver.probe()
                store(driver, f"more-{len(os.listdir(images))}", b"\1" * (MIB >> 3))
            except StorageFull:
                break
        with pytest.raises(StorageFull, match="shelf"):
            store(driver, "b", b"\1" * MIB)
        driver.delete(location)
        driver.probe()
        assert load(driver, store(driver, "b", b"data")) == b"data"


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
@pytest.mark.parametrize("code", [errno.EDQUOT, errno.ENOSPC, errno.EFBIG])
def test_a_quota_that_is_used_up_is_a_full_store_and_leaves_nothing(
    datadir: Path, call: str, code: int
) -> None:
    driver = a_started_file_store(datadir)

    def write() -> str:
        forbid(call, code)
        with pytest.raises(StorageFull, match="shelf"):
            store(driver, "a", b"data")
        return f"full, {os.listdir(datadir)}"

    assert in_a_child(write) == "full, []"


# ---------------------------------------------------------------------- looked at


def test_a_disk_without_room_is_said_to_be_full(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    driver.probe()
    with (small_disk / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(4096))
    with pytest.raises(StorageFull, match="shelf"):
        driver.probe()


def test_a_disk_that_became_read_only_is_said_to_be(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    make_read_only(small_disk)
    with pytest.raises(StoreWriteDenied, match="shelf"):
        driver.probe()


def test_a_look_leaves_nothing_behind(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    driver.probe()
    assert os.listdir(datadir) == []


# ---------------------------------------------------------------------- refused


def test_a_disk_that_became_read_only_denies_writing(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    make_read_only(small_disk)
    with pytest.raises(StoreWriteDenied, match="shelf"):
        driver.create("a", None)


def test_a_disk_that_became_read_only_denies_deleting(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    location = store(driver, "a", b"data")
    make_read_only(small_disk)
    with pytest.raises(StoreWriteDenied, match="shelf"):
        driver.delete(location)


def test_a_disk_that_became_read_only_can_be_read(small_disk: Path) -> None:
    driver = a_started_file_store(small_disk)
    location = store(driver, "a", b"data")
    make_read_only(small_disk)
    assert load(driver, location) == b"data"


def test_a_directory_of_somebody_else_denies_writing(datadir: Path) -> None:
    driver = a_started_file_store(datadir)

    def write() -> str:
        os.seteuid(65534)
        with pytest.raises(StoreWriteDenied, match="shelf"):
            store(driver, "a", b"data")
        return "denied"

    assert in_a_child(write) == "denied"


def test_a_directory_that_vanished_denies_writing(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    datadir.rmdir()
    with pytest.raises(StoreWriteDenied, match="shelf"):
        store(driver, "a", b"data")


def test_a_directory_that_vanished_is_not_made_anew(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    datadir.rmdir()
    with pytest.raises(StoreWriteDenied):
        store(driver, "a", b"data")
    assert not datadir.exists()


def test_a_directory_that_vanishes_during_a_write_denies_the_commit(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"data"))
        shutil.rmtree(datadir)
        with pytest.raises(StoreWriteDenied, match="shelf"):
            handle.commit()


# ---------------------------------------------------------------------- which datadir


def test_the_datadir_of_the_highest_priority_is_filled_first(tmp_path: Path) -> None:
    low, high = tmp_path / "low", tmp_path / "high"
    store(a_started_file_store(f"{low}:10", f"{high}:20"), "a", b"data")
    assert [os.listdir(low), os.listdir(high)] == [[], ["a"]]


def test_when_it_has_no_room_the_next_one_is_filled(tmp_path: Path, small_disk: Path) -> None:
    low = tmp_path / "low"
    driver = a_started_file_store(f"{low}:10", f"{small_disk}:20")
    store(driver, "a", bytes(5 * MIB), size=5 * MIB)
    assert [os.listdir(low), os.listdir(small_disk)] == [["a"], []]


def test_of_equal_datadirs_the_roomiest_is_filled_first(tmp_path: Path, small_disk: Path) -> None:
    with a_small_disk(tmp_path / "smaller", "2m") as smaller:
        store(a_started_file_store(smaller, small_disk), "a", b"data")
        assert [os.listdir(smaller), os.listdir(small_disk)] == [[], ["a"]]


def test_when_none_has_room_the_store_is_full(tmp_path: Path, small_disk: Path) -> None:
    with a_small_disk(tmp_path / "smaller", "2m") as smaller:
        driver = a_started_file_store(smaller, small_disk)
        with pytest.raises(StorageFull, match="shelf"):
            driver.create("a", 5 * MIB)


def test_a_datadir_that_vanished_is_passed_over(tmp_path: Path) -> None:
    low, high = tmp_path / "low", tmp_path / "high"
    driver = a_started_file_store(f"{low}:10", f"{high}:20")
    high.rmdir()
    store(driver, "a", b"data")
    assert os.listdir(low) == ["a"]


def test_a_datadir_that_became_read_only_is_passed_over(tmp_path: Path, small_disk: Path) -> None:
    low = tmp_path / "low"
    driver = a_started_file_store(f"{low}:10", f"{small_disk}:20")
    make_read_only(small_disk)
    store(driver, "a", b"data")
    assert os.listdir(low) == ["a"]


def test_a_key_is_taken_in_all_datadirs_at_once(tmp_path: Path, small_disk: Path) -> None:
    driver = a_started_file_store(f"{tmp_path}/low:10", f"{small_disk}:20")
    store(driver, "a", b"data", size=5 * MIB)
    with pytest.raises(Duplicate):
        driver.create("a", 1)


# ---------------------------------------------------------------------- one key, two datadirs


def two_rivals(tmp_path: Path) -> tuple[FilesystemDriver, FilesystemDriver]:
    """Return the same store as two hosts see it that fill different directories of it."""
    one, two = tmp_path / "1", tmp_path / "2"
    return a_started_file_store(f"{one}:9", two), a_started_file_store(one, f"{two}:9")


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_writers_of_a_key_in_different_datadirs_the_first_to_commit_has_it(
    tmp_path: Path, first: int
) -> None:
    rivals = two_rivals(tmp_path)
    with rivals[first].create("a", None) as early, rivals[1 - first].create("a", None) as late:
        early.write(memoryview(b"early"))
        location = early.commit()
        with pytest.raises(Duplicate):
            late.commit()
    assert load(rivals[0], location) == b"early"
    assert list(rivals[0].keys()) == ["a"]


def test_of_two_writers_that_commit_at_once_in_different_datadirs_one_has_the_key(
    tmp_path: Path,
) -> None:
    rivals = two_rivals(tmp_path)
    together = Barrier(2)

    def commits(rival: FilesystemDriver, key: str) -> bool:
        with rival.create(key, None) as handle:
            together.wait(10)
            try:
                handle.commit()
            except Duplicate:
                return False
        return True

    with ThreadPoolExecutor(2) as threads:
        for number in range(200):
            key = f"key-{number}"
            committed = list(threads.map(commits, rivals, [key, key]))
            assert sorted(committed) == [False, True]
    assert sorted(rivals[0].keys()) == sorted(f"key-{number}" for number in range(200))


def between_its_two_steps(datadir: Path, key: str) -> Path:
    """Leave a file as a commit does that has the name and has not yet looked around."""
    unfinished = datadir / unfinished_name(key)
    unfinished.write_bytes(b"theirs")
    os.link(unfinished, datadir / key)
    return unfinished


def test_who_finds_a_rival_that_is_not_yet_sure_in_a_later_datadir_puts_it_out(
    tmp_path: Path,
) -> None:
    first, _ = two_rivals(tmp_path)
    with first.create("a", None) as handle:
        handle.write(memoryview(b"ours"))
        between_its_two_steps(tmp_path / "2", "a")
        location = handle.commit()
    assert (load(first, location), list(first.keys())) == (b"ours", ["a"])


def test_who_finds_a_rival_that_is_not_yet_sure_in_an_earlier_datadir_gives_way(
    tmp_path: Path,
) -> None:
    _, second = two_rivals(tmp_path)
    with second.create("a", None) as handle:
        unfinished = between_its_two_steps(tmp_path / "1", "a")
        with pytest.raises(Duplicate):
            handle.commit()
    assert sorted(second.keys()) == sorted(["a", unfinished.name])


def test_one_directory_by_two_names_is_no_rival_of_itself(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").symlink_to("1")
    driver = a_started_file_store(tmp_path / "1", tmp_path / "2")
    assert load(driver, store(driver, "a", b"data")) == b"data"


# ---------------------------------------------------------------------- holes


def test_zeros_become_holes_if_asked_for(datadir: Path) -> None:
    driver = a_started_file_store(datadir, thin_provisioning=True)
    store(driver, "a", b"\1" * MIB, bytes(20 * MIB), b"\2" * MIB, bytes(10 * MIB))
    assert (datadir / "a").stat().st_blocks * 512 < 3 * MIB


def test_holes_read_as_the_zeros_that_they_were(datadir: Path) -> None:
    driver = a_started_file_store(datadir, thin_provisioning=True)
    pieces = [b"\1" * 100_000, bytes(MIB + 1), b"\2" * 3, bytes(300_000)]
    assert load(driver, store(driver, "a", *pieces)) == b"".join(pieces)


def test_zeros_stay_zeros_if_holes_are_not_asked_for(datadir: Path) -> None:
    store(a_started_file_store(datadir), "a", bytes(4 * MIB))
    assert (datadir / "a").stat().st_blocks * 512 >= 4 * MIB


# ---------------------------------------------------------------------- no hard links


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_without_hard_links_objects_are_stored_as_well(datadir: Path, code: int) -> None:
    driver = a_started_file_store(datadir)

    def write() -> str:
        forbid("link", code)
        return load(driver, store(driver, "a", b"data")).decode()

    assert (in_a_child(write), os.listdir(datadir)) == ("data", ["a"])


def test_without_hard_links_a_key_taken_in_the_meantime_is_refused(datadir: Path) -> None:
    driver = a_started_file_store(datadir)

    def write() -> str:
        forbid("link", errno.EPERM)
        with driver.create("a", None) as slow:
            location = store(driver, "a", b"first")
            with pytest.raises(Duplicate):
                slow.commit()
        return load(driver, location).decode()

    assert (in_a_child(write), os.listdir(datadir)) == ("first", ["a"])


# ---------------------------------------------------------------------- crashes


def kill_while_writing(driver: FilesystemDriver, key: str) -> None:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        with driver.create(key, None) as handle:
            handle.write(memoryview(b"half"))
            os.write(write_end, b"written")
            signal.pause()
    assert os.read(read_end, 7) == b"written"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(read_end)
    os.close(write_end)


def test_a_killed_writer_leaves_no_object(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    kill_while_writing(driver, "a")
    assert not (datadir / "a").exists()


def test_what_a_killed_writer_left_can_be_discarded(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    kill_while_writing(driver, "a")
    kill_while_writing(driver, "a")
    driver.discard_unfinished("a")
    assert os.listdir(datadir) == []


def test_what_is_being_written_under_another_key_is_not_discarded(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    with driver.create("a.uc", None) as handle:
        handle.write(memoryview(b"data"))
        driver.discard_unfinished("a")
        assert load(driver, handle.commit()) == b"data"


def test_a_key_can_be_used_after_its_writer_was_killed(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    kill_while_writing(driver, "a")
    assert load(driver, store(driver, "a", b"whole")) == b"whole"


def test_what_was_left_in_a_datadir_that_vanished_is_nothing_to_discard(datadir: Path) -> None:
    driver = a_started_file_store(datadir)
    datadir.rmdir()
    driver.discard_unfinished("a")
    assert not datadir.exists()

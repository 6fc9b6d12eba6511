"""Files that plugins work on."""

import os
from pathlib import Path

import pytest

from tintype.adapters.stores.filesystem.read_stream import FileStream
from tintype.adapters.stores.memory import MemoryStream
from tintype.adapters.workbench.local import LocalWorkbenches
from tintype.domain.errors import StorageFull, StoreUnavailable

IMAGE = "11111111-2222-4333-8444-555555555555"
RUN = "aaaaaaaa-2222-4333-8444-555555555555"
OTHER = "bbbbbbbb-2222-4333-8444-555555555555"


@pytest.fixture
def benches(tmp_path: Path) -> LocalWorkbenches:
    return LocalWorkbenches(str(tmp_path), "staging")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_taken_without_copying_it(tmp_path: Path, benches: LocalWorkbenches) -> None:
    staged = tmp_path / IMAGE
    staged.write_bytes(b"data")
    stream = FileStream("staging", str(staged), 0, None)
    with benches.open(IMAGE, RUN) as bench:
        assert bench.link(stream)
        assert os.path.samefile(bench.data, staged)
        staged.unlink()
        assert bench.open().read(9) == b"data"
    stream.close()
    assert names(tmp_path) == []


def test_what_is_no_file_cannot_be_taken(tmp_path: Path, benches: LocalWorkbenches) -> None:
    with benches.open(IMAGE, RUN) as bench:
        assert not bench.link(MemoryStream(memoryview(b"data")))


def test_new_data_replaces_the_former(tmp_path: Path, benches: LocalWorkbenches) -> None:
    with benches.open(IMAGE, RUN) as bench:
        for kind, data in (("in", b"first"), ("uc", b"second")):
            with bench.filling(kind) as sink:
                sink.write(data)
        assert names(tmp_path) == [f"{IMAGE}.{RUN}.uc"]
        assert bench.data.read_bytes() == b"second"
        assert bench.data.stat().st_mode & 0o077 == 0
    assert names(tmp_path) == []


def test_data_that_came_to_nothing_leaves_the_former(
    tmp_path: Path, benches: LocalWorkbenches
) -> None:
    with benches.open(IMAGE, RUN) as bench:
        with bench.filling("in") as sink:
            sink.write(b"first")
        with pytest.raises(ZeroDivisionError), bench.filling("uc") as sink:
            sink.write(b"half")
            raise ZeroDivisionError
        assert names(tmp_path) == [f"{IMAGE}.{RUN}.in"]
        assert bench.data.read_bytes() == b"first"


def test_zeros_take_no_room(tmp_path: Path, benches: LocalWorkbenches) -> None:
    with benches.open(IMAGE, RUN) as bench:
        with bench.filling("in") as sink:
            for piece in (b"a", bytes(1 << 20), b"b", bytes(1 << 20)):
                sink.write(piece)
        expected = b"a" + bytes(1 << 20) + b"b" + bytes(1 << 20)
        assert bench.data.read_bytes() == expected
        assert bench.data.stat().st_blocks * 512 < 1 << 18


def test_room_is_asked_for_before_it_is_used(benches: LocalWorkbenches) -> None:
    with benches.open(IMAGE, RUN) as bench:
        bench.require_room(1)
        with pytest.raises(StorageFull, match="staging"):
            bench.require_room(1 << 62)


def test_runs_do_not_meet(tmp_path: Path, benches: LocalWorkbenches) -> None:
    with benches.open(IMAGE, RUN) as one, benches.open(IMAGE, OTHER) as other:
        for bench in (one, other):
            with bench.filling("in") as sink:
                sink.write(b"data")
        assert benches.runs() == {RUN, OTHER}
        benches.remove({RUN})
        assert other.data.read_bytes() == b"data"


def test_files_of_others_are_none_of_ours(tmp_path: Path, benches: LocalWorkbenches) -> None:
    for name in (IMAGE, f"{IMAGE}.uc", "notes.txt", f".{IMAGE}.{RUN}.part"):
        (tmp_path / name).write_bytes(b"")
    before = names(tmp_path)
    assert benches.runs() == set()
    benches.remove({RUN, "uc", "txt"})
    assert names(tmp_path) == before


def test_a_directory_that_is_gone_is_no_crash(tmp_path: Path) -> None:
    benches = LocalWorkbenches(str(tmp_path / "gone"), "staging")
    assert benches.runs() == set()
    with (
        pytest.raises(StoreUnavailable, match="staging"),
        benches.open(IMAGE, RUN) as bench,
        bench.filling("in"),
    ):
        pass


def test_where_there_is_no_directory_nothing_is_done(tmp_path: Path) -> None:
    benches = LocalWorkbenches(None, "staging")
    assert benches.runs() == set()
    with pytest.raises(StoreUnavailable), benches.open(IMAGE, RUN):
        pass


def test_files_have_whole_paths_wherever_the_service_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with LocalWorkbenches(".", "staging").open(IMAGE, RUN) as bench:
        with bench.filling("in") as sink:
            sink.write(b"data")
        assert bench.data == tmp_path / f"{IMAGE}.{RUN}.in"

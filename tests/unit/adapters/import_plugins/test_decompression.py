"""Unpacking what was sent packed, and what only looks like it (import-and-tasks §12)."""

import gzip
import lzma
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.memory import Peak
from tests.packed import (
    MIB,
    PACKERS,
    nested,
    with_endless_contents,
    zeros_in_gzip,
    zeros_in_zstd,
    zipped,
)
from tests.patience import examples
from tests.unit.adapters.import_plugins.drafts import IMAGE, RUN, a_draft, content
from tintype.adapters.import_plugins.decompression import Decompression
from tintype.adapters.import_plugins.packed import kind_of
from tintype.domain.errors import FormatMismatch, ImageTooLarge, TintypeError

DATA = os.urandom(3000) + b"\0" * (2 * MIB) + os.urandom(MIB // 4)
UNPACK = Decompression(max_ratio=250)
OTHER = "99999999-2222-4333-8444-555555555555"


def unpacked(folder: Path, data: bytes, **facts: Any) -> bytes:
    """Return what becomes of data."""
    with a_draft(folder, data, **facts) as draft:
        UNPACK(draft)
        assert [path.name for path in folder.glob(f"{IMAGE}.{RUN}.*")] == [
            draft_name(draft.changed)
        ]
        return content(draft)


def draft_name(changed: bool) -> str:
    return f"{IMAGE}.{RUN}.{'uc' if changed else 'in'}"


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_data_is_unpacked(tmp_path: Path, kind: str) -> None:
    assert unpacked(tmp_path, PACKERS[kind](DATA)) == DATA
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", PACKERS)
def test_containers_that_are_packed_stay_so(tmp_path: Path, kind: str) -> None:
    packed = PACKERS[kind](DATA[:5000])
    assert unpacked(tmp_path, packed, container_format="compressed") == packed


@pytest.mark.parametrize(
    "data", [b"", b"BZh9 is a text", b"\x1f\x8b", b"PK", DATA], ids=["no", "bz", "gz", "zip", "raw"]
)
def test_data_that_is_not_packed_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    with a_draft(tmp_path, data) as draft:
        UNPACK(draft)
        assert (draft.changed, content(draft)) == (False, data)


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd"])
def test_streams_one_after_the_other_are_one(tmp_path: Path, kind: str) -> None:
    packed = PACKERS[kind](b"first ") + PACKERS[kind](b"second")
    assert unpacked(tmp_path, packed) == b"first second"


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("damage", ["short", "garbled"])
def test_damaged_data_is_refused_and_leaves_nothing(tmp_path: Path, kind: str, damage: str) -> None:
    packed = bytearray(PACKERS[kind](DATA[:200_000]))
    if damage == "short":
        del packed[len(packed) * 2 // 3 :]
    else:
        middle = len(packed) // 100
        packed[middle : middle + 50] = bytes(50)
    with pytest.raises(FormatMismatch, match="cannot be unpacked"):
        unpacked(tmp_path, bytes(packed))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        zipped(),
        zipped(("a", b"1"), ("b", b"2")),
        zipped(("folder/", b"")),
        zipped(("disk", b"x" * 1000), method=zipfile.ZIP_LZMA),
        zipped(("disk", b"x" * 1000), method=zipfile.ZIP_BZIP2),
        with_endless_contents(),
        b"PK\3\4" + b"\0" * 100,
        b"PK\5\6" + b"\xff" * 18,
    ],
    ids=["empty", "two", "folder", "lzma", "bzip2", "endless", "cut off", "made up"],
)
def test_archives_that_do_not_hold_one_file_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FormatMismatch, match="zip"):
        unpacked(tmp_path, data)


@pytest.mark.parametrize(
    "name",
    [OTHER, f"../{OTHER}", "/etc/passwd", "..\\..\\x", f"{IMAGE}.{RUN}.in", "a\0b", "." * 300],
)
def test_the_name_of_a_member_is_of_no_consequence(tmp_path: Path, name: str) -> None:
    (tmp_path / OTHER).write_bytes(b"staged data of another image")
    assert unpacked(tmp_path, zipped((name, b"data"))) == b"data"
    assert [path.name for path in tmp_path.iterdir()] == [OTHER]
    assert (tmp_path / OTHER).read_bytes() == b"staged data of another image"


@pytest.mark.parametrize("kind", PACKERS)
def test_nothing_unpacks_to_more_than_an_image_may_have(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ImageTooLarge):
        unpacked(tmp_path, PACKERS[kind](DATA[:50_000]), limit=49_999)
    assert list(tmp_path.iterdir()) == []


def test_small_data_may_expand_a_thousandfold(tmp_path: Path) -> None:
    with a_draft(tmp_path, zeros_in_gzip(20)) as draft:
        UNPACK(draft)
        assert draft.bench is not None
        assert draft.bench.data.stat().st_size == 20 * MIB
        assert draft.bench.data.stat().st_blocks == 0


@pytest.mark.parametrize("bomb", [zeros_in_gzip, zeros_in_zstd])
def test_beyond_that_there_is_a_limit(tmp_path: Path, bomb: Any) -> None:
    with a_draft(tmp_path, bomb(12)) as draft, pytest.raises(FormatMismatch, match="250 times"):
        Decompression(max_ratio=250, harmless=8 * MIB)(draft)


def test_what_is_packed_twice_is_unpacked_once(tmp_path: Path) -> None:
    assert unpacked(tmp_path, nested(20)) == nested(19)


def test_a_dictionary_larger_than_memory_is_not_asked_for(tmp_path: Path) -> None:
    greedy = [{"id": lzma.FILTER_LZMA2, "dict_size": 256 << 20}]
    # The header says how much the unpacking takes; the data need not be large.
    packed = lzma.compress(b"x", filters=greedy)
    with pytest.raises(FormatMismatch, match="xz"):
        unpacked(tmp_path, packed)


def test_memory_is_bounded_whatever_is_unpacked(tmp_path: Path) -> None:
    bombs = {"gzip": zeros_in_gzip(48), "zstd": zeros_in_zstd(48)}
    peak = Peak()
    for name, bomb in bombs.items():
        with a_draft(tmp_path, bomb) as draft:
            UNPACK(draft)
            assert draft.bench is not None
            assert draft.bench.data.stat().st_size == 48 * MIB, name
    assert peak.growth() < 30_000


def test_the_work_stops_when_it_is_not_wanted_any_more(tmp_path: Path) -> None:
    class NotWantedError(Exception):
        pass

    def check() -> None:
        raise NotWantedError

    packed = gzip.compress(DATA)
    with a_draft(tmp_path, packed, check=check) as draft:
        with pytest.raises(NotWantedError):
            UNPACK(draft)
        assert content(draft) == packed


@settings(max_examples=examples(60), deadline=None)
@given(
    kind=st.sampled_from(sorted(PACKERS)),
    edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 400),
)
def test_no_bytes_whatever_raise_anything_unforeseen(
    tmp_path_factory: pytest.TempPathFactory, kind: str, edits: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(PACKERS[kind](b"some text and more of it " * 9))
    for place, value in edits:
        data[place % len(data)] = value
    folder = tmp_path_factory.mktemp("fuzz")
    with a_draft(folder, bytes(data[: len(data) - cut]), limit=1 << 20) as draft:
        try:
            UNPACK(draft)
        except TintypeError:
            return


def test_a_file_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    for kind, pack in PACKERS.items():
        file = tmp_path / kind
        file.write_bytes(pack(b"data"))
        assert kind_of(file) == kind

"""Converting disks, and refusing those that could make qemu read what it must not (§12)."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.adapters.import_plugins.drafts import a_draft, content
from tests.unit.adapters.inspection.disks import Workshop, run
from tintype.adapters.import_plugins import child
from tintype.adapters.import_plugins.conversion import MIB, Conversion, QemuImg
from tintype.adapters.inspection.oslo_inspector import OsloInspector
from tintype.domain.errors import FormatMismatch, ImageTooLarge, StorageFull

QEMU = "/usr/bin/qemu-img"
ALLOWED = ("streamOptimized", "monolithicSparse")
BOUNDS = child.Bounds(cpu_s=60, wall_s=60, memory=2048 * MIB, file_size=0)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


def a_conversion(target: str = "raw", **bounds: Any) -> Conversion:
    qemu = QemuImg(QEMU, child.Bounds(**{**BOUNDS.__dict__, **bounds}), None)
    return Conversion(OsloInspector(required=True), qemu, target, ALLOWED)


def converted(
    folder: Path, data: bytes, disk_format: str, target: str = "raw", **facts: Any
) -> tuple[bytes, tuple[str, str], bool]:
    """Return what becomes of a disk, its formats, and whether it was changed."""
    with a_draft(folder, data, disk_format=disk_format, **facts) as draft:
        a_conversion(target)(draft)
        return content(draft), (draft.disk_format, draft.container_format), draft.changed


KINDS: Mapping[str, str] = {
    "qcow2": "qcow2",
    "qcow2, of old": "qcow2",
    "vdi": "vdi",
    "vhdx": "vhdx",
    "vhd": "vhd",
    "vmdk": "vmdk",
    "vmdk, for streams": "vmdk",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_becomes_raw(tmp_path: Path, workshop: Workshop, kind: str) -> None:
    data, formats, changed = converted(tmp_path, workshop.disk(kind), KINDS[kind])
    assert (data.rstrip(b"\0"), formats, changed) == (
        Workshop.content().rstrip(b"\0"),
        ("raw", "bare"),
        True,
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["qcow2", "vmdk"])
def test_raw_becomes_what_the_site_wants(tmp_path: Path, workshop: Workshop, target: str) -> None:
    data, formats, changed = converted(tmp_path, workshop.disk("raw"), "raw", target)
    assert (formats, changed) == ((target, "bare"), True)
    inspection = OsloInspector(required=True).begin(target, "bare")
    inspection.feed(data)
    assert inspection.finish(len(data)).format == target


@pytest.mark.parametrize("disk_format", ["raw", "qcow2"])
def test_what_is_of_the_format_already_stays(
    tmp_path: Path, workshop: Workshop, disk_format: str
) -> None:
    data = workshop.disk(disk_format)
    assert converted(tmp_path, data, disk_format, disk_format)[::2] == (data, False)


def test_a_cd_stays_a_cd(tmp_path: Path, workshop: Workshop) -> None:
    for data in (workshop.iso(), workshop.iso_with_partitions()):
        assert converted(tmp_path, data, "iso")[::2] == (data, False)


@pytest.mark.parametrize("disk_format", ["aki", "ari", "ami", "ploop"])
def test_kernels_and_their_like_stay(tmp_path: Path, disk_format: str) -> None:
    assert converted(tmp_path, b"kernel" * 999, disk_format, "qcow2")[2] is False


@pytest.mark.parametrize("container", ["compressed", "ova", "ovf", "docker"])
def test_archives_are_not_looked_into(tmp_path: Path, container: str) -> None:
    assert not converted(tmp_path, b"x" * 99, "qcow2", container_format=container)[2]


def outside(workshop: Workshop, folder: Path) -> Mapping[str, tuple[bytes, str]]:
    """Return disks that read other files, or lie, with the format that they are said to have."""
    raw = folder / "raw"
    inner = folder / "inner.qcow2"
    inner.write_bytes(workshop.disk("qcow2"))
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(inner), str(raw))
    hidden = raw.read_bytes()
    lying = bytearray(workshop.disk("vmdk"))
    # The descriptor is text within the file.
    place = lying.index(b"monolithicSparse")
    lying[place : place + 16] = b"monolithicFlat\0\0"
    return {
        "a backing file": (workshop.backed_by_another(), "qcow2"),
        "data elsewhere": (workshop.with_data_elsewhere(), "qcow2"),
        "a flat vmdk": (workshop.flat_descriptor(), "vmdk"),
        "a vmdk that lies": (bytes(lying), "vmdk"),
        "a qcow2 that is said to be raw": (workshop.disk("qcow2"), "raw"),
        "raw that is said to be qcow2": (workshop.disk("raw"), "qcow2"),
        "a vdi that is said to be vmdk": (workshop.disk("vdi"), "vmdk"),
        "a cd that is said to be raw": (workshop.iso(), "raw"),
        "qed": (workshop.disk("qed"), "qed"),
        "a qcow2 in a qcow2": (hidden, "qcow2"),
        "half a header": (workshop.disk("qcow2")[:60], "qcow2"),
        "a header alone": (workshop.disk("vhdx")[: 256 << 10], "vhdx"),
    }


CASES = (
    *("a backing file", "data elsewhere", "a flat vmdk", "a vmdk that lies"),
    *("a qcow2 that is said to be raw", "raw that is said to be qcow2"),
    *("a vdi that is said to be vmdk", "a cd that is said to be raw", "qed"),
    *("a qcow2 in a qcow2", "half a header", "a header alone"),
)


@pytest.mark.parametrize("case", CASES)
def test_disks_that_are_not_what_they_seem_are_refused(
    tmp_path: Path, workshop: Workshop, case: str
) -> None:
    (tmp_path / "made").mkdir()
    data, disk_format = outside(workshop, tmp_path / "made")[case]
    with pytest.raises(FormatMismatch):
        converted(tmp_path, data, disk_format, "vmdk" if disk_format == "raw" else "raw")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_disk_that_is_larger_than_an_image_may_be_is_refused(
    tmp_path: Path, workshop: Workshop
) -> None:
    huge = workshop.created("huge.qcow2", "-f", "qcow2", "64T")
    with pytest.raises(ImageTooLarge):
        converted(tmp_path, huge, "qcow2")


def test_a_disk_that_does_not_fit_is_refused_before_it_is_written(
    tmp_path: Path, workshop: Workshop
) -> None:
    huge = workshop.created("larger.qcow2", "-f", "qcow2", "1P")
    with pytest.raises(StorageFull):
        converted(tmp_path, huge, "qcow2", limit=1 << 60)


def test_a_conversion_has_as_much_memory_as_it_is_given(tmp_path: Path, workshop: Workshop) -> None:
    with (
        a_draft(tmp_path, workshop.disk("vdi"), disk_format="vdi") as draft,
        pytest.raises(FormatMismatch, match="converted"),
    ):
        a_conversion(memory=32 * MIB)(draft)
    assert list(tmp_path.iterdir()) == []


def test_a_conversion_has_as_much_time_as_it_is_given(tmp_path: Path, workshop: Workshop) -> None:
    slow = Conversion(OsloInspector(required=True), _Slow(wall_s=0.5), "raw", ALLOWED)
    with (
        a_draft(tmp_path, workshop.disk("vdi"), disk_format="vdi") as draft,
        pytest.raises(FormatMismatch, match="longer than"),
    ):
        slow(draft)
    assert list(tmp_path.iterdir()) == []


class _Slow(QemuImg):
    """A qemu-img that takes for ever to convert."""

    def __init__(self, wall_s: float) -> None:
        super().__init__(QEMU, child.Bounds(9, wall_s, 1024 * MIB, 0), None)

    def convert(self, *args: Any) -> None:
        self._program, program = "/bin/sleep", self._program
        try:
            self._run("converted", ("60",), (), self._bounds, args[-1])
        finally:
            self._program = program


def test_the_answer_says_nothing_of_this_host(tmp_path: Path, workshop: Workshop) -> None:
    broken = bytearray(workshop.disk("qcow2"))
    broken[40:48] = b"\xff" * 8
    with pytest.raises(FormatMismatch, match=r"cannot be looked at: .*L1") as caught:
        converted(tmp_path, bytes(broken), "qcow2")
    assert str(tmp_path) not in str(caught.value)


# ---------------------------------------------------------------------- the child


def python(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(lines)]


@pytest.mark.parametrize(
    "command",
    [
        python("x = bytearray(1 << 30)"),
        python("while True: pass"),
        python("open('{folder}/x', 'wb').write(bytes(9 << 20))"),
        python("import sys; sys.stderr.write('no')"),
        python("import sys; sys.exit(3)"),
        python("import os; os.kill(os.getpid(), 9)"),
    ],
    ids=["memory", "cpu", "file", "complaint", "status", "killed"],
)
def test_a_program_that_wants_too_much_or_complains_has_failed(
    tmp_path: Path, command: list[str]
) -> None:
    bounds = child.Bounds(cpu_s=1, wall_s=30, memory=512 * MIB, file_size=4 * MIB)
    command = [part.replace("{folder}", str(tmp_path)) for part in command]
    with pytest.raises(child.Failed):
        child.run(command, bounds, lambda: None)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4 * MIB


def test_a_program_has_no_network(tmp_path: Path) -> None:
    if not child._apart():
        pytest.skip("this machine lets nobody make a network of their own")
    bounds = child.Bounds(cpu_s=5, wall_s=30, memory=512 * MIB, file_size=4 * MIB)
    lines = ("import socket", "print([name for _, name in socket.if_nameindex()])")
    assert child.run(python(*lines), bounds, lambda: None) == "['lo']"


def test_a_program_ends_when_its_work_is_not_wanted(tmp_path: Path) -> None:
    class NotWantedError(Exception):
        pass

    def check() -> None:
        raise NotWantedError

    with pytest.raises(NotWantedError):
        child.run(["/bin/sleep", "4242"], BOUNDS, check)
    found = subprocess.run(["/usr/bin/pgrep", "-f", "sleep 4242"], check=False, capture_output=True)
    assert found.stdout == b""

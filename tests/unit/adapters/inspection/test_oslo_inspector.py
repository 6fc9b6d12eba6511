"""What the format inspector makes of disks, and of what only pretends to be one."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.patience import examples
from tests.unit.adapters.inspection.disks import (
    MIB,
    VIRTUAL_SIZE,
    Workshop,
    luks,
    with_odd_boot_sector,
)
from tintype.adapters.inspection.oslo_inspector import OsloInspector
from tintype.domain.errors import FormatMismatch
from tintype.domain.limits import CONTAINER_FORMATS, DISK_FORMATS
from tintype.domain.ports.format_inspector import Inspected

INSPECTOR = OsloInspector(required=True)
DECLARED = {
    **{"qcow2": "qcow2", "qcow2, of old": "qcow2", "vdi": "vdi", "vhdx": "vhdx", "vhd": "vhd"},
    **{"vmdk": "vmdk", "vmdk, for streams": "vmdk", "iso": "iso", "raw": "raw"},
}
"""For each kind of disk that is accepted, the disk format that is right for it."""

UNTOLD = ("ami", "ari", "aki", "ploop")


def inspect(
    disk_format: str,
    data: bytes,
    cuts: Sequence[int] = (),
    inspector: OsloInspector = INSPECTOR,
    container_format: str = "bare",
) -> Inspected:
    """Examine data that comes in pieces; beyond the cuts, in pieces of 1 MiB."""
    inspection = inspector.begin(disk_format, container_format)
    rest = memoryview(data)
    for cut in cuts:
        inspection.feed(rest[:cut])
        rest = rest[cut:]
    for at in range(0, len(rest), MIB):
        inspection.feed(rest[at : at + MIB])
    return inspection.finish(len(data))


def refusal(disk_format: str, data: bytes, cuts: Sequence[int] = ()) -> str:
    """Return the words in which data is refused."""
    with pytest.raises(FormatMismatch) as refused:
        inspect(disk_format, data, cuts)
    return str(refused.value)


def verdict(disk_format: str, data: bytes, cuts: Sequence[int] = ()) -> Inspected | None:
    """Return what is found, None if the data is refused."""
    try:
        return inspect(disk_format, data, cuts)
    except FormatMismatch:
        return None


# ---------------------------------------------------------------------- right and wrong


@pytest.mark.parametrize("kind", [kind for kind in DECLARED if kind not in ("iso", "raw")])
def test_a_disk_of_the_right_format_has_its_virtual_size(workshop: Workshop, kind: str) -> None:
    found = inspect(DECLARED[kind], workshop.disk(kind))
    assert found == Inspected(DECLARED[kind], VIRTUAL_SIZE)


@pytest.mark.parametrize("kind", [*DECLARED, "luks"])
def test_any_harmless_disk_may_be_called_raw_and_is_as_large_as_it_is(
    workshop: Workshop, kind: str
) -> None:
    data = luks() if kind == "luks" else workshop.disk(kind)
    assert inspect("raw", data) == Inspected("raw", len(data))


def test_a_cd_is_as_large_as_it_is(workshop: Workshop) -> None:
    data = workshop.disk("iso")
    assert inspect("iso", data) == Inspected("iso", len(data))


@pytest.mark.parametrize("kind", [*DECLARED, "luks", "qed"])
def test_a_disk_of_another_format_is_refused(workshop: Workshop, kind: str) -> None:
    data = luks() if kind == "luks" else workshop.disk(kind)
    wrong = set(DISK_FORMATS) - {"raw", DECLARED.get(kind), *UNTOLD}
    assert [each for each in sorted(wrong) if verdict(each, data)] == []


@pytest.mark.parametrize("disk_format", UNTOLD)
@pytest.mark.parametrize("kind", [kind for kind in DECLARED if kind != "raw"])
def test_a_known_format_is_none_that_no_header_tells(
    workshop: Workshop, kind: str, disk_format: str
) -> None:
    assert verdict(disk_format, workshop.disk(kind)) is None


@pytest.mark.parametrize("disk_format", UNTOLD)
def test_formats_that_no_header_tells_are_believed(disk_format: str) -> None:
    assert inspect(disk_format, b"\x7fELF" * 999) == Inspected(disk_format, None)


def test_a_refusal_says_what_the_data_looks_like(workshop: Workshop) -> None:
    assert "it looks like vdi" in refusal("ami", workshop.disk("vdi"))


@pytest.mark.parametrize("disk_format", ["raw", *UNTOLD])
def test_nothing_at_all_has_no_virtual_size(disk_format: str) -> None:
    assert inspect(disk_format, b"") == Inspected(disk_format, None)


@pytest.mark.parametrize("disk_format", ["qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso"])
@pytest.mark.parametrize("data", [b"", b"x", b"\0" * MIB], ids=["nothing", "a byte", "zeros"])
def test_nothing_is_no_disk_of_a_format_that_has_a_header(disk_format: str, data: bytes) -> None:
    assert verdict(disk_format, data) is None


# ---------------------------------------------------------------------- unsafe


@pytest.mark.parametrize("disk_format", ["raw", "qcow2", "ami", "aki", "ari", "ploop"])
def test_a_disk_with_a_backing_file_is_refused_whatever_it_is_called(
    workshop: Workshop, disk_format: str
) -> None:
    assert "backing_file" in refusal(disk_format, workshop.backed_by_another())


@pytest.mark.parametrize("disk_format", ["raw", "qcow2"])
def test_a_disk_with_its_data_in_another_file_is_refused(
    workshop: Workshop, disk_format: str
) -> None:
    assert "data_file" in refusal(disk_format, workshop.with_data_elsewhere())


@pytest.mark.parametrize("disk_format", ["raw", "vmdk"])
def test_a_descriptor_that_names_another_file_is_refused(
    workshop: Workshop, disk_format: str
) -> None:
    assert verdict(disk_format, workshop.flat_descriptor()) is None


def test_an_embedded_descriptor_that_names_another_file_is_refused(workshop: Workshop) -> None:
    harmless = workshop.disk("vmdk")
    data = harmless.replace(b'SPARSE "disk"', b'FLAT "/a/bcd"', 1)
    assert data != harmless and "descriptor" in refusal("vmdk", data)


@pytest.mark.parametrize("disk_format", ["raw", "ami", "aki"])
def test_a_format_that_is_never_safe_is_refused(workshop: Workshop, disk_format: str) -> None:
    assert "banned" in refusal(disk_format, workshop.disk("qed"))


# ---------------------------------------------------------------------- partition tables


def test_a_cd_that_is_also_a_disk_with_partitions_is_a_cd(workshop: Workshop) -> None:
    assert inspect("iso", workshop.iso_with_partitions()).format == "iso"


def test_an_odd_boot_sector_is_refused() -> None:
    assert "mbr" in refusal("raw", with_odd_boot_sector())


@pytest.mark.parametrize("disk_format", ["aki", "ari"])
def test_an_odd_boot_sector_of_a_kernel_or_ramdisk_is_tolerated(disk_format: str) -> None:
    assert inspect(disk_format, with_odd_boot_sector()) == Inspected(disk_format, None)


def test_an_odd_boot_sector_is_tolerated_where_the_operator_says_so() -> None:
    lenient = OsloInspector(required=True, nonfatal_gpt_checks=["mbr"])
    assert inspect("raw", with_odd_boot_sector(), inspector=lenient).format == "raw"


# ---------------------------------------------------------------------- not looked at


@pytest.mark.parametrize("container", [name for name in CONTAINER_FORMATS if name != "bare"])
def test_what_is_in_a_container_is_not_looked_at(workshop: Workshop, container: str) -> None:
    found = inspect("vdi", workshop.backed_by_another(), container_format=container)
    assert found == Inspected("vdi", None)


@pytest.mark.parametrize("declared", ["gpt", "luks"])
def test_plain_bytes_are_not_taken_for_a_disk_with_a_header(declared: str) -> None:
    with pytest.raises(FormatMismatch):
        inspect(declared, bytes(1 << 20))


def test_labels_may_be_wrong_where_the_operator_says_so(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    trusting = OsloInspector(required=False)
    for declared, kind in (("vdi", "qcow2"), ("qcow2", "raw"), ("aki", "vmdk")):
        found = inspect(declared, workshop.disk(kind), inspector=trusting)
        assert found == Inspected(declared, None)
        assert declared in caplog.text
    right = inspect("qcow2", workshop.disk("qcow2"), inspector=trusting)
    assert right.virtual_size is not None


def test_unsafe_data_is_refused_whatever_the_operator_says(workshop: Workshop) -> None:
    trusting = OsloInspector(required=False)
    for declared in ("vdi", "qcow2", "raw"):
        for data in (workshop.backed_by_another(), workshop.with_data_elsewhere()):
            with pytest.raises(FormatMismatch):
                inspect(declared, data, inspector=trusting)


# ---------------------------------------------------------------------- pieces and garbage

CUTS = st.lists(st.integers(0, 5000) | st.sampled_from([1, 511, 512, 65536]), max_size=20)
PATIENTLY = settings(
    deadline=None,
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("kind", DECLARED)
@PATIENTLY
@given(cuts=CUTS)
def test_however_data_is_cut_into_pieces_it_is_what_it_is(
    workshop: Workshop, kind: str, cuts: list[int]
) -> None:
    data = workshop.disk(kind)
    assert inspect(DECLARED[kind], data, cuts) == inspect(DECLARED[kind], data)


@PATIENTLY
@given(cuts=CUTS)
def test_however_an_unsafe_disk_is_cut_into_pieces_it_is_refused(
    workshop: Workshop, cuts: list[int]
) -> None:
    assert verdict("raw", workshop.backed_by_another(), cuts) is None


@pytest.mark.parametrize("kind", DECLARED)
@settings(PATIENTLY, max_examples=examples(60))
@given(
    damage=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=16)), min_size=1),
    length=st.integers(0, 300_000),
    declared=st.sampled_from(DISK_FORMATS),
)
def test_a_damaged_disk_is_taken_or_refused_and_nothing_else(
    workshop: Workshop, kind: str, damage: list[tuple[int, bytes]], length: int, declared: str
) -> None:
    data = bytearray(workshop.disk(kind)[:length])
    for at, garbage in damage:
        data[at : at + len(garbage)] = garbage
    verdict(declared, bytes(data))


MAGICS = (
    *(b"QFI\xfb", b"vhdxfile", b"KDMV", b"COWD", b"# Disk DescriptorFile", b"conectix"),
    *(b"QED\0", b"LUKS\xba\xbe", b"\x7f\x10\xda\xbe"),
)


@PATIENTLY
@given(st.sampled_from(MAGICS), st.binary(max_size=4096), st.sampled_from(DISK_FORMATS), CUTS)
def test_garbage_behind_a_known_beginning_is_taken_or_refused_and_nothing_else(
    magic: bytes, garbage: bytes, declared: str, cuts: list[int]
) -> None:
    verdict(declared, (magic + garbage).ljust(70_000, b"\xff"), cuts)

"""Data made to harm whoever opens it: refused on every way in, and nothing of it is left.

The disks come from qemu-img, xorriso and a few lines of ours; what cannot be made is patched.
"""

import gzip
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.integration.imports.test_plugins import CONFIGURATION, imported, staging
from tests.memory import Peak
from tests.packed import MIB, nested, with_endless_contents, zeros_in_gzip, zeros_in_zstd, zipped
from tests.unit.adapters.inspection.disks import Workshop, with_odd_boot_sector
from tests.unit.http.service import Service

UNPACK, CONVERT = "image_decompression", "image_conversion"
PLUGINS = ("", "inject_image_metadata", UNPACK, CONVERT, f"{UNPACK},{CONVERT}")


def polyglot(shop: Workshop) -> bytes:
    """Return a CD that is a qcow2 disk as well: a CD's first 32 KiB are anybody's."""
    header = shop.disk("qcow2")[:512]
    return header + shop.iso()[len(header) :]


def cd_and_partitions_and_disk(shop: Workshop) -> bytes:
    """Return a CD with a partition table that is a VDI disk as well."""
    data = bytearray(shop.iso_with_partitions())
    data[:0x48] = shop.disk("vdi")[:0x48]
    return bytes(data)


def greedy_tables(shop: Workshop) -> bytes:
    """Return a qcow2 disk whose first table is said to have as many entries as a number holds."""
    data = bytearray(shop.disk("qcow2"))
    struct.pack_into(">I", data, 36, 0x7FFFFFFF)
    return bytes(data)


def patched(kind: str, **fields: tuple[int, bytes]) -> Callable[[Workshop], bytes]:
    """Return a maker of disks with other bytes in their headers."""

    def make(shop: Workshop) -> bytes:
        data = bytearray(shop.disk(kind))
        for place, value in fields.values():
            data[place : place + len(value)] = value
        return bytes(data)

    return make


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Whatever is made of a disk, its bytes are never held whole, nor what unpacks to more."""
    peak = Peak()
    yield
    # Making a zstd bomb takes 90 MiB, unpacking none.
    assert peak.growth() < 120_000


Make = Callable[[Workshop], bytes]

DISKS: Mapping[str, tuple[Make, str]] = {
    "a backing file": (Workshop.backed_by_another, "qcow2"),
    "a backing file, said to be raw": (Workshop.backed_by_another, "raw"),
    "a backing file added later": (
        patched("qcow2", at=(8, struct.pack(">QI", 600, 9)), name=(600, b"/etc/pass")),
        "qcow2",
    ),
    "data in another file": (Workshop.with_data_elsewhere, "qcow2"),
    "data in another file, said to be raw": (Workshop.with_data_elsewhere, "raw"),
    "features nobody knows": (patched("qcow2", flags=(72, b"\xff" * 8)), "qcow2"),
    "flat extents": (Workshop.flat_descriptor, "vmdk"),
    "qed": (lambda shop: shop.disk("qed"), "raw"),
    "a disk and a CD": (polyglot, "qcow2"),
    "a CD and a disk": (polyglot, "iso"),
    "a CD and a disk, said to be raw": (polyglot, "raw"),
    "three at once": (cd_and_partitions_and_disk, "iso"),
    "a bad partition table": (lambda _: with_odd_boot_sector(), "raw"),
    "the beginning of a header": (lambda shop: shop.disk("qcow2")[:40], "qcow2"),
    "a header that ends too early": (lambda shop: shop.disk("vhdx")[:70_000], "vhdx"),
    "a vdi that is said to be qcow2": (lambda shop: shop.disk("vdi"), "qcow2"),
    "a qcow2 that is said to be vmdk": (lambda shop: shop.disk("qcow2"), "vmdk"),
    "nothing, said to be qcow2": (lambda _: b"", "qcow2"),
    "a packed disk that is said to be plain": (
        lambda shop: gzip.compress(gzip.compress(shop.disk("qcow2"))),
        "qcow2",
    ),
}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="module", params=PLUGINS, ids=lambda names: names or "no plugin")
def way(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Path, str]]:
    """Give a service with these plugins, its folder, and their names."""
    folder = tmp_path_factory.mktemp("service")
    service = Service.configured(folder, CONFIGURATION.replace("{plugins}", request.param))
    service.container.stores().start()
    yield service, folder, request.param
    assert staging(folder) == []


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Give a service without plugins, which uploads know nothing of."""
    folder = tmp_path_factory.mktemp("plain")
    service = Service.configured(folder, CONFIGURATION.replace("{plugins}", ""))
    service.container.stores().start()
    return service


def remove(service: Service, image_id: str) -> None:
    assert service.ask("DELETE", f"/v2/images/{image_id}").status == 204


@pytest.mark.parametrize("case", DISKS)
def test_hostile_disks_are_refused_on_upload(plain: Service, workshop: Workshop, case: str) -> None:
    service = plain
    make, disk_format = DISKS[case]
    image_id = service.an_image(disk_format=disk_format)
    answer = service.upload(image_id, make(workshop))
    image = service.show(image_id)
    assert answer.status == 415
    assert (image["status"], image["size"], image["checksum"]) == ("queued", None, None)
    assert service.stored() == []
    remove(service, image_id)


@pytest.mark.parametrize("case", DISKS)
def test_hostile_disks_are_refused_by_imports(
    way: tuple[Service, Path, str], workshop: Workshop, case: str
) -> None:
    service, _, plugins = way
    make, disk_format = DISKS[case]
    image, task = imported(service, make(workshop), disk_format=disk_format)
    assert task["status"] == "failure"
    assert task["message"] != "Internal error: the log of the service says more."
    assert image["status"] == ("queued" if CONVERT in plugins else "importing")
    assert (image["checksum"], service.stored()) == (None, [])
    remove(service, image["id"])


PACKED: Mapping[str, tuple[Make, str]] = {
    "a gzip bomb": (lambda _: zeros_in_gzip(12), "limit of 8388608 bytes"),
    "a zstd bomb": (lambda _: zeros_in_zstd(12), "limit of 8388608 bytes"),
    "a bomb in a zip": (lambda _: zipped(("x", bytes(12 * MIB))), "limit of 8388608 bytes"),
    "an endless list of contents": (lambda _: with_endless_contents(), "list of contents"),
    "a member outside": (lambda _: zipped(("../../x", b"1"), ("/etc/x", b"2")), "one file"),
    "half of it": (lambda _: gzip.compress(bytes(MIB))[:-20], "cannot be unpacked"),
    "a disk with a backing file": (
        lambda shop: gzip.compress(shop.backed_by_another()),
        "backing",
    ),
}


@pytest.mark.parametrize("case", PACKED)
def test_hostile_archives_are_refused_by_who_unpacks_them(
    way: tuple[Service, Path, str], workshop: Workshop, case: str
) -> None:
    service, _, plugins = way
    make, cause = PACKED[case]
    image, task = imported(service, make(workshop))
    if UNPACK in plugins:
        assert task["status"] == "failure"
        assert cause in task["message"] or "qcow2" in task["message"]
        assert service.stored() == []
    else:
        # To everybody else it is a disk like any other.
        assert task["status"] == "success", task["message"]
    remove(service, image["id"])


def test_what_is_packed_many_times_is_unpacked_once(way: tuple[Service, Path, str]) -> None:
    service, _, plugins = way
    image, task = imported(service, nested(50))
    assert task["status"] == "success", task["message"]
    assert image["size"] == len(nested(49 if UNPACK in plugins else 50))
    remove(service, image["id"])


def test_tables_without_an_end_are_no_burden(
    way: tuple[Service, Path, str], workshop: Workshop
) -> None:
    service, _, plugins = way
    image, task = imported(service, greedy_tables(workshop), disk_format="qcow2")
    # Only who opens the disk notices: qemu-img is given little time and memory.
    assert task["status"] == ("failure" if CONVERT in plugins else "success")
    remove(service, image["id"])

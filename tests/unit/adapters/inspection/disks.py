"""Disks of all formats, made by the tools that others make them with."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

MIB = 1 << 20
VIRTUAL_SIZE = 3 * MIB

_OPTIONS = {
    "qcow2": ("-O", "qcow2"),
    "qcow2, of old": ("-O", "qcow2", "-o", "compat=0.10"),
    "vdi": ("-O", "vdi"),
    "vhdx": ("-O", "vhdx"),
    "vhd": ("-O", "vpc", "-o", "subformat=dynamic,force_size=on"),
    "vhd, fixed": ("-O", "vpc", "-o", "subformat=fixed,force_size=on"),
    "vmdk": ("-O", "vmdk", "-o", "subformat=monolithicSparse"),
    "vmdk, for streams": ("-O", "vmdk", "-o", "subformat=streamOptimized"),
    "qed": ("-O", "qed"),
    "raw": ("-O", "raw"),
}


def run(tool: str, *arguments: str) -> None:
    """Run a tool of the machine; without it the test fails where all must run, else is skipped."""
    if shutil.which(tool) is None:
        told = f"{tool} is not installed: apt-get install qemu-utils xorriso"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    subprocess.run([tool, *arguments], check=True, capture_output=True)


def luks() -> bytes:
    """Return an encrypted disk; qemu-img makes none where it cannot measure its own speed.

    Source: LUKS1 On-Disk Format Specification, figure 1.
    """
    payload_at = 4096
    names = (b"aes", b"xts-plain64", b"sha256")
    header = struct.pack(">6sH32s32s32sI", b"LUKS\xba\xbe", 1, *names, payload_at // 512)
    return header.ljust(payload_at, b"\0") + b"\xa5" * VIRTUAL_SIZE


def with_odd_boot_sector() -> bytes:
    """Return a disk whose partition table has a boot flag that is neither on nor off."""
    entry = bytes([0x12, 0, 2, 0, 0x83, 0, 0, 0]) + struct.pack("<II", 1, 2047)
    sector = b"\0" * 446 + entry.ljust(64, b"\0") + b"\x55\xaa"
    return sector.ljust(MIB, b"\0")


class Workshop:
    """Makes disks in a directory, each kind once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, bytes] = {}
        self._source = folder / "source.raw"
        self._source.write_bytes(self.content())

    @staticmethod
    def content() -> bytes:
        """Return what is on every disk: no partition table, no other format's header."""
        return (b"\0" * 1024 + b"text of a disk. " * 4096).ljust(VIRTUAL_SIZE, b"\0")

    def disk(self, kind: str) -> bytes:
        """Return a disk of that kind, with a virtual size of 3 MiB."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _make(self, kind: str) -> bytes:
        if kind == "iso":
            return self.iso()
        if kind == "luks":
            return luks()
        file = self._folder / "disk"
        run("qemu-img", "convert", "-f", "raw", str(self._source), *_OPTIONS[kind], str(file))
        return file.read_bytes()

    def created(self, name: str, *arguments: str) -> bytes:
        """Return what `qemu-img create` makes of these arguments."""
        file = self._folder / name
        run("qemu-img", "create", *arguments[:-1], str(file), arguments[-1])
        return file.read_bytes()

    def backed_by_another(self) -> bytes:
        """Return a qcow2 disk whose content is partly in another file."""
        backing = ("-b", str(self._source), "-F", "raw")
        return self.created("backed.qcow2", "-f", "qcow2", *backing, str(VIRTUAL_SIZE))

    def with_data_elsewhere(self) -> bytes:
        """Return a qcow2 disk whose content is in another file."""
        elsewhere = ("-o", f"data_file={self._folder / 'data.raw'}")
        return self.created("elsewhere.qcow2", "-f", "qcow2", *elsewhere, str(VIRTUAL_SIZE))

    def flat_descriptor(self) -> bytes:
        """Return the text that names the file which a flat vmdk disk is in."""
        flat = ("-o", "subformat=monolithicFlat")
        return self.created("flat.vmdk", "-f", "vmdk", *flat, str(VIRTUAL_SIZE))

    def iso(self, *options: str) -> bytes:
        """Return a small CD."""
        folder = self._folder / "cd"
        folder.mkdir(exist_ok=True)
        (folder / "read.me").write_text("hello", encoding="ascii")
        file = self._folder / "cd.iso"
        run("xorriso", "-as", "mkisofs", "-quiet", *options, "-o", str(file), str(folder))
        return file.read_bytes()

    def iso_with_partitions(self) -> bytes:
        """Return a CD that is a disk with a partition table as well."""
        partition = self._folder / "partition"
        partition.write_bytes(b"\0" * MIB)
        appended = ("-append_partition", "2", "0xef", str(partition), "-appended_part_as_gpt")
        return self.iso(*appended)

"""Packed data, honest and otherwise, made on the spot."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping

from backports import zstd

MIB = 1 << 20


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def _entry(index: int) -> int:
    for _ in range(8):
        index = index >> 1 ^ 0xA001 * (index & 1)
    return index


_TABLE = [*map(_entry, range(256))]


def lha(data: bytes, name: bytes = b"disk.raw") -> bytes:
    """Return an lha file of one member that is stored as it is, with a header of level 0."""
    crc = _crc16(data)
    body = b"-lh0-" + struct.pack("<IIIBB", len(data), len(data), 0, 0x20, 0)
    body += bytes([len(name)]) + name + struct.pack("<H", crc)
    return bytes([len(body), sum(body) & 0xFF]) + body + data + b"\0"


PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": lambda data: zipped(("disk.raw", data)),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
    "lha": lha,
}


def zeros_in_gzip(mib: int) -> bytes:
    """Return a gzip file of so many MiB of zeros: a thousandth of that."""
    return b"".join(_streamed(zlib.compressobj(9, zlib.DEFLATED, 31), mib))


def zeros_in_zstd(mib: int) -> bytes:
    """Return a zstd file of so many MiB of zeros: next to nothing."""
    return b"".join(_streamed(zstd.ZstdCompressor(level=19), mib))


def _streamed(engine: "zlib._Compress | zstd.ZstdCompressor", mib: int) -> Iterator[bytes]:
    zeros = bytes(MIB)
    for _ in range(mib):
        yield engine.compress(zeros)
    yield engine.flush()


def nested(depth: int) -> bytes:
    """Return a gzip file in a gzip file in …, with a MiB of zeros in the innermost."""
    data = zeros_in_gzip(1)
    for _ in range(depth):
        data = gzip.compress(data, mtime=0)
    return data


def with_endless_contents() -> bytes:
    """Return a zip file whose list of contents is said to take 3 GiB; it is a hole of 2 MiB."""
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, 2 * MIB, 0, 0)
    return b"PK\3\4".ljust(2 * MIB, b"\0") + end

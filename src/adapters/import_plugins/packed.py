"""Reading packed data, whoever packed it and whatever for: in bounded memory, a piece at a time."""

import bz2
import errno
import gzip
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import SEEK_END, BytesIO, FileIO
from pathlib import Path
from typing import Any, Final, Protocol

from tintype.domain.errors import FormatMismatch

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE: Final = 1 << 20
XZ_MEMORY: Final = 192 << 20
"""Bytes that unpacking xz may take; its strongest preset needs a third of that."""
ZSTD_WINDOW_LOG: Final = 27
"""Bits of the largest window of zstd, which its strongest level has."""
LHA_MEMBER: Final = 256 << 20
"""Bytes of the largest lha member: its library unpacks into memory."""

_MAGIC: Final = 24
_BLOCK: Final = bytes.fromhex("314159265359")
_NO_BLOCK: Final = bytes.fromhex("177245385090")


class Unpacked(Protocol):
    """What comes out."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""


def kind_of(path: Path) -> str | None:
    """Tell by its first bytes how a file is packed; None if it is not."""
    with path.open("rb") as file:
        head = file.read(_MAGIC)
    return next((kind for kind, fits in _TELL.items() if fits(head)), None)


_TELL: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "gzip": lambda head: head.startswith(b"\x1f\x8b\x08"),
    "zip": lambda head: head.startswith((b"PK\x03\x04", b"PK\x05\x06")),
    # Three letters alone may begin anything; a block or the end of the stream follows.
    "bz2": lambda head: head.startswith(b"BZh") and head[4:10] in (_BLOCK, _NO_BLOCK),
    "xz": lambda head: head.startswith(b"\xfd7zXZ\0"),
    "zstd": lambda head: head.startswith(b"\x28\xb5\x2f\xfd"),
    "lha": lambda head: head[2:4] == b"-l" and head[6:7] == b"-" and _has_lha(),
}


def _has_lha() -> bool:
    try:
        import lhafile  # noqa: F401
    except ImportError:
        return False
    return True


@contextmanager
def unpacking(kind: str, path: Path) -> Iterator[Unpacked]:
    """Open a packed file.

    Raises:
        FormatMismatch: in here or in the block, it is broken, or holds more than one file.
    """
    try:
        with path.open("rb", buffering=0) as file:
            yield _OPEN[kind](file)
    except OSError as error:
        # zipfile seeks to wherever an archive says that something is.
        if error.errno != errno.EINVAL and not isinstance(error, gzip.BadGzipFile):
            raise
        raise _refusal(kind, error) from error
    except (
        *(EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
        *(ValueError, NotImplementedError, RuntimeError, _Broken),
    ) as error:
        raise _refusal(kind, error) from error


def _refusal(kind: str, error: Exception) -> FormatMismatch:
    told = str(error) or "it ends too early"
    return FormatMismatch(f"The data is packed as {kind}, but cannot be unpacked: {told}.")


class _Broken(Exception):
    """Packed data is not as it should be."""


class _Chain:
    """The streams of a file one after the other, as far as `make` makes decompressors."""

    def __init__(self, file: FileIO, make: Callable[[], Any]) -> None:
        self._file = file
        self._make = make
        self._engine = make()

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        packed = b""
        while True:
            if self._engine.eof and not self._next():
                return b""
            if self._engine.needs_input and not packed:
                packed = self._file.read(1 << 16)
                if not packed:
                    raise _Broken("it ends too early")
            try:
                piece: bytes = self._engine.decompress(packed, size)
            except (OSError, zstd.ZstdError) as error:
                raise _Broken("it is damaged") from error
            packed = b""
            if piece:
                return piece

    def _next(self) -> bool:
        """Begin the next stream; what follows the last one may be padding."""
        rest = self._engine.unused_data.lstrip(b"\0")
        while not rest:
            rest = self._file.read(1 << 16)
            if not rest:
                return False
            rest = rest.lstrip(b"\0")
        self._file.seek(-len(rest), 1)
        self._engine = self._make()
        return True


def _open_bz2(file: FileIO) -> Unpacked:
    return _Chain(file, bz2.BZ2Decompressor)


def _open_xz(file: FileIO) -> Unpacked:
    return _Chain(file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY))


def _open_gzip(file: FileIO) -> Unpacked:
    return gzip.GzipFile(fileobj=file, mode="rb")


def _open_zstd(file: FileIO) -> Unpacked:
    bounds = {int(zstd.DecompressionParameter.window_log_max): ZSTD_WINDOW_LOG}
    return _Chain(file, lambda: zstd.ZstdDecompressor(options=bounds))


def _open_zip(file: FileIO) -> Unpacked:
    archive = zipfile.ZipFile(_Sparing(file))
    members = archive.infolist()
    if len(members) != 1 or members[0].is_dir():
        raise _Broken(f"it must hold one file and nothing else, not {len(members)} entries")
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Those of the others are unpacked into memory.
        raise _Broken("its file must be stored or deflated")
    # The name of the member is never looked at.
    return archive.open(members[0])


class _Sparing:
    """A file of which nobody reads much at a time, as a list of contents might ask."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        if size < 0:
            here = self._file.tell()
            size = self._file.seek(0, SEEK_END) - here
            self._file.seek(here)
        if size > PIECE:
            raise _Broken("its list of contents is too long")
        return self._file.read(size)


def _open_lha(file: FileIO) -> Unpacked:
    import lhafile

    try:
        archive = lhafile.Lhafile(file)
        members = archive.infolist()
        if len(members) == 1 and members[0].file_size <= LHA_MEMBER:
            return BytesIO(archive.read(members[0].filename))
    except Exception as error:
        # The library fails in many ways on what is no such archive.
        raise _Broken("it is damaged") from error
    raise _Broken(f"it must hold one file of at most {LHA_MEMBER} bytes and nothing else")


_OPEN: Final[Mapping[str, Callable[[FileIO], Unpacked]]] = {
    "gzip": _open_gzip,
    "zip": _open_zip,
    "bz2": _open_bz2,
    "xz": _open_xz,
    "zstd": _open_zstd,
    "lha": _open_lha,
}

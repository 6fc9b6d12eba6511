"""The format inspector of oslo.utils behind our port."""

import logging
from collections.abc import Collection
from pathlib import Path
from typing import IO, Final, cast

from oslo_utils.imageutils.format_inspector import (
    FileInspector,
    ImageFormatError,
    InspectWrapper,
    SafetyCheckFailed,
)

from tintype.domain.errors import FormatMismatch
from tintype.domain.ports.format_inspector import Inspected, Inspection

LOG = logging.getLogger(__name__)
PIECE: Final = 1 << 20

DETECTABLE = frozenset({"qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso", "gpt", "luks"})
"""Disk formats that bytes can be held to."""

KERNELS_AND_RAMDISKS = frozenset({"ami", "ari", "aki", "ploop"})
"""Disk formats that no header tells; boot sectors look like partition tables."""

SIZED_BY_BYTES = frozenset({"luks", "qed"})
"""Formats whose virtual size the library derives from the bytes it was fed: feed it all."""


class _CurrentPiece:
    """The source that the library reads from: the piece that is passing."""

    piece: bytes = b""

    def read(self, size: int = -1) -> bytes:
        return self.piece


class StreamInspection:
    """One stream of a bare image under examination; unless `required`, it may be mislabelled."""

    def __init__(
        self, disk_format: str, nonfatal_gpt_checks: Collection[str], *, required: bool = True
    ) -> None:
        self._declared = disk_format
        self._required = required
        self._nonfatal = frozenset(nonfatal_gpt_checks)
        if disk_format in ("aki", "ari"):
            self._nonfatal |= {"mbr"}
        self._passing = _CurrentPiece()
        expected = disk_format if disk_format in DETECTABLE and required else None
        self._wrapper = InspectWrapper(cast(IO[bytes], self._passing), expected_format=expected)
        self.satisfied = False

    def feed(self, piece: bytes | memoryview) -> None:
        """Look at the next bytes.

        Raises:
            FormatMismatch: they cannot be what was declared.
        """
        if self.satisfied:
            return
        self._passing.piece = bytes(piece)
        try:
            self._wrapper.read(len(piece))
            formats = self._wrapper.formats
        except Exception as error:
            # The library's parsers fail in many ways on hostile headers, and a stream that
            # its own format's parser cannot read is not of that format.
            raise FormatMismatch(self._mismatch(str(error))) from error
        if formats is not None:
            self.satisfied = not any(found.NAME in SIZED_BY_BYTES for found in formats)

    def finish(self, size: int) -> Inspected:
        """Say what the stream of `size` bytes was.

        Raises:
            FormatMismatch: it is not what was declared, or is unsafe.
        """
        found = self._safe_format()
        if self._declared == "raw":
            return Inspected("raw", size or None)
        if self._declared == found.NAME:
            return Inspected(found.NAME, self._virtual_size(found))
        untold = ("raw", "gpt") if self._declared in KERNELS_AND_RAMDISKS else ("raw",)
        if self._declared in DETECTABLE or found.NAME not in untold:
            problem = self._mismatch(f"it looks like {found.NAME}")
            if self._required:
                raise FormatMismatch(problem)
            LOG.warning("Taken all the same: %s", problem)
        return Inspected(self._declared, None)

    def detected(self) -> str:
        """Say what the stream was, whatever was declared.

        Raises:
            FormatMismatch: it is unsafe, or may be taken for several formats.
        """
        return str(self._safe_format().NAME)

    def _safe_format(self) -> FileInspector:
        self._wrapper.close()
        found = self._single_format()
        self._check_safety(found)
        return found

    def _single_format(self) -> FileInspector:
        found = {each.NAME: each for each in self._wrapper.formats or []}
        if found.keys() == {"iso", "gpt"}:
            # A bootable ISO carries a partition table (images-api §8.1).
            return found["iso"]
        if len(found) != 1:
            several = ", ".join(sorted(found))
            raise FormatMismatch(self._mismatch(f"it looks like several formats: {several}"))
        return next(iter(found.values()))

    def _check_safety(self, found: FileInspector) -> None:
        if found.NAME == "raw":
            return
        try:
            found.safety_check()
        except SafetyCheckFailed as error:
            fatal = set(error.failures)
            if found.NAME == "gpt":
                fatal -= self._nonfatal
            if fatal:
                told = ", ".join(sorted(fatal))
                raise FormatMismatch(
                    f"Image content failed the safety check of {found.NAME}: {told}."
                ) from error
        except ImageFormatError as error:
            raise FormatMismatch(self._mismatch(str(error))) from error

    def _mismatch(self, reason: str) -> str:
        return (
            f"Image content does not match disk_format '{self._declared}': {reason}. "
            "Set disk_format to what the file is, or upload another file."
        )

    @staticmethod
    def _virtual_size(found: FileInspector) -> int | None:
        virtual_size = found.virtual_size
        return virtual_size if virtual_size > 0 else None


class Unexamined:
    """A stream that nobody looks at."""

    satisfied = True

    def __init__(self, disk_format: str) -> None:
        self._declared = disk_format

    def feed(self, piece: bytes | memoryview) -> None:
        """Let it pass."""

    def finish(self, size: int) -> Inspected:
        """Believe what was declared."""
        return Inspected(self._declared, None)


class OsloInspector:
    """Examines bare images; others are archives, whose content the formats do not describe.

    What is unsafe is refused even where labels are not `required` to be right.
    """

    def __init__(self, *, required: bool, nonfatal_gpt_checks: Collection[str] = ()) -> None:
        self._required = required
        self._nonfatal = nonfatal_gpt_checks

    def detect(self, path: Path) -> str:
        """Return the name of the format of a file, `raw` for none that is known."""
        inspection = StreamInspection("raw", self._nonfatal)
        with path.open("rb", buffering=0) as file:
            while not inspection.satisfied and (piece := file.read(PIECE)):
                inspection.feed(piece)
        return inspection.detected()

    def begin(self, disk_format: str, container_format: str) -> Inspection:
        """Start on a stream that is declared to be of these formats."""
        if container_format != "bare":
            return Unexamined(disk_format)
        return StreamInspection(disk_format, self._nonfatal, required=self._required)

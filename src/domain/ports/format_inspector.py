"""Looking at bytes as they pass: what are they, and are they safe?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the bytes turned out to be; `virtual_size` in bytes, None when not to be known."""

    format: str
    virtual_size: int | None


class Inspection(Protocol):
    """One stream under examination; fed by one thread."""

    @property
    def satisfied(self) -> bool:
        """Whether more bytes cannot change the result, so that feeding may stop."""

    def feed(self, piece: bytes | memoryview) -> None:
        """Look at the next bytes.

        Raises:
            FormatMismatch: they cannot be what was declared.
        """

    def finish(self, size: int) -> Inspected:
        """Say what the stream of `size` bytes was.

        Raises:
            FormatMismatch: it is not what was declared, or is unsafe.
        """


class FormatInspector(Protocol):
    """Examines images as images-api §8.1 asks."""

    def begin(self, disk_format: str, container_format: str) -> Inspection:
        """Start on a stream that is declared to be of these formats."""


class FormatDetector(Protocol):
    """Says what a file is, whatever was declared of it."""

    def detect(self, path: Path) -> str:
        """Return the name of the format, `raw` for none that it knows.

        Raises:
            FormatMismatch: it is unsafe, or may be taken for several formats.
        """

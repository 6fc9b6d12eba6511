"""Unpacking images that were sent packed (import-and-tasks §12)."""

from typing import ClassVar, Final

from oslo_config import cfg

from tintype.adapters.import_plugins.packed import PIECE, Unpacked, kind_of, unpacking
from tintype.adapters.import_plugins.plugin import Options, Tools
from tintype.domain.errors import FormatMismatch, ImageTooLarge
from tintype.domain.ports.import_plugin import Draft
from tintype.domain.ports.workbench import Sink

GROUP: Final = "image_decompression"
HARMLESS: Final = 1 << 30
"""Bytes that any file may unpack to: small ones of a single value expand a thousandfold."""


class Decompression:
    """Unpacks what gzip, zip, bzip2, xz, zstd or lha packed, by the first bytes of the data.

    Images whose container_format is `compressed` are to stay so.
    """

    OPTIONS: ClassVar[Options] = (
        (
            GROUP,
            (
                cfg.IntOpt(
                    "max_ratio",
                    min=1,
                    default=250,
                    help="How many times its own size the plugin image_decompression lets data "
                    "unpack to, once that is more than 1 GiB.",
                ),
            ),
        ),
    )

    needs_data = True
    starts_over = False

    def __init__(self, max_ratio: int, harmless: int = HARMLESS) -> None:
        self._max_ratio = max_ratio
        self._harmless = harmless

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, tools: Tools) -> "Decompression":
        """Build it from `[image_decompression]`."""
        return cls(conf[GROUP].max_ratio)

    def __call__(self, draft: Draft) -> None:
        """Unpack the data, if it is packed; the names in it are of no consequence.

        Raises:
            FormatMismatch: it is broken, holds several files, or expands beyond reason.
            ImageTooLarge: no image may be so large.
        """
        assert draft.bench is not None  # it needs the data
        if draft.container_format == "compressed":
            return
        packed = draft.bench.data
        kind = kind_of(packed)
        if kind is None:
            return
        most = max(self._harmless, packed.stat().st_size * self._max_ratio)
        with unpacking(kind, packed) as source, draft.bench.filling("uc") as sink:
            self._move(draft, source, sink, most)
        draft.changed = True

    def _move(self, draft: Draft, source: Unpacked, sink: Sink, most: int) -> None:
        total = 0
        while piece := source.read(PIECE):
            total += len(piece)
            if total > draft.limit:
                raise ImageTooLarge(draft.limit)
            if total > most:
                raise FormatMismatch(
                    f"The data unpacks to more than {self._max_ratio} times its size: "
                    "send it unpacked."
                )
            sink.write(piece)
            draft.check()

"""Converting images into the one format that a site keeps (import-and-tasks §12)."""

import json
import logging
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from oslo_config import cfg

from tintype.adapters.import_plugins import child
from tintype.adapters.import_plugins.plugin import Names, Options, Tools
from tintype.domain.errors import BadConfiguration, FormatMismatch, ImageTooLarge
from tintype.domain.ports.format_inspector import FormatDetector
from tintype.domain.ports.import_plugin import Draft

LOG = logging.getLogger(__name__)
GROUP: Final = "image_conversion"
TARGETS: Final = ("qcow2", "raw", "vmdk")

ARCHIVES: Final = frozenset({"compressed", "ova", "ovf", "docker"})
"""Container formats that are not looked into."""

LEFT_ALONE: Final = frozenset({"ami", "ari", "aki", "ploop"})
"""Disk formats that no program knows by their bytes: kernels, ramdisks and their like."""

MIB: Final = 1 << 20
GIB: Final = 1 << 30
OVERHEAD: Final = 64 * MIB
"""Bytes that the tables of a format may add to a disk, beside one part in 64."""

INFO: Final = child.Bounds(cpu_s=2, wall_s=30, memory=GIB, file_size=16 * MIB)

_OF_QEMU: Final = {"vhd": "vpc", "gpt": "raw"}


class Conversion:
    """Lets `qemu-img` convert disks, once it is sure that they consist of themselves alone."""

    OPTIONS: ClassVar[Options] = (
        (
            GROUP,
            (
                cfg.StrOpt(
                    "output_format",
                    default="raw",
                    choices=TARGETS,
                    help="Disk format that the plugin image_conversion converts images to.",
                ),
                cfg.IntOpt(
                    "timeout",
                    min=1,
                    default=3600,
                    help="Seconds that one conversion may take.",
                ),
                cfg.IntOpt(
                    "cpu_time",
                    min=1,
                    default=1800,
                    help="Seconds of processor time that one conversion may take.",
                ),
                cfg.IntOpt(
                    "memory",
                    min=256,
                    default=2048,
                    help="MiB of address space that one conversion may take.",
                ),
            ),
        ),
        (
            "image_format",
            (
                cfg.Opt(
                    "vmdk_allowed_types",
                    type=Names(),
                    default=["streamOptimized", "monolithicSparse"],
                    help="Create-types of vmdk disks that the plugin image_conversion converts.",
                ),
            ),
        ),
        (
            "wsgi",
            (
                cfg.StrOpt(
                    "python_interpreter",
                    help="Python that sets the limits of programs such as qemu-img. Unset: the "
                    "one that runs the service.",
                ),
            ),
        ),
    )

    needs_data = True
    starts_over = True

    def __init__(
        self,
        detector: FormatDetector,
        qemu: "QemuImg",
        target: str,
        vmdk_allowed_types: Collection[str],
    ) -> None:
        self._detector = detector
        self._qemu = qemu
        self._target = target
        self._vmdk_allowed_types = frozenset(vmdk_allowed_types)

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, tools: Tools) -> "Conversion":
        """Build it from `[image_conversion]`.

        Raises:
            BadConfiguration: there is no qemu-img.
        """
        values = conf[GROUP]
        program = shutil.which("qemu-img")
        if program is None:
            raise BadConfiguration(
                "[image_import_opts] image_import_plugins",
                "image_conversion needs the program qemu-img: install qemu-utils.",
            )
        qemu = QemuImg(
            program,
            child.Bounds(values.cpu_time, values.timeout, values.memory * MIB, 0),
            conf.wsgi.python_interpreter,
        )
        return cls(tools.detector, qemu, values.output_format, conf.image_format.vmdk_allowed_types)

    def __call__(self, draft: Draft) -> None:
        """Convert the data, unless it is of the target's format already, or no disk.

        Raises:
            FormatMismatch: it is not what was declared, unsafe, or cannot be converted.
            ImageTooLarge, StorageFull: the result would not fit.
        """
        assert draft.bench is not None  # it needs the data
        if draft.container_format in ARCHIVES:
            return
        found = self._found(draft, draft.bench.data)
        if found is None:
            return
        disk = self._examined(draft, found)
        if found != self._target:
            self._convert(draft, found, disk)
            draft.disk_format, draft.container_format = self._target, "bare"
            draft.changed = True

    def _found(self, draft: Draft, path: Path) -> str | None:
        """Return the format of a disk; None if it is none to convert."""
        detected = self._detector.detect(path)
        found = "raw" if detected == "gpt" else detected
        if draft.disk_format in LEFT_ALONE and found == "raw":
            return None
        if found != draft.disk_format:
            raise FormatMismatch(
                f"disk_format is {draft.disk_format}, but the data is {found}: "
                "set disk_format to what the file is, or send another file."
            )
        return None if found == "iso" else found

    def _examined(self, draft: Draft, found: str) -> "Disk":
        assert draft.bench is not None  # it needs the data
        disk = self._qemu.info(found, draft.bench.data, draft.check)
        disk.require_self_contained(found, draft.bench.data, self._vmdk_allowed_types)
        if disk.virtual_size > draft.limit:
            raise ImageTooLarge(draft.limit)
        return disk

    def _convert(self, draft: Draft, found: str, disk: "Disk") -> None:
        bench = draft.bench
        assert bench is not None  # it needs the data
        bench.require_room(disk.virtual_size)
        source = bench.data
        with bench.beside(self._target) as result:
            self._qemu.convert(found, source, self._target, result, disk, draft.check)
            detected = self._detector.detect(result)
            if ("raw" if detected == "gpt" else detected) != self._target:
                raise FormatMismatch(
                    f"The data, converted to {self._target}, is {detected}: it would be unsafe."
                )


@dataclass(frozen=True)
class Disk:
    """What qemu-img says of a disk; `virtual_size` in bytes."""

    format: str
    virtual_size: int
    facts: Mapping[str, Any] = field(repr=False)

    def require_self_contained(
        self, expected: str, path: Path, vmdk_allowed_types: Collection[str]
    ) -> None:
        """Refuse disks that read other files, or are not of the format that was detected.

        Raises:
            FormatMismatch: it is such a disk.
        """
        if self.format != _OF_QEMU.get(expected, expected):
            raise FormatMismatch(f"The data looks like {expected}, but also like {self.format}.")
        own = _mapping(_mapping(self.facts.get("format-specific")).get("data"))
        if self.facts.get("backing-filename") or self.facts.get("full-backing-filename"):
            raise FormatMismatch("The data has a backing file: send a disk that has none.")
        if own.get("data-file") or own.get("data-file-raw"):
            raise FormatMismatch("The data is in another file: send a disk that holds it itself.")
        if expected == "vmdk":
            self._require_allowed(own, path, vmdk_allowed_types)

    def _require_allowed(
        self, own: Mapping[str, Any], path: Path, allowed: Collection[str]
    ) -> None:
        kind = own.get("create-type")
        if kind not in allowed:
            raise FormatMismatch(
                f"The vmdk disk is of type {kind}: allowed are {_joined(allowed)}."
            )
        extents = own.get("extents") or []
        if any(_mapping(extent).get("filename") != str(path) for extent in extents):
            raise FormatMismatch("The vmdk disk is in another file: send one that holds its data.")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _joined(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"


class QemuImg:
    """The program, always told which format a file has: it must not guess."""

    def __init__(self, program: str, bounds: child.Bounds, interpreter: str | None) -> None:
        self._program = program
        self._bounds = bounds
        self._interpreter = interpreter

    def info(self, found: str, path: Path, check: Callable[[], None]) -> Disk:
        """Ask what is to be known of a disk without reading it.

        Raises:
            FormatMismatch: it cannot be told.
        """
        name = _OF_QEMU.get(found, found)
        said = self._run("looked at", ("info", "-f", name, "--output=json"), (path,), INFO, check)
        try:
            facts = json.loads(said)
            return Disk(str(facts["format"]), int(facts["virtual-size"]), facts)
        except (ValueError, KeyError, TypeError) as error:
            raise FormatMismatch("The data cannot be looked at: it has too many parts.") from error

    def convert(
        self,
        found: str,
        source: Path,
        target: str,
        result: Path,
        disk: Disk,
        check: Callable[[], None],
    ) -> None:
        """Write a disk anew in another format.

        Raises:
            FormatMismatch: it cannot be done, or not within bounds.
        """
        bounds = child.Bounds(
            self._bounds.cpu_s,
            self._bounds.wall_s,
            self._bounds.memory,
            disk.virtual_size + disk.virtual_size // 64 + OVERHEAD,
        )
        formats = ("-f", _OF_QEMU.get(found, found), "-O", target)
        self._run("converted", ("convert", *formats), (source, result), bounds, check)

    def _run(
        self,
        verb: str,
        arguments: Collection[str],
        paths: Collection[Path],
        bounds: child.Bounds,
        check: Callable[[], None],
    ) -> str:
        command = [self._program, *arguments, *map(str, paths)]
        try:
            return child.run(command, bounds, check, self._interpreter)
        except child.Failed as error:
            # What qemu says may name files of this host.
            LOG.info("qemu-img: %s", error)
            raise FormatMismatch(f"The data cannot be {verb}: {_without(paths, error)}.") from error


def _without(paths: Collection[Path], error: Exception) -> str:
    told = str(error)
    for path in paths:
        told = told.replace(str(path), "the data")
    return told.removeprefix("qemu-img: ").rstrip(".")

"""What a tree of processes uses, as /proc tells it (proc(5))."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _USED = 1, slice(11, 15)
"""Fields of /proc/pid/stat after the name: parent; user, system, and both of reaped children."""


def _fields(pid: int) -> list[str]:
    # The name may hold spaces and parentheses: count from its end.
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def tree_of(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                parent = int(_fields(int(entry.name))[_PARENT])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_s(root: int) -> float:
    """Return the processor seconds that a tree of processes has used so far."""
    ticks = 0
    for pid in tree_of(root):
        try:
            ticks += sum(map(int, _fields(pid)[_USED]))
        except OSError:
            continue
    return ticks / _TICKS_PER_S


def memory(root: int) -> int:
    """Return the resident bytes of a tree, pages that several share counted once."""
    kibibytes = 0
    for pid in tree_of(root):
        try:
            lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kibibytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kibibytes << 10


class MemoryPeak:
    """Looks at the memory of a tree again and again while a block runs; `bytes` is the most."""

    def __init__(self, root: int, interval_s: float = 0.05) -> None:
        self.bytes = 0
        self._root = root
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, memory(self._root))
            if self._stopping.wait(self._interval_s):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

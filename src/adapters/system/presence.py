"""Processes as Linux shows them in /proc."""

import os
import socket
from pathlib import Path
from typing import NamedTuple, Self

_PROC = Path("/proc")
_ENDED = frozenset("ZXx")
"""States of processes that run no more: zombie and dead (proc(5), /proc/pid/stat)."""


class ProcessName(NamedTuple):
    """What tells one process from all others, ever: `host/namespace/boot/pid/ticks`.

    A pid means something only within its host and pid namespace (by its inode). It is given
    out again after the process has ended, hence the start, in clock ticks since the boot.
    """

    host: str
    namespace: int
    boot: str
    pid: int
    start: int

    @classmethod
    def own(cls) -> Self:
        """Return the name of this process."""
        pid = os.getpid()
        return cls(
            socket.gethostname(),
            (_PROC / "self/ns/pid").stat().st_ino,
            (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip(),
            pid,
            ProcessState.of(pid).start,
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name as `str` writes it.

        Raises:
            ValueError: the text is no such name.
        """
        host, namespace, boot, pid, start = text.split("/")
        return cls(host, int(namespace), boot, int(pid), int(start))

    def __str__(self) -> str:
        return "/".join(str(part) for part in self)


class ProcessState(NamedTuple):
    """What /proc tells of a process there is."""

    letter: str
    start: int

    @classmethod
    def of(cls, pid: int) -> Self:
        """Read the state of a process.

        Raises:
            OSError: there is none, or it may not be seen.
        """
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        # The second field, the name of the program, may hold anything, spaces and
        # parentheses too: count from its end (proc(5)).
        fields = text.rpartition(")")[2].split()
        return cls(letter=fields[0], start=int(fields[19]))


class ProcessPresence:
    """Names this process, and knows of those of the same boot of a host and pid namespace.

    Safe between threads and across forks: a child finds its own name.
    """

    def __init__(self) -> None:
        self._named: tuple[int, ProcessName] | None = None

    @property
    def holder(self) -> str:
        """The name under which this process holds leases, unlike that of any other, ever."""
        return str(self._own_name())

    def is_dead(self, holder: str) -> bool:
        """Tell whether that process is known to have ended; False when in doubt."""
        own = self._own_name()
        try:
            other = ProcessName.parse(holder)
        except ValueError:
            return False
        # Of another boot it may be another machine of the same name (they do occur), at work.
        there = (other.host, other.namespace, other.boot)
        if there != (own.host, own.namespace, own.boot) or other.pid <= 0:
            return False
        return _has_ended(other)

    def _own_name(self) -> ProcessName:
        pid = os.getpid()
        named = self._named
        if named is None or named[0] != pid:
            self._named = named = (pid, ProcessName.own())
        return named[1]


def _has_ended(process: ProcessName) -> bool:
    # /proc may hide the processes of others (hidepid), the null signal does not: only it can
    # tell that there is none.
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    except OverflowError:
        return False
    try:
        state = ProcessState.of(process.pid)
    except OSError:
        return False
    return state.start != process.start or state.letter in _ENDED

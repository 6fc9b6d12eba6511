"""Programs that read what strangers sent: held to limits, cut off from the network, and watched."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Final

ANSWER: Final = 1 << 20
"""Bytes of the longest answer that is read."""

_GLANCE_S: Final = 0.2
_ISOLATED: Final = ("/usr/bin/unshare", "--map-root-user", "--net", "--")


@dataclass(frozen=True)
class Bounds:
    """What one run of a program may take; sizes in bytes."""

    cpu_s: int
    wall_s: float
    memory: int
    file_size: int


class Failed(Exception):
    """The program did not do what it was asked; the text says why, in its words or ours."""


def run(
    command: Sequence[str],
    bounds: Bounds,
    check: Callable[[], None],
    interpreter: str | None = None,
) -> str:
    """Run a program, given by its path, and return what it printed.

    `check` is called all the time; what it raises ends the program. `interpreter` is the Python
    that sets the limits.

    Raises:
        Failed: it ended badly, complained, or ran into a limit.
    """
    limits = (
        *(f"--cpu={bounds.cpu_s}", f"--as={bounds.memory}", f"--fsize={bounds.file_size}"),
        "--core=0",
    )
    limited = [interpreter or sys.executable, "-m", "oslo_concurrency.prlimit", *limits, "--"]
    with TemporaryFile() as out, TemporaryFile() as complaints:
        with subprocess.Popen(
            [*limited, *_apart(), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=complaints,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
        ) as process:
            status = _watched(process, bounds.wall_s, check)
        said = _text(complaints)
        if status != 0 or said:
            raise Failed(said.splitlines()[-1] if said else _ending(status))
        return _text(out)


def _watched(process: "subprocess.Popen[bytes]", wall_s: float, check: Callable[[], None]) -> int:
    end = monotonic() + wall_s
    try:
        while True:
            try:
                return process.wait(_GLANCE_S)
            except subprocess.TimeoutExpired:
                check()
            if monotonic() > end:
                raise Failed(f"it took longer than {wall_s:.0f} seconds")
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 9)
            process.wait()


def _ending(status: int) -> str:
    return f"it ended with {status}" if status > 0 else "it needs more than it may take"


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(ANSWER).decode(errors="replace").strip()


@cache
def _apart() -> Sequence[str]:
    """Return what to put before a command to take the network from it, where that is possible."""
    try:
        found = subprocess.run(
            [*_ISOLATED, "/bin/true"], capture_output=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _ISOLATED if found.returncode == 0 else ()

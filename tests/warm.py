"""Commands in processes that have imported their program already.

Importing takes most of the time of a command. `python -m tests.warm PROGRAM SOCKET` imports a
program that this environment has installed, and from then on a copy of it runs each command, in a
process of its own, that is asked for over the socket.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_ALSO = {
    "tintype": [
        *("tintype.entrypoints.container", "tintype.entrypoints.cli.serving"),
        *("tintype.entrypoints.http.wsgi", "gunicorn.workers.gthread"),
        # The schema is made by the one, and policies load the other.
        *("alembic.command", "requests"),
        *(f"tintype.adapters.stores.{kind}" for kind in ("cinder", "rbd", "s3", "swift", "vmware")),
    ]
}
"""What a program imports only when it is at it."""


def run(
    program: str,
    *arguments: object,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 120,
    at_terminal: bool = False,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, with nothing to read, or what nobody types `at_terminal`.

    Raises:
        subprocess.TimeoutExpired: it takes longer.
    """
    command = [program, *map(str, arguments)]
    asked = {
        **{"arguments": command, "env": dict(os.environ if env is None else env)},
        "at_terminal": at_terminal,
    }
    with socket.socket(socket.AF_UNIX) as line, contextlib.ExitStack() as files:
        printed = [files.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2)]
        line.settimeout(timeout_s)
        line.connect(_listening(program))
        socket.send_fds(line, [b"\n"], [file.fileno() for file in printed])
        line.sendall(json.dumps(asked).encode() + b"\n")
        answer = line.makefile()
        pid = int(answer.readline())
        try:
            status = answer.readline()
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, timeout_s) from None
        for file in printed:
            file.seek(0)
        out, err = (file.read() for file in printed)
        assert status, f"{command} was killed: {err}"
        return subprocess.CompletedProcess(command, int(status), out, err)


class Started:
    """A command that goes on until it is told to end, leader of a session and a group."""

    def __init__(self, program: str, *arguments: object, log: Path) -> None:
        asked = {"arguments": [program, *map(str, arguments)], "env": dict(os.environ)}
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_listening(program))
        with log.open("ab") as file:
            socket.send_fds(self._line, [b"\n"], [file.fileno()] * 2)
        self._line.sendall(json.dumps({**asked, "leads": True}).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self._line.recv(1)
        self.pid = int(answer)
        self._handle = os.pidfd_open(self.pid)
        self._status: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout_s: float | None = None) -> int:
        """Return the exit status when it has ended; one that was killed has -9.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self._status is None:
            ended, _, _ = select.select([self._handle], [], [], timeout_s)
            if not ended:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout_s or 0)
            # Processes that it left behind may have a copy of the line: do not wait for its end.
            self._line.setblocking(False)
            try:
                self._status = int(self._line.recv(8) or -signal.SIGKILL)
            except (BlockingIOError, ConnectionError):
                self._status = -signal.SIGKILL
            self._line.close()
            os.close(self._handle)
        return self._status


@cache
def _listening(program: str) -> str:
    """Start what runs the commands of a program, and return its socket."""
    folder = tempfile.TemporaryDirectory(prefix="tintype-warm-")
    path = f"{folder.name}/{program}"
    # It ends as soon as nobody can write to what it reads.
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm", program, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n", f"{program} cannot be imported"
    atexit.register(folder.cleanup)
    atexit.register(process.stdin.close)
    return path


def _serve(program: str, path: str) -> None:
    (script,) = entry_points(group="console_scripts", name=program)
    main = script.load()
    for module in _ALSO.get(program, []):
        __import__(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        print("ready", flush=True)
        while door in select.select([door, sys.stdin], [], [])[0]:
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _one(main, line)
            line.close()


def _one(main: Callable[[], Any], line: socket.socket) -> None:
    """Run the command that is asked for, and end this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, printed, _, _ = socket.recv_fds(line, 1, 2)
    asked = json.loads(line.makefile().readline())
    if asked.get("leads"):
        os.setsid()
    line.sendall(f"{os.getpid()}\n".encode())
    terminal = asked.get("at_terminal")
    os.dup2(os.openpty()[1] if terminal else os.open(os.devnull, os.O_RDONLY), 0)
    for place, file in zip((1, 2), printed, strict=True):
        os.dup2(file, place)
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = asked["arguments"]
    try:
        status = main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    line.sendall(str(status or 0).encode())
    os._exit(0)


if __name__ == "__main__":
    _serve(*sys.argv[1:])

"""The real service in processes of its own, for tests that meet it as its users do."""

import configparser
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

from tests import warm

PROGRAM = Path(sys.executable).with_name("tintype")
"""The command that the package installs beside the interpreter."""

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60

Options = Mapping[str, Mapping[str, object]]
"""Values of configuration options by section."""


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = 30) -> None:
    """Return as soon as the condition holds; it is looked at a hundred times a second.

    Raises:
        AssertionError: it did not come to hold in time.
    """
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"waited {timeout_s} s in vain: {what}"
        time.sleep(0.01)


def free_port() -> int:
    """Return a port that nobody listens on, outside of the range of outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def connects(port: int, address: str = "127.0.0.1") -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def run(*arguments: str, timeout_s: float = START_TIMEOUT_S) -> subprocess.CompletedProcess[str]:
    """Run the command `tintype` to its end."""
    return warm.run("tintype", *arguments, timeout_s=timeout_s)


class Service:
    """One installation with a directory of its own; it can be stopped and started at will.

    `options` override what suits a test: noauth on a free port of the loopback interface,
    SQLite and a file store in the state directory.
    """

    imported = True
    """Whether its processes are copies of one that has imported the program already."""

    def __init__(self, folder: Path, options: Options | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.state_dir = folder / "state"
        self.store_dir = self.state_dir / "images"
        self.config_file = folder / "tintype.conf"
        self.log_file = folder / "output.log"
        self._process: subprocess.Popen[bytes] | warm.Started | None = None
        self.configure(options or {})

    def configure(self, options: Options) -> None:
        """Write the configuration file, for the next start."""
        default = {"bind_port": self.port, **options.get("DEFAULT", {})}
        file = configparser.ConfigParser(interpolation=None)
        for section, values in {**options, "DEFAULT": default}.items():
            file[section] = {name: str(value) for name, value in values.items()}
        with self.config_file.open("w", encoding="utf-8") as lines:
            file.write(lines)

    # ------------------------------------------------------------------ start and end

    @property
    def address(self) -> str:
        """The address at which it serves."""
        return "127.0.0.1"

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://{self.address}:{self.port}"

    @property
    def command(self) -> Sequence[str]:
        """The command line that starts it."""
        arguments = ("serve", "--config-file", self.config_file, "--state-dir", self.state_dir)
        return [str(PROGRAM), *map(str, arguments)]

    def launch(self) -> None:
        """Start it without waiting for anything."""
        program, *arguments = self.command
        if self.imported and program == str(PROGRAM):
            self._process = warm.Started(PROGRAM.name, *arguments, log=self.log_file)
            return
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self) -> Self:
        """Start it and wait for its first answer.

        Raises:
            AssertionError: it ended, or did not answer in time; says what it printed.
        """
        self.launch()
        try:
            wait_until(self._answers, f"{self.url} answers", START_TIMEOUT_S)
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.output}") from None
        return self

    def _answers(self) -> bool:
        assert self._running.poll() is None, "the service ended instead of answering"
        if not connects(self.port, self.address):
            return False
        connection = HTTPConnection(self.address, self.port, timeout=START_TIMEOUT_S)
        try:
            connection.request("GET", "/healthcheck")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def _running(self) -> "subprocess.Popen[bytes] | warm.Started":
        assert self._process is not None, "the service was not started"
        return self._process

    def wait(self) -> int:
        """Return its exit status once it has ended of itself."""
        status = self._running.wait(STOP_TIMEOUT_S)
        self._process = None
        return status

    def interrupt(self) -> int:
        """Send Ctrl-C and return the exit status."""
        return self._end(signal.SIGINT)

    def stop(self) -> int:
        """End it in good order, if it runs, and return the exit status."""
        return 0 if self._process is None else self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self._running.send_signal(number)
        try:
            status = self._running.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{number.name} did not end the service\n{self.output}") from None
        self.kill()
        return status

    def kill(self) -> None:
        """`kill -9` all of its processes at once; those that ended already are no error."""
        group = self._running.pid
        if processes_of(group):
            os.killpg(group, signal.SIGKILL)
        self._running.wait()
        wait_until(lambda: not processes_of(group), "all processes are dead")
        self._process = None

    def __enter__(self) -> Self:
        """Start it, if it does not run already."""
        return self if self._process else self.start()

    def __exit__(self, *error: object) -> None:
        """End it."""
        self.stop()

    # ------------------------------------------------------------------ look inside

    @property
    def processes(self) -> Sequence[int]:
        """The ids of its living processes, the parent's first."""
        parent = self._running.pid
        return sorted(processes_of(parent), key=lambda pid: (pid != parent, pid))

    @property
    def workers(self) -> Sequence[int]:
        """The ids of the processes that serve requests."""
        return self.processes[1:]

    @property
    def resident_memory(self) -> int:
        """Bytes of memory that its processes hold; what they share is counted for each.

        Counting shares by their part would be nearer to the truth, if it did not depend on
        what else on the machine has the same libraries in memory.
        """
        return sum(map(_resident_memory, self.processes))

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def stored(self) -> set[str]:
        """The names of all files in the directory of the store."""
        return set(os.listdir(self.store_dir))


class TaskWorker(Service):
    """A process that works on the tasks of a service, with its configuration."""

    def __init__(self, service: Service, name: str) -> None:
        self.config_file = service.config_file
        self.state_dir = service.state_dir
        self.store_dir = service.store_dir
        self.port = service.port
        self.log_file = service.config_file.parent / f"{name}.log"
        self._process: subprocess.Popen[bytes] | warm.Started | None = None

    @property
    def command(self) -> Sequence[str]:
        """The command line that starts it."""
        arguments = ("worker", "--config-file", self.config_file, "--state-dir", self.state_dir)
        return [str(PROGRAM), *map(str, arguments)]

    def _answers(self) -> bool:
        assert self._running.poll() is None, "the worker ended instead of working"
        return "works on tasks" in self.output[self._seen :]

    def launch(self) -> None:
        """Start it without waiting for anything."""
        self._seen = len(self.output) if self.log_file.exists() else 0
        super().launch()


def processes_of(group: int) -> Sequence[int]:
    """Return the ids of the processes of a process group that still run."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                text = Path("/proc", entry, "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            # The name of the program may hold anything: count from its end (proc(5)).
            state, _parent, process_group = text.rpartition(")")[2].split()[:3]
            if int(process_group) == group and state not in "ZXx":
                found.append(int(entry))
    return found


def _resident_memory(pid: int) -> int:
    try:
        text = Path("/proc", str(pid), "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0  # it has just ended
    match = re.search(r"^Rss:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) << 10 if match else 0

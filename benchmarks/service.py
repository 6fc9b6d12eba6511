"""The service under measurement: one that runs already, or one started for the purpose."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.client import Connection
from benchmarks.seeding import seed

START_S = 60


@dataclass(frozen=True)
class Service:
    """Where the service is, and the process that it descends from.

    `start_s` are the seconds from its start to its first answer; None if it ran already.
    """

    url: str
    pid: int
    start_s: float | None = None

    def cpu_s(self) -> float:
        """Return the processor seconds that it has used so far."""
        return processes.cpu_s(self.pid)

    def memory(self) -> int:
        """Return its resident bytes."""
        return processes.memory(self.pid)


@dataclass(frozen=True)
class Setup:
    """How to start a service; without `database` it is SQLite in the temporary directory."""

    images: int
    workers: int
    threads: int
    database: str | None = None


@contextmanager
def started(setup: Setup) -> Iterator[Service]:
    """Start a service with a seeded catalogue in a temporary directory, and end it after."""
    with tempfile.TemporaryDirectory(prefix="tintype-bench-") as folder:
        directory = Path(folder)
        port = _free_port()
        config = directory / "tintype.conf"
        config.write_text(_configuration(setup, port))
        tintype = [str(Path(sys.executable).with_name("tintype"))]
        options = ["--config-file", str(config), "--state-dir", str(directory / "state")]
        subprocess.run([*tintype, "db", "upgrade", *options], check=True, capture_output=True)
        seed(setup.database or f"sqlite:///{directory}/state/tintype.sqlite", setup.images)
        with (directory / "log").open("wb") as log:
            began = time.monotonic()
            process = subprocess.Popen([*tintype, "serve", *options], stdout=log, stderr=log)
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_for(url, process, directory / "log")
                yield Service(url, process.pid, time.monotonic() - began)
            finally:
                process.terminate()
                process.wait()


def _configuration(setup: Setup, port: int) -> str:
    lines = [
        "[DEFAULT]",
        "auth_strategy = trusted_headers",
        f"bind_port = {port}",
        f"workers = {setup.workers}",
        f"threads = {setup.threads}",
        # Events go to the log at INFO, a line for each change.
        "default_log_levels = tintype.events=WARNING",
    ]
    if setup.database:
        lines += ["[database]", f"connection = {setup.database}"]
    return "\n".join([*lines, ""])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with Connection(url) as connection:
                connection.call("GET", "/v2/images?limit=1")
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"The service did not start:\n{log.read_text()}")

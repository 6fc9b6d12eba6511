"""How a daemon of the scrubber is known, to all users of a host (contract, scrubber)."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.service import wait_until
from tintype.entrypoints.cli.daemon_lock import LOCK, no_daemon, only_daemon

HOLD = """
import os, sys
import click
from tintype.entrypoints.cli import daemon_lock
kind, user = sys.argv[1:]
# Not before: others may not read what is imported.
os.setuid(int(user))
try:
    with getattr(daemon_lock, kind)():
        print("held", flush=True)
        sys.stdin.read()
except click.ClickException as error:
    print(error.message, flush=True)
"""
NOBODY = 65534
RUNNING = "glance-scrubber is already running"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory of temporary files for everybody, and a umask that keeps others out."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        Path(folder).chmod(0o1777)
        umask = os.umask(0o077)
        yield Path(folder)
        os.umask(umask)


@contextlib.contextmanager
def another(kind: str, folder: Path, user: int | None = None) -> Iterator[str]:
    """Hold the lock in another process meanwhile, and give what it said: `held`, or why not."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, kind, str(os.getuid() if user is None else user)],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield process.stdout.readline().rstrip()
        process.communicate(timeout=60)


def test_there_is_one_daemon(folder: Path) -> None:
    with (
        another("only_daemon", folder),
        pytest.raises(click.ClickException, match=RUNNING),
        only_daemon(),
    ):
        pass


def test_nothing_is_restored_while_a_daemon_runs(folder: Path) -> None:
    with (
        another("only_daemon", folder),
        pytest.raises(click.ClickException, match=RUNNING),
        no_daemon(),
    ):
        pass


def test_restores_do_not_hinder_one_another(folder: Path) -> None:
    with another("no_daemon", folder), no_daemon():
        pass


def test_a_daemon_that_starts_while_something_is_restored_waits_for_it(folder: Path) -> None:
    runs = threading.Event()

    def start() -> None:
        with only_daemon():
            runs.set()

    starting = threading.Thread(target=start)
    with another("no_daemon", folder):
        starting.start()
        wait_until(lambda: is_open(folder / LOCK), "it has come to the lock")
        assert not runs.is_set()
    starting.join(timeout=60)

    assert runs.is_set()


def is_open(file: Path) -> bool:
    """Tell whether this process has a file open."""
    return str(file) in (os.path.realpath(it.path) for it in os.scandir("/proc/self/fd"))


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@needs_root
@pytest.mark.parametrize("kind", ["no_daemon", "only_daemon"])
def test_a_daemon_of_one_user_that_has_ended_is_in_nobodys_way(folder: Path, kind: str) -> None:
    with only_daemon():
        pass

    with another(kind, folder, NOBODY) as said:
        assert said == "held"


@needs_root
@pytest.mark.parametrize("kind", ["no_daemon", "only_daemon"])
def test_a_daemon_of_one_user_is_seen_by_others(folder: Path, kind: str) -> None:
    with only_daemon(), another(kind, folder, NOBODY) as said:
        assert said == RUNNING


@needs_root
def test_a_file_that_may_only_be_read_will_do(folder: Path) -> None:
    (folder / LOCK).touch()
    (folder / LOCK).chmod(0o644)

    with another("only_daemon", folder, NOBODY) as said:
        assert said == "held"
        with pytest.raises(click.ClickException, match=RUNNING), no_daemon():
            pass


@needs_root
def test_a_file_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / LOCK).touch(0o600)

    with another("no_daemon", folder, NOBODY) as said:
        assert said.startswith(f"{folder / LOCK} does not tell whether a daemon runs")
        assert "(Permission denied): if none does, have its owner remove it" in said


def test_a_symbolic_link_is_not_followed(folder: Path) -> None:
    (folder / LOCK).symlink_to(folder / "elsewhere")

    with (
        pytest.raises(click.ClickException, match=r"\(symbolic link\): .* remove it"),
        no_daemon(),
    ):
        pass

    assert not (folder / "elsewhere").exists()

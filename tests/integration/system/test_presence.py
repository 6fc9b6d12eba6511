"""Presence among real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tintype.adapters.system.presence import ProcessPresence

TELL_AND_WAIT = """
import sys
from tintype.adapters.system.presence import ProcessPresence
print(ProcessPresence().holder, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def presence() -> ProcessPresence:
    """Return the presence of this process."""
    return ProcessPresence()


@pytest.fixture
def other() -> Iterator["subprocess.Popen[str]"]:
    """Yield another process, which has told its holder and lives until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", TELL_AND_WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def told_by(process: "subprocess.Popen[str]") -> str:
    """Return the holder that the process tells."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def altered(holder: str, **parts: str) -> str:
    """Return the holder with parts of it replaced."""
    names = ("host", "namespace", "boot", "pid", "start")
    return "/".join((dict(zip(names, holder.split("/"), strict=True)) | parts).values())


def test_a_process_keeps_its_name(presence: ProcessPresence) -> None:
    assert presence.holder == presence.holder == ProcessPresence().holder


def test_all_threads_of_a_process_have_one_name(presence: ProcessPresence) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(lambda _: ProcessPresence().holder, range(8)))

    assert names == {presence.holder}


def test_a_process_is_not_dead_to_itself(presence: ProcessPresence) -> None:
    assert not presence.is_dead(presence.holder)


def test_a_child_after_a_fork_has_a_name_of_its_own(presence: ProcessPresence) -> None:
    mine = presence.holder
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(writing, presence.holder.encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 1000).decode()
    os.close(reading)
    os.close(writing)

    assert theirs.split("/")[3] == str(child)
    assert theirs != mine


def test_a_living_process_is_not_dead(
    presence: ProcessPresence, other: "subprocess.Popen[str]"
) -> None:
    assert not presence.is_dead(told_by(other))


def test_a_killed_process_is_dead(
    presence: ProcessPresence, other: "subprocess.Popen[str]"
) -> None:
    holder = told_by(other)

    other.kill()
    other.wait()

    assert presence.is_dead(holder)


def test_a_zombie_is_dead(presence: ProcessPresence, other: "subprocess.Popen[str]") -> None:
    holder = told_by(other)

    other.kill()
    # Wait for its end, but leave it there for its parent to ask about.
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)

    assert presence.is_dead(holder)


def test_who_had_the_pid_before_is_dead(
    presence: ProcessPresence, other: "subprocess.Popen[str]"
) -> None:
    assert presence.is_dead(altered(told_by(other), start="1"))


def test_who_lives_on_another_machine_of_the_same_name_is_left_alone(
    presence: ProcessPresence,
) -> None:
    assert not presence.is_dead(altered(presence.holder, boot="another-boot"))


@pytest.mark.parametrize("part", ["host", "namespace"])
@pytest.mark.parametrize("pid", ["1", "4194304"])
def test_processes_out_of_sight_are_in_doubt(
    presence: ProcessPresence, part: str, pid: str
) -> None:
    elsewhere = altered(presence.holder, **{part: "1", "pid": pid, "start": "1"})

    assert not presence.is_dead(elsewhere)


@pytest.mark.parametrize("pid", ["0", "-1", "x", "", str(10**30)])
def test_impossible_pids_are_in_doubt(presence: ProcessPresence, pid: str) -> None:
    assert not presence.is_dead(altered(presence.holder, pid=pid))


@pytest.mark.parametrize(
    "garbage", ["", "/", "////", "host", "a/b/c/d/e", "a/1/c/1/2/3", "\0", "é"]
)
def test_garbage_is_in_doubt(presence: ProcessPresence, garbage: str) -> None:
    assert not presence.is_dead(garbage)


def test_the_name_of_a_program_does_not_hide_its_start(presence: ProcessPresence) -> None:
    script = TELL_AND_WAIT.replace(
        "import sys", "import sys; open('/proc/self/comm', 'w').write('a) Z 1 (b')", 1
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert not presence.is_dead(told_by(process))

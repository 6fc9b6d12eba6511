"""What these tests ask of the machine: small file systems, children, a kernel that says no."""

import ctypes
import os
import platform
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CI = os.environ.get("CI") == "true"


def give_up(reason: str) -> None:
    """Fail where everything must be there, skip elsewhere."""
    if CI:
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def a_small_disk(path: Path, size: str = "4m") -> Iterator[Path]:
    """Mount a tmpfs of that size, which is gone afterwards."""
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)],
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        give_up(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextmanager
def a_small_ext4(folder: Path) -> Iterator[Path]:
    """Mount a file of 4 MiB as a disk that is written to late, and give a directory on it."""
    image, mountpoint = folder / "ext4.img", folder / "ext4"
    with image.open("wb") as file:
        file.truncate(4 << 20)
    mountpoint.mkdir()
    for command in (
        ("mkfs.ext4", "-q", "-m", "0", str(image)),
        ("mount", "-o", "loop", str(image), str(mountpoint)),
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError as error:
            give_up(f"a small disk cannot be made: {error}")
        if done.returncode:
            give_up(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        (mountpoint / "images").mkdir()
        yield mountpoint / "images"
    finally:
        subprocess.run(["umount", str(mountpoint)], check=True)


@contextmanager
def hanging(path: Path) -> Iterator[None]:
    """Mount a file system over a directory that answers nothing; afterwards all is as before."""
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        give_up(f"no file system can be made to hang: {error}")
    # Whoever asks it waits for a server to take the question, and there is none.
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
    mounted = subprocess.run(
        ["mount", "-i", "-t", "fuse", "-o", options, "hanging", str(path)],
        pass_fds=(device,),
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        os.close(device)
        give_up(f"no file system can be made to hang: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        os.close(device)
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def make_read_only(mountpoint: Path) -> None:
    """Let nothing be written any more to a disk."""
    subprocess.run(["mount", "-o", "remount,ro", str(mountpoint)], check=True)


def in_a_child(work: Callable[[], str]) -> str:
    """Return what `work` says in a process of its own, or its error."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException as error:
            said = repr(error)
        os.write(write_end, said.encode())
        os._exit(0)
    os.close(write_end)
    with open(read_end, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


# Numbers of system calls, from the kernel's tables.
_CALLS: dict[str, dict[str, tuple[int, ...]]] = {
    "link": {"x86_64": (86, 265), "aarch64": (37,)},
    "pwrite": {"x86_64": (18,), "aarch64": (67,)},
    "fsync": {"x86_64": (74,), "aarch64": (82,)},
}
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL_WITH = 0x7FFF0000, 0x00050000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forbid(call: str, error: int) -> None:
    """Have the kernel answer a system call of this process with `error`.

    There is no way back: do it in a child.
    """
    calls = _CALLS[call][platform.machine()]
    steps = [(_LOAD, 0, 0, 0)]
    steps += [(_JUMP_IF_EQUAL, len(calls) - place, 0, number) for place, number in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL_WITH | error)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(steps), code)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(
        _SET_SECCOMP, _FILTER, ctypes.byref(program)
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")

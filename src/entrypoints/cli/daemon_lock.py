"""The lock by which a daemon of the scrubber is known, whatever it is configured with.

Daemons hold it alone, and what must not run beside a daemon shares it.
"""

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

LOCK: Final = "tintype-scrubber.lock"
"""The name of the file, in the directory of temporary files. It stays there."""

PATIENCE_S: Final = 10
"""For how long a daemon waits for what runs when it starts."""

_FLAGS: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def only_daemon() -> Iterator[None]:
    """Be the one daemon, once restores have ended.

    Raises:
        ClickException: there is one, in the words that scripts look for; or nobody can tell.
    Source: contract, scrubber.
    """
    with _opened() as file:
        end = time.monotonic() + PATIENCE_S
        while not _locks(file, fcntl.LOCK_EX):
            if not _locks(file, fcntl.LOCK_SH):
                raise _already_running()
            if time.monotonic() > end:
                raise click.ClickException(
                    "An image is being restored: start the daemon again when that has ended."
                )
            # Others that wait have their turn.
            fcntl.flock(file, fcntl.LOCK_UN)
            time.sleep(0.05)
        yield


@contextmanager
def no_daemon() -> Iterator[None]:
    """Keep daemons from starting.

    Raises:
        ClickException: one runs, in the words that scripts look for; or nobody can tell.
    Source: contract, scrubber.
    """
    with _opened() as file:
        if not _locks(file, fcntl.LOCK_SH):
            raise _already_running()
        yield


def _already_running() -> click.ClickException:
    return click.ClickException("glance-scrubber is already running")


@contextmanager
def _opened() -> Iterator[int]:
    path = Path(tempfile.gettempdir(), LOCK)
    try:
        file = _open(path)
    except OSError as error:
        kind = "symbolic link" if error.errno == errno.ELOOP else error.strerror
        raise click.ClickException(
            f"{path} does not tell whether a daemon runs ({kind}): if none does, have its owner "
            "remove it, or set TMPDIR for all scrubbers to a directory that can be written."
        ) from error
    try:
        yield file
    finally:
        os.close(file)


def _open(path: Path) -> int:
    """Open the file, which all users share, as far as one may."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666)
    except FileExistsError:
        # With O_CREAT kernels refuse files of others in directories for all (protected_regular).
        try:
            return os.open(path, os.O_RDWR | _FLAGS)
        except PermissionError:
            return os.open(path, os.O_RDONLY | _FLAGS)
    os.fchmod(file, 0o666)  # whatever the umask
    return file


def _locks(file: int, how: int) -> bool:
    """Tell whether the lock can be had at once; if not, one that was held may be lost."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

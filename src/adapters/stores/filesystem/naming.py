"""Giving a finished file its name, once and for good."""

import errno
import os
import re
import secrets
from contextlib import suppress
from typing import Final

NO_HARD_LINKS: Final = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
)
"""What link(2) says on file systems that have none (vfat, some of FUSE and SMB)."""

_TOKEN: Final = "[0-9a-f]{16}"


def unfinished_name(key: str) -> str:
    """Return a new name for the file while it grows; no key begins with a dot."""
    return f".{key}.{secrets.token_hex(8)}.part"


def unfinished_pattern(key: str) -> re.Pattern[str]:
    """Match the names that `unfinished_name` gives for that key, and no others."""
    return re.compile(rf"\.{re.escape(key)}\.{_TOKEN}\.part")


def rename_exclusively(source: str, target: str) -> None:
    """Move a file to a name that nothing has, and make both durable.

    Raises:
        FileExistsError: the name is taken; nothing was changed.
        OSError: it went wrong; the new name is not there.
    """
    _give_name(source, target)
    try:
        with suppress(FileNotFoundError):
            os.unlink(source)
        sync_directory(os.path.dirname(target))
    except OSError:
        with suppress(OSError):
            os.unlink(target)
        raise


def _give_name(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _rename_over_placeholder(source, target)


def _rename_over_placeholder(source: str, target: str) -> None:
    """Claim the name with an empty file, which a crash right here would leave behind."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC))
    try:
        os.rename(source, target)
    except OSError:
        os.unlink(target)
        raise


def sync_directory(path: str) -> None:
    """Make the names in a directory durable, where its file system can."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)

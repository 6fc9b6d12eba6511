"""Giving a finished file its name, once and for good."""

import errno
import os
import re
import secrets
from collections.abc import Sequence
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


def rename_exclusively(source: str, target: str, rivals: Sequence[str] = ()) -> None:
    """Move a file to a name that nothing has, nor any of the `rivals`, and make both durable.

    `rivals` are the names that the same key has in other directories. Of several processes that
    take one of them at the same moment exactly one succeeds; where a file system has no hard
    links, at most one.

    Raises:
        FileExistsError: a name is taken; nothing was changed.
        OSError: it went wrong; the new name is not there.
    """
    is_linked = _give_name(source, target)
    try:
        _settle(target, rivals)
        if is_linked:
            _make_sure(source)
        sync_directory(os.path.dirname(target))
    except OSError:
        with suppress(OSError):
            os.unlink(target)
        raise


def _give_name(source: str, target: str) -> bool:
    """Move the file, or give it the name beside its old one; say whether it has both."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _rename_over_placeholder(source, target)
        return False
    return True


def _make_sure(source: str) -> None:
    """Take the old name away, which is what decides: nobody can take it away twice."""
    try:
        os.unlink(source)
    except FileNotFoundError:
        raise _taken(source) from None


def _settle(target: str, rivals: Sequence[str]) -> None:
    """Put out those of the rivals that are not sure yet, or give way.

    Of two that see each other the one whose path sorts first decides. That order is the same for
    all processes, whatever the order of their configuration.
    """
    for rival in rivals:
        if _is_another(rival, target) and (rival < target or not _put_out(rival)):
            raise _taken(rival)


def _is_another(rival: str, target: str) -> bool:
    """Say whether there is a file, and not by way of a link the same one.

    A directory that cannot be looked into has none, as when a new object is begun.
    """
    try:
        return not os.path.samestat(os.lstat(rival), os.lstat(target))
    except OSError:
        return False


def _put_out(rival: str) -> bool:
    """Remove a file that still has its old name; say whether there is none any more.

    Its writer finds the old name gone, and that it has lost.
    """
    directory, key = os.path.split(rival)
    pattern = unfinished_pattern(key)
    for name in filter(pattern.fullmatch, os.listdir(directory)):
        old = os.path.join(directory, name)
        with suppress(FileNotFoundError):
            if os.path.samefile(old, rival):
                os.unlink(old)
                os.unlink(rival)
                return True
    return not os.path.lexists(rival)


def _taken(path: str) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)


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

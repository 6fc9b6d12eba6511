"""The directories of a file store, and which of them takes the next object."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

from tintype.adapters.stores.filesystem.faults import reason
from tintype.domain.errors import BadConfiguration, StorageFull, StoreWriteDenied

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Datadir:
    """A directory for objects; the higher priority is filled first."""

    path: str
    priority: int = 0


def datadirs_from(single: str | None, several: Sequence[str] | None) -> tuple[Datadir, ...]:
    """Read the two options, of which exactly one is to be set.

    Raises:
        BadConfiguration: both or none are set, or a path or priority is wrong.
    """
    option = "filesystem_store_datadirs" if several else "filesystem_store_datadir"
    if single and several:
        raise BadConfiguration(option, "set filesystem_store_datadir to nothing to use it.")
    if several:
        return _distinct([_datadir_from(option, entry) for entry in several])
    if not single:
        raise BadConfiguration(option, "name the directory that images are to be kept in.")
    return (Datadir(_path_from(option, single)),)


def _datadir_from(option: str, entry: str) -> Datadir:
    path, _, priority = entry.strip().partition(":")
    try:
        return Datadir(_path_from(option, path), int(priority or 0))
    except ValueError:
        raise BadConfiguration(
            option, f"the priority in {entry!r} must be a whole number, as in /path:100."
        ) from None


def _path_from(option: str, path: str) -> str:
    path = path.strip()
    if not path.startswith("/"):
        raise BadConfiguration(option, f"{path!r} must be an absolute path.")
    if not {"?", "#", "\0"}.isdisjoint(path):
        raise BadConfiguration(option, f"{path!r} must have no ?, # or NUL: it is part of URLs.")
    # POSIX gives a second leading slash a meaning of its own, and normpath leaves it alone.
    return "/" + os.path.normpath(path).lstrip("/")


def _distinct(datadirs: Sequence[Datadir]) -> tuple[Datadir, ...]:
    found: dict[str, Datadir] = {}
    for datadir in datadirs:
        first = found.setdefault(datadir.path, datadir)
        if first.priority != datadir.priority:
            raise BadConfiguration(
                "filesystem_store_datadirs", f"{datadir.path} is there with two priorities."
            )
        if first is not datadir:
            LOG.warning("filesystem_store_datadirs names %s more than once.", datadir.path)
    return tuple(found.values())


def choose(store: str, datadirs: Sequence[Datadir], size: int) -> Datadir:
    """Return the datadir for `size` more bytes: by priority, then by free space.

    Raises:
        StorageFull: none has the room.
        StoreWriteDenied: none can be written to.
    """
    free: dict[Datadir, int] = {}
    problem = ""
    for datadir in datadirs:
        try:
            free[datadir] = _free_space(datadir.path)
        except OSError as error:
            problem = reason(error)
            LOG.error("Datadir %s of store %s is left out: %s", datadir.path, store, problem)
    if not free:
        raise StoreWriteDenied(store, problem)
    fitting = [datadir for datadir in free if free[datadir] >= size]
    if not fitting:
        raise StorageFull(store)
    return max(fitting, key=lambda datadir: (datadir.priority, free[datadir]))


def _free_space(path: str) -> int:
    """Return the bytes that can be added; raise OSError if none can."""
    status = os.statvfs(path)
    if not os.access(path, os.W_OK | os.X_OK, effective_ids=True):
        raise PermissionError(None, "it is not writable")
    return status.f_bavail * status.f_frsize

"""The files that policies are read from, watched for change."""

import os
from collections.abc import Hashable, Iterator
from itertools import chain
from stat import S_ISDIR

from oslo_config import cfg


class PolicyFiles:
    """Tells whether files of policies appeared, changed or went since one looked last.

    Looks wherever oslo.config finds files, but that directories which are not there at
    construction are left out: looking for files there would be most of the cost.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        options = conf.oslo_policy
        directories = [place for place in _directories(conf) if os.path.isdir(place)]
        # Joined to an absolute name a directory counts for nothing, and one path is left.
        self._candidates = [
            tuple(dict.fromkeys(os.path.join(place, name) for place in directories))
            for name in (options.policy_file, *options.policy_dirs)
        ]

    def directories(self) -> Iterator[str]:
        """Give every directory in which a change may matter, through symbolic links too."""
        for path in chain.from_iterable(self._candidates):
            yield os.path.dirname(path)
            yield path  # where it is no directory, watching it is no mistake either
            yield os.path.dirname(os.path.realpath(path))

    def state(self) -> Hashable:
        """Return what differs after a change; a few system calls."""
        return tuple([_first(paths) for paths in self._candidates])


def _directories(conf: cfg.ConfigOpts) -> Iterator[str]:
    """Say where oslo.config looks for files that belong to configuration files."""
    for directory in conf.config_dir or ():
        yield os.path.abspath(os.path.expanduser(directory))
    for file in reversed(conf.config_file or ()):
        yield os.path.dirname(os.path.abspath(os.path.expanduser(file)))
    for home in ("~", "/etc"):
        if conf.project:
            dot = "." if home == "~" else ""
            yield os.path.expanduser(os.path.join(home, f"{dot}{conf.project}"))
        yield os.path.expanduser(home)


def _first(paths: tuple[str, ...]) -> Hashable:
    for path in paths:
        try:
            facts = os.stat(path)
        except OSError:
            continue
        mark = _mark(path, facts)
        return (mark, _entries(path)) if S_ISDIR(facts.st_mode) else mark
    return None


def _mark(path: str, facts: os.stat_result) -> Hashable:
    # The time of the last change of any kind tells what was given its old age and size again.
    return path, facts.st_ctime_ns, facts.st_mtime_ns, facts.st_size, facts.st_ino


def _entries(directory: str) -> Hashable:
    try:
        with os.scandir(directory) as entries:
            return frozenset(_mark(entry.name, entry.stat()) for entry in entries)
    except OSError:
        # Somebody is changing it this moment; the next look tells.
        return None

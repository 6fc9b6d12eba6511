"""Whether anything happened in some directories, at the price of one system call."""

import math
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from ctypes import POINTER, PyDLL, byref, c_int, c_ulong
from termios import FIONREAD

from inotify_simple import INotify, flags

TRUSTED_FOR_S = 1.0
"""How long the kernel's silence is believed. It knows nothing of what other hosts do on a
network file system, nor of symbolic links that are turned further up the path."""

_EVENTS = (
    *(flags.CREATE, flags.DELETE, flags.MOVED_FROM, flags.MOVED_TO, flags.MODIFY),
    *(flags.ATTRIB, flags.DELETE_SELF, flags.MOVE_SELF),
)
_MASK = sum(_EVENTS)

# It answers at once, so it need not let another thread have the interpreter, as fcntl.ioctl does:
# with several threads at work, to get that back costs a tenth of the time of a short request.
_ioctl = PyDLL(None).ioctl
_ioctl.argtypes = (c_int, c_ulong, POINTER(c_int))


class DirectoryWatch:
    """Watches directories by inotify; where there is none to be had, it never calls it quiet.

    Asking costs no look at the files, whose system calls let other threads have the interpreter.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._believed_until = -math.inf
        self._inotify: INotify | None = None
        with suppress(OSError):  # an operator may allow few of them
            self._inotify = INotify(nonblocking=True)

    @property
    def quiet(self) -> bool:
        """Whether nothing can have happened since the last `look`."""
        if self._inotify is None or self._now() >= self._believed_until:
            return False
        unread = c_int()
        failed = _ioctl(self._inotify.fileno(), FIONREAD, byref(unread))
        return not (failed or unread.value)

    def look(self, directories: Iterable[str]) -> None:
        """Watch these, and forget what happened up to now: the caller looks itself next."""
        if self._inotify is None:
            return
        for directory in directories:
            with suppress(OSError):  # not there: the caller watches its parent too
                self._inotify.add_watch(directory, _MASK)
        with suppress(BlockingIOError):
            while os.read(self._inotify.fileno(), 1 << 16):
                pass
        self._believed_until = self._now() + TRUSTED_FOR_S

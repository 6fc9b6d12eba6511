"""Having the kernel write while more is coming."""

import ctypes
from collections.abc import Callable
from typing import Final

WINDOW: Final = 8 << 20
_WRITE: Final = 2  # SYNC_FILE_RANGE_WRITE of linux/fs.h


def _find_call() -> Callable[[int, int, int, int], int] | None:
    """Return sync_file_range(2), which is Linux's own; None where there is none."""
    try:
        call = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    call.restype = ctypes.c_int
    return call


_sync_file_range = _find_call()


class WriteBack:
    """Sends a growing file to the disk, window by window, so that the last fsync is short.

    A hint and no promise: it waits for nothing, and errors are left for fsync to find.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._sent = 0

    def reach(self, position: int) -> None:
        """Take note that the file has its bytes up to `position`."""
        whole = (position - self._sent) // WINDOW * WINDOW
        if whole and _sync_file_range:
            _sync_file_range(self._descriptor, self._sent, whole, _WRITE)
        self._sent += whole

"""A file of somebody else that becomes an object without being copied."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tintype.adapters.stores.filesystem.write_handle import FileWriteHandle
from tintype.adapters.stores.filesystem.writeback import WriteBack
from tintype.domain.errors import StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import OfFile

READ: Final = os.O_RDONLY | os.O_CLOEXEC
ANYBODY: Final = 0o666


class TakenFileHandle(FileWriteHandle):
    """Gives the file another name, instead of writing what is in it again.

    It is copied after all where the file system has no such names.
    """

    def __init__(
        self,
        store: str,
        path: str,
        location: Location,
        *,
        permissions: int | None,
        file: OfFile,
        rivals: Sequence[str] = (),
    ) -> None:
        super().__init__(store, path, location, permissions=permissions, thin=False, rivals=rivals)
        self._file = file
        self._linked = False

    def __enter__(self) -> "TakenFileHandle":
        """Make the temporary name, or the temporary file.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: it cannot be made.
        """
        number = self._file.fileno()
        try:
            # Links are followed only by the call that takes a directory too, whichever.
            os.link(
                f"/proc/self/fd/{number}",
                self._unfinished,
                src_dir_fd=number,
                follow_symlinks=True,
            )
            self._descriptor = os.open(self._unfinished, READ)
        except OSError:
            self._remove()
            super().__enter__()
            return self
        self._linked = True
        self._writeback = WriteBack(self._descriptor)
        if self._permissions is None:
            # As if it had been made here.
            self._permissions = ANYBODY & ~_umask()
        return self

    def _write(self, view: memoryview) -> None:
        if self._linked:
            self._position += len(view)
        else:
            super()._write(view)

    def _finish(self) -> None:
        size = os.fstat(self._descriptor).st_size
        if size != self._position:
            raise StoreUnavailable(
                f"Store {self._store} got {self._position} bytes of a file of {size}."
            )
        super()._finish()


def _umask() -> int:
    """Return the permissions that new files of this process lack (proc(5))."""
    for line in (
        Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    ):
        name, _, value = line.partition(":")
        if name == "Umask":
            return int(value, 8)
    return 0o077

"""A file in the making."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from tintype.adapters.stores.filesystem.faults import reason, write_fault, writing
from tintype.adapters.stores.filesystem.naming import rename_exclusively, unfinished_name
from tintype.adapters.stores.filesystem.writeback import WriteBack
from tintype.domain.errors import Duplicate, StoreUnavailable
from tintype.domain.location import Location

LOG = logging.getLogger(__name__)
NEW_FILE: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
ZEROS: Final = bytearray(64 << 10)


class FileWriteHandle:
    """Writes to a temporary name beside the final one, which it gets on `commit`."""

    def __init__(
        self,
        store: str,
        path: str,
        location: Location,
        *,
        permissions: int | None,
        thin: bool,
        rivals: Sequence[str] = (),
    ) -> None:
        """Prepare it; `rivals` are the paths of the same key in the other datadirs."""
        directory, self._key = os.path.split(path)
        self._store = store
        self._path = path
        self._unfinished = os.path.join(directory, unfinished_name(self._key))
        self._location = location
        self._permissions = permissions
        self._thin = thin
        self._rivals = rivals
        self._descriptor = -1
        self._position = 0
        self._whole = True
        self._committed = False

    def __enter__(self) -> "FileWriteHandle":
        """Make the temporary file.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: it cannot be made.
        """
        with writing(self._store):
            self._descriptor = os.open(self._unfinished, NEW_FILE, 0o666)
        self._writeback = WriteBack(self._descriptor)
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the file if it was not committed."""
        if self._descriptor >= 0:
            with suppress(OSError):
                self._close()
        if not self._committed:
            self._remove()

    def _remove(self) -> None:
        try:
            os.unlink(self._unfinished)
        except FileNotFoundError:
            pass
        except OSError as error:
            LOG.warning("%s could not be removed: %s", self._unfinished, reason(error))

    def write(self, piece: memoryview) -> None:
        """Append the bytes.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: they could not all be written;
                the handle is of no use any more.
        """
        view = memoryview(piece).cast("B")
        try:
            if self._thin:
                self._write_thin(view)
            else:
                self._write(view)
        except OSError as error:
            self._whole = False
            raise write_fault(self._store, error) from error
        self._writeback.reach(self._position)

    def _write(self, view: memoryview) -> None:
        while view:
            written = os.pwrite(self._descriptor, view, self._position)
            self._position += written
            view = view[written:]

    def _write_thin(self, view: memoryview) -> None:
        for run, empty in empty_runs(view):
            if empty:
                self._position += len(run)
            else:
                self._write(run)

    def commit(self) -> Location:
        """Make the file durable under its name.

        Raises:
            Duplicate: the name is taken, in whichever datadir.
            StorageFull, StoreWriteDenied, StoreUnavailable: it could not be done.
        """
        if not self._whole:
            raise StoreUnavailable(f"Store {self._store} did not get all bytes of {self._key}.")
        with writing(self._store):
            self._finish()
            try:
                rename_exclusively(self._unfinished, self._path, self._rivals)
            except FileExistsError:
                raise taken(self._key, self._store) from None
        self._committed = True
        return self._location

    def _finish(self) -> None:
        if self._thin:
            os.ftruncate(self._descriptor, self._position)
        if self._permissions is not None:
            self._set_permissions(self._permissions)
        os.fsync(self._descriptor)
        self._close()

    def _set_permissions(self, permissions: int) -> None:
        try:
            os.fchmod(self._descriptor, permissions)
        except OSError as error:
            LOG.warning("%s keeps its permissions: %s", self._path, reason(error))

    def _close(self) -> None:
        # The number is free for others as soon as close(2) is called, whatever it returns.
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


def taken(key: str, store: str) -> Duplicate:
    """Return the error for a key that is in use."""
    return Duplicate(f"Store {store} holds data for {key} already.")


def empty_runs(view: memoryview) -> Iterator[tuple[memoryview, bool]]:
    """Cut into the longest runs of blocks that are, or are not, all zero; say which they are."""
    start = 0
    empty = False
    for here in range(0, len(view), len(ZEROS)):
        block = view[here : here + len(ZEROS)]
        now_empty = _is_empty(block)
        if now_empty != empty and here > start:
            yield view[start:here], empty
            start = here
        empty = now_empty
    if len(view) > start:
        yield view[start:], empty


def _is_empty(block: memoryview) -> bool:
    zeros = ZEROS if len(block) == len(ZEROS) else ZEROS[: len(block)]
    # In this order: asked first, the bytearray does it with one memcmp, where the view would
    # compare item by item.
    return zeros == block

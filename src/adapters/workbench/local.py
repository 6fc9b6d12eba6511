"""Workbenches in a directory of this machine."""

import errno
import os
import re
from collections.abc import Callable, Iterator, Set
from contextlib import AbstractContextManager, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final

from tintype.domain.errors import StorageFull, StoreUnavailable
from tintype.domain.ports.storage_driver import OfFile
from tintype.domain.ports.workbench import Sink

_ID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME: Final = re.compile(rf"(?P<image>{_ID})\.(?P<run>{_ID})\.[a-z0-9]+", re.ASCII)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class LocalWorkbenches:
    """Makes files `<image id>.<run id>.<kind>` in one directory, which may hold others as well."""

    def __init__(self, directory: str | None, place: str) -> None:
        """`place` names the directory in errors, without saying where it is.

        Without a directory there is no room for any.
        """
        # Programs that work on the files have another working directory.
        self._directory = Path(directory).absolute() if directory else None
        self._place = place

    @contextmanager
    def open(self, image_id: str, run_id: str) -> Iterator["LocalWorkbench"]:
        """Set one up; at the end its files are gone.

        Raises:
            StoreUnavailable: there is no room.
        """
        if self._directory is None:
            raise StoreUnavailable(f"{self._place} is no local directory: tell the operator.")
        try:
            yield LocalWorkbench(self._directory, f"{image_id}.{run_id}", self._place)
        finally:
            self.remove({run_id})

    def runs(self) -> Set[str]:
        """Return the id of every run that has left files."""
        return {run for run, _ in self._files()}

    def remove(self, runs: Set[str]) -> None:
        """Remove the files of these runs."""
        for run, path in self._files():
            if run in runs:
                with suppress(OSError):
                    os.unlink(path)

    def _files(self) -> Iterator[tuple[str, str]]:
        if self._directory is None:
            return
        with suppress(OSError), os.scandir(self._directory) as entries:
            for entry in entries:
                match = _NAME.fullmatch(entry.name)
                if match is not None:
                    yield match["run"], entry.path


class LocalWorkbench:
    """The files of one key."""

    def __init__(self, directory: Path, key: str, place: str) -> None:
        self._directory = directory
        self._key = key
        self._place = place
        self._data: Path | None = None

    @property
    def data(self) -> Path:
        """The data as it is now."""
        assert self._data is not None  # whoever opens a bench brings it
        return self._data

    def link(self, stream: object) -> bool:
        """Give the file that a stream reads from another name."""
        if not isinstance(stream, OfFile):
            return False
        path, number = self._path("in"), stream.fileno()
        try:
            # Links are followed only by the call that takes a directory too, whichever.
            os.link(f"/proc/self/fd/{number}", path, src_dir_fd=number, follow_symlinks=True)
        except OSError:
            # Another disk, or one without such names: it is copied.
            return False
        self._become(path)
        return True

    @contextmanager
    def filling(self, kind: str) -> Iterator[Sink]:
        """Give a file that becomes the data when the block ends well."""
        with self.beside(kind) as path:
            with self._translated():
                file = FileIO(os.open(path, _NEW, 0o600), "w")
            with file:
                sink = _SparseFile(file, self._translated)
                yield sink
                sink.finish()

    @contextmanager
    def beside(self, kind: str) -> Iterator[Path]:
        """Give the name of a file that becomes the data when the block ends well."""
        path = self._path(kind)
        try:
            yield path
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._become(path)

    def require_room(self, size: int) -> None:
        """Raise StorageFull unless so many bytes are free."""
        with self._translated():
            found = os.statvfs(self._directory)
        if found.f_bavail * found.f_frsize < size:
            raise StorageFull(self._place)

    def open(self) -> "OpenData":
        """Read the data."""
        with self._translated():
            return OpenData(self.data)

    def _path(self, kind: str) -> Path:
        return self._directory / f"{self._key}.{kind}"

    def _become(self, path: Path) -> None:
        former, self._data = self._data, path
        if former is not None:
            former.unlink(missing_ok=True)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise StorageFull(self._place) from error
            problem = error.strerror or type(error).__name__
            raise StoreUnavailable(f"{self._place} cannot be worked in: {problem}.") from error


class _SparseFile:
    """A file that is written from its start; pieces of zeros become holes."""

    def __init__(
        self, file: FileIO, translated: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._file = file
        self._translated = translated

    def write(self, piece: bytes | memoryview) -> None:
        """Append the bytes."""
        view = memoryview(piece)
        if not any(view[:1]) and bytes(view).count(0) == len(view):
            self._file.seek(len(view), os.SEEK_CUR)
            return
        with self._translated():
            while view:
                view = view[self._file.write(view) :]

    def finish(self) -> None:
        """Make the file as long as what was written."""
        with self._translated():
            self._file.truncate(self._file.tell())


class OpenData(FileIO):
    """A file as the data path reads it."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return os.fstat(self.fileno()).st_size

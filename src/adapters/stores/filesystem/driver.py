"""The driver of file stores."""

import errno
import logging
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from oslo_config import cfg

from tintype.adapters.stores.filesystem.addresses import SCHEMES, path_of, url_of
from tintype.adapters.stores.filesystem.datadirs import choose
from tintype.adapters.stores.filesystem.faults import reading, reason, unavailable, writing
from tintype.adapters.stores.filesystem.mountpoints import describing, read_mountpoints
from tintype.adapters.stores.filesystem.naming import sync_directory, unfinished_pattern
from tintype.adapters.stores.filesystem.options import FOR_WRITING, OPTIONS, FilesystemSettings
from tintype.adapters.stores.filesystem.read_stream import FileStream
from tintype.adapters.stores.filesystem.taken_file import TakenFileHandle
from tintype.adapters.stores.filesystem.timed_calls import TimedCalls
from tintype.adapters.stores.filesystem.write_handle import FileWriteHandle, taken
from tintype.adapters.stores.object_keys import check_key
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    Invalid,
    StoreWriteDenied,
    TintypeError,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, OfFile

LOG = logging.getLogger(__name__)


class FilesystemDriver:
    """Keeps each object in a file of its own, `<datadir>/<key>`, and nothing else beside it.

    Files are found, opened and removed, and free space is told, within the time-out of the store
    if it has one; reading and writing take their time.

    Source: stores §6.1.
    """

    TYPE = "file"
    SCHEMES = SCHEMES
    OPTIONS: Sequence[cfg.Opt] = OPTIONS
    FOR_WRITING = FOR_WRITING

    type = TYPE
    schemes = SCHEMES
    capabilities = (Capability.READ | Capability.RANGED_READ | Capability.OPEN_FILE) | (
        Capability.WRITE | Capability.DELETE | Capability.EXCLUSIVE_DELETE
    )

    def __init__(self, settings: FilesystemSettings) -> None:
        self.store = settings.store
        self._settings = settings
        self._mountpoints: Sequence[Mapping[str, Any]] = ()
        self._in_time = TimedCalls(
            settings.store, settings.timeout_s, settings.threads, settings.threshold
        )

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "FilesystemDriver":
        """Build the driver of one store from option values by name, without any I/O.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        return cls(FilesystemSettings.read(store, settings, named=named))

    @property
    def properties(self) -> Mapping[str, Any]:
        """Say where the files are (several directories with commas between), and how."""
        return {
            "data_dir": ",".join(self.directories),
            "chunk_size": self._settings.chunk_size,
            "thin_provisioning": self._settings.thin,
        }

    @property
    def directories(self) -> Sequence[str]:
        """The datadirs, in the order of configuration."""
        return [datadir.path for datadir in self._settings.datadirs]

    @property
    def url_prefixes(self) -> Sequence[str]:
        """Every datadir under every scheme."""
        return [
            f"{scheme}://{path}" for path in self.directories for scheme in sorted(self.schemes)
        ]

    # ------------------------------------------------------------------ start

    def start(self) -> None:
        """Make directories that are missing; one that vanishes later is not made anew.

        Raises:
            BadConfiguration: a directory cannot be made or written to, or the metadata file is
                wrong.
        """
        if self._settings.metadata_file:
            self._mountpoints = read_mountpoints(self._settings.metadata_file)
        for directory in self.directories:
            self._prepare(directory)

    def _prepare(self, directory: str) -> None:
        option = f"filesystem_store_datadir{'s' * (len(self.directories) > 1)}"
        try:
            os.makedirs(directory, self._settings.new_directory_mode, exist_ok=True)
        except OSError as error:
            raise BadConfiguration(
                option, f"directory {directory} cannot be made: {reason(error)}."
            ) from error
        if not os.access(directory, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise BadConfiguration(option, f"directory {directory} must be readable and writable.")
        self._let_in(directory)

    def _let_in(self, directory: str) -> None:
        """Let those through to the files who are to read them."""
        mode = stat.S_IMODE(os.stat(directory).st_mode)
        wanted = mode | self._settings.directory_permissions
        if wanted == mode:
            return
        try:
            os.chmod(directory, wanted)
        except OSError as error:
            LOG.warning("%s keeps its permissions: %s", directory, reason(error))

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> FileWriteHandle:
        """Begin a new object, in the datadir that is next to be filled.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists, in whichever datadir.
            StorageFull: `size` bytes do not fit.
            StoreWriteDenied, StoreUnavailable: as the file system says.
        """
        path = self._in_time(partial(self._new_path, key, size or 0))
        return FileWriteHandle(
            self.store,
            path,
            self._location(path),
            permissions=self._settings.permissions,
            thin=self._settings.thin,
            rivals=self._rivals(path),
        )

    def create_from(self, key: str, file: OfFile) -> TakenFileHandle | None:
        """Begin a new object that is a file of the same file system; None if it is of another.

        Raises:
            Invalid, Duplicate, StorageFull, StoreWriteDenied, StoreUnavailable: as `create`.
        """
        path = self._in_time(partial(self._new_path, key, 0))
        if self._settings.thin or not self._in_time(partial(self._is_near, path, file)):
            return None
        return TakenFileHandle(
            self.store,
            path,
            self._location(path),
            permissions=self._settings.permissions,
            file=file,
            rivals=self._rivals(path),
        )

    def _is_near(self, path: str, file: OfFile) -> bool:
        with writing(self.store):
            return os.stat(os.path.dirname(path)).st_dev == os.fstat(file.fileno()).st_dev

    def _new_path(self, key: str, size: int) -> str:
        check_key(key)
        if any(map(os.path.lexists, self._paths(key))):
            raise taken(key, self.store)
        return os.path.join(choose(self.store, self._settings.datadirs, size).path, key)

    def _paths(self, key: str) -> list[str]:
        return [os.path.join(directory, key) for directory in self.directories]

    def _rivals(self, path: str) -> list[str]:
        return [each for each in self._paths(os.path.basename(path)) if each != path]

    def _location(self, path: str) -> Location:
        own = {"store": self.store} if self._settings.named else {}
        return Location(url_of(path), {**describing(path, self._mountpoints), **own})

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> FileStream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's, or no regular file.
            DataNotFound: nothing is there.
            StoreUnavailable: as the file system says.
        """
        opened = partial(self._open, location, offset, length)
        return self._in_time(opened, late=FileStream.close)

    def _open(self, location: Location, offset: int, length: int | None) -> FileStream:
        path = self._path(location)
        try:
            return FileStream(self.store, path, offset, length)
        except OSError as error:
            raise self._read_fault(path, error) from error

    def size(self, location: Location) -> int:
        """Return the size of the file in bytes.

        Raises:
            Invalid, DataNotFound, StoreUnavailable: as `open`.
        """
        stream = self.open(location)
        stream.close()
        return stream.size

    def _path(self, location: Location) -> str:
        return path_of(location.url, self.directories, self.store)

    def _read_fault(self, path: str, error: OSError) -> TintypeError:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return self._absence(path, error)
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            return Invalid(f"The location is none of store {self.store}'s: it is no file.")
        return unavailable(self.store, error)

    def _absence(self, path: str, error: OSError) -> TintypeError:
        # Where a whole datadir is gone a disk is not mounted: the data is not lost, and whoever
        # takes it for deleted would leave it behind.
        if not all(map(os.path.isdir, self.directories)):
            return unavailable(self.store, error)
        return DataNotFound(os.path.basename(path), self.store)

    # ------------------------------------------------------------------ remove

    def delete(self, location: Location) -> None:
        """Remove the file for good; streams of it go on.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreWriteDenied, StoreUnavailable: as the file system says.
        """
        self._in_time(partial(self._delete, location))

    def _delete(self, location: Location) -> None:
        path = self._path(location)
        try:
            os.unlink(path)
            sync_directory(os.path.dirname(path))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._absence(path, error) from error
        except OSError as error:
            raise StoreWriteDenied(self.store, reason(error)) from error

    def discard_unfinished(self, key: str) -> None:
        """Remove the temporary files of that key from every datadir that is there.

        Raises:
            StoreWriteDenied, StoreUnavailable: as the file system says.
        """
        check_key(key)
        for directory in self.directories:
            self._in_time(partial(self._discard, directory, key))

    def _discard(self, directory: str, key: str) -> None:
        with writing(self.store):
            _discard(directory, key)

    # ------------------------------------------------------------------ look

    def probe(self) -> None:
        """Ask for room and for the right to write in the directories; nothing is written.

        Raises:
            StorageFull: there is no room in any; StoreWriteDenied: none can be written to.
            StoreUnavailable: they do not answer in time.
        """
        self._in_time(partial(choose, self.store, self._settings.datadirs, 1))

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key may be: in any of the datadirs."""
        check_key(key)
        return [self._location(path) for path in self._paths(key)]

    def keys(self) -> Iterator[str]:
        """Give the name of everything in the datadirs.

        Raises:
            StoreUnavailable: as the file system says.
        """
        for directory in self.directories:
            with reading(self.store), os.scandir(directory) as entries:
                for entry in entries:
                    yield entry.name


def _discard(directory: str, key: str) -> None:
    pattern = unfinished_pattern(key)
    try:
        names = [name for name in os.listdir(directory) if pattern.fullmatch(name)]
    except FileNotFoundError:
        return
    for name in names:
        os.unlink(os.path.join(directory, name))
    if names:
        sync_directory(directory)

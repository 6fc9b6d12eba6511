"""The options of file stores, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oslo_config import cfg

from tintype.adapters.stores.filesystem.datadirs import Datadir, datadirs_from
from tintype.domain.errors import BadConfiguration
from tintype.domain.store import RESERVED_PREFIX

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "filesystem_store_datadir",
        default="/var/lib/glance/images",
        help="Directory that images are kept in; it must be this store's alone. Leave it empty "
        "to use filesystem_store_datadirs.",
    ),
    cfg.MultiStrOpt(
        "filesystem_store_datadirs",
        help="Directories that images are kept in, as path[:priority]. The one with the highest "
        "priority that has room is used, the roomiest among equals.",
    ),
    cfg.StrOpt(
        "filesystem_store_metadata_file",
        help="JSON file with an object, or a list of them, having an id and a mountpoint: the "
        "one whose mountpoint an image lies under becomes metadata of its location.",
    ),
    cfg.IntOpt(
        "filesystem_store_file_perm",
        default=0,
        help="Permissions of image files in octal digits, such as 640; 0 leaves it to the umask.",
    ),
    cfg.IntOpt(
        "filesystem_store_chunk_size",
        default=64 << 10,
        min=1,
        help="Shown as a property of the store. Accepted for the sake of existing configuration "
        "files; it has no effect.",
    ),
    cfg.BoolOpt(
        "filesystem_thin_provisioning",
        default=False,
        help="Whether to leave holes in the file where an image has nothing but zeros.",
    ),
    cfg.IntOpt(
        "filesystem_store_timeout",
        default=0,
        min=0,
        help="Seconds that the file system has to find, remove or open a file, or to tell its "
        "free space, before the store counts as unavailable; 0 waits for ever. Reading and writing "
        "are not limited.",
    ),
    cfg.IntOpt(
        "filesystem_store_thread_pool_size",
        default=10,
        min=1,
        help="Threads of one process that wait for the file system when filesystem_store_timeout "
        "is set. Those that hang are not used again before they come back.",
    ),
    cfg.IntOpt(
        "filesystem_store_threadpool_threshold",
        default=75,
        min=0,
        max=100,
        help="Percentage of those threads that is worth a warning in the log when so many hang.",
    ),
)

FOR_WRITING: Final = frozenset(
    {
        "filesystem_store_file_perm",
        "filesystem_store_chunk_size",
        "filesystem_thin_provisioning",
    }
)


@dataclass(frozen=True, slots=True)
class FilesystemSettings:
    """One file store as configured; `chunk_size` in bytes, no `permissions`: the umask's.

    `threshold` is in percent of the `threads`, which are used if there is a `timeout_s`.
    """

    store: str
    datadirs: tuple[Datadir, ...]
    metadata_file: str | None = None
    permissions: int | None = None
    chunk_size: int = 64 << 10
    thin: bool = False
    timeout_s: int = 0
    threads: int = 10
    threshold: int = 75
    named: bool = False

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any], *, named: bool) -> "FilesystemSettings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        return cls(
            store,
            datadirs_from(values["filesystem_store_datadir"], values["filesystem_store_datadirs"]),
            values["filesystem_store_metadata_file"] or None,
            permissions_from(values["filesystem_store_file_perm"]),
            values["filesystem_store_chunk_size"],
            values["filesystem_thin_provisioning"],
            values["filesystem_store_timeout"],
            values["filesystem_store_thread_pool_size"],
            values["filesystem_store_threadpool_threshold"],
            named,
        )

    @property
    def new_directory_mode(self) -> int:
        """The mode of a directory that is made: the service's own are for nobody else."""
        return 0o700 if self.store.startswith(RESERVED_PREFIX) else 0o777

    @property
    def directory_permissions(self) -> int:
        """What a directory must allow so that those who may read a file can get at it."""
        wanted = self.permissions or 0
        return (0o010 if wanted & 0o070 else 0) | (0o001 if wanted & 0o007 else 0)


def permissions_from(digits: int) -> int | None:
    """Read the digits of a number as octal; None if it is not positive.

    Raises:
        BadConfiguration: they are not octal, too many, or keep the owner from reading.
    """
    if digits <= 0:
        return None
    option = "filesystem_store_file_perm"
    try:
        mode = int(str(digits), 8)
    except ValueError:
        raise BadConfiguration(option, f"{digits} is no octal number, such as 640.") from None
    if mode > 0o777:
        raise BadConfiguration(option, f"{digits} has more than the three digits of 777.")
    if not mode & 0o400:
        raise BadConfiguration(option, f"{digits} does not let the service read its own files.")
    return mode

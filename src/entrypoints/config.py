"""The configuration: one `ConfigOpts`, built here and handed to the container.

Options have Glance's names wherever Glance has them. Options of adapters are declared by the
adapters; the container puts all of them together.
"""

import hashlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from oslo_config import cfg, types
from oslo_log import log

from tintype.domain.errors import BadConfiguration
from tintype.domain.image_import import Method
from tintype.domain.limits import CONTAINER_FORMATS, DISK_FORMATS, Limits
from tintype.entrypoints import scrubbing, uri_filtering
from tintype.entrypoints.http import cross_origin, request_lines
from tintype.entrypoints.option_types import BracketedList

LOG = logging.getLogger(__name__)
PROJECT: Final = "tintype"
IMPORT_OPTIONS: Final = "glance-image-import.conf"
"""The file in which Glance keeps the options of imports, beside its own."""

AUTH_STRATEGIES: Final = ("noauth", "trusted_headers", "http_basic", "keystone")
FLAVORS_WITHOUT_IDENTITY: Final = frozenset({"caching", "cachemanagement"})


class HashName(types.String):
    """The name of a digest that hashlib computes, of a length of its own."""

    def __call__(self, value: Any) -> str:
        """Read the text."""
        name = str(super().__call__(value))
        if name not in hashlib.algorithms_available or hashlib.new(name).digest_size == 0:
            raise ValueError("it is none of hashlib's, such as sha256 or sha512")
        return name


class StorageSize(types.String):
    """A number of bytes, or of units of 1024 of them and so on: `100`, `512MB`, `10TB`."""

    _UNITS: Final = ("B", "KB", "MB", "GB", "TB")

    def __call__(self, value: Any) -> Any:
        """Read the text and return the bytes."""
        match = re.fullmatch(r"(\d+)\s*([KMGT]?B)?", str(value).strip(), re.ASCII)
        if match is None:
            raise ValueError(f"it must be a whole number, with {', '.join(self._UNITS)} or nothing")
        return int(match[1]) << 10 * self._UNITS.index(match[2] or "B")


DEFAULT_OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "auth_strategy",
        choices=AUTH_STRATEGIES,
        help="How callers prove who they are. noauth (everybody is the administrator) is for the "
        "loopback interface alone; trusted_headers believes X-Identity-Status and its fellows, "
        "so an authenticating proxy must be in front and must strip those of clients; "
        "http_basic uses [oslo_middleware] http_basic_auth_user_file; keystone uses "
        "[keystone_authtoken]. Unset: keystone if [paste_deploy] flavor names it, else noauth.",
    ),
    cfg.BoolOpt(
        "noauth_anywhere",
        default=False,
        help="Serve without authentication on addresses other than loopback too. Everybody who "
        "can connect can then read, change and delete every image.",
    ),
    cfg.BoolOpt(
        "allow_anonymous_access",
        default=False,
        help="Let callers without an identity read what the policies allow them.",
    ),
    cfg.HostAddressOpt("bind_host", default="127.0.0.1", help="Address to listen on."),
    cfg.PortOpt("bind_port", default=9292, help="Port to listen on."),
    cfg.IntOpt("workers", min=1, default=2, help="Number of processes that serve requests."),
    cfg.IntOpt(
        "threads",
        min=1,
        default=32,
        help="Requests that one process serves at the same time; an upload or download takes one "
        "of them for as long as it runs.",
    ),
    cfg.BoolOpt(
        "sendfile",
        default=False,
        help="Have the kernel send files by itself. Over a network card this may save processor "
        "time; over loopback, as to a proxy on the same host, copying is faster.",
    ),
    cfg.IntOpt("backlog", min=1, default=4096, help="Connections that may wait to be taken."),
    cfg.IntOpt(
        "http_keepalive_timeout",
        min=0,
        default=75,
        help="Seconds for which an idle connection is kept open.",
    ),
    cfg.IntOpt(
        "graceful_timeout",
        min=0,
        default=30,
        help="Seconds that running transfers have to end when the service is stopped.",
    ),
    cfg.IntOpt(
        "max_request_id_length", min=0, default=64, help="Characters of the longest request id."
    ),
    cfg.URIOpt("public_endpoint", help="URL of the service as clients see it, for version links."),
    cfg.URIOpt(
        "worker_self_reference_url",
        help="URL at which the other hosts of the service reach this one. Needed where staging is "
        "a directory of each host: what was staged here is imported here. Unset: "
        "public_endpoint; if that is the same everywhere, staging must be shared.",
    ),
    cfg.IntOpt("limit_param_default", min=1, default=25, help="Images on a page by default."),
    cfg.IntOpt("api_limit_max", min=1, default=1000, help="Images on a page at most."),
    cfg.IntOpt(
        "image_size_cap",
        min=1,
        max=1 << 63,
        default=1 << 40,
        help="Bytes that an image has at the most.",
    ),
    cfg.IntOpt(
        "image_property_quota",
        default=128,
        help="Custom properties that an image has at the most; negative: any number.",
    ),
    cfg.IntOpt(
        "image_tag_quota",
        default=128,
        help="Tags that an image has at the most; negative: any number.",
    ),
    cfg.IntOpt(
        "image_member_quota",
        default=128,
        help="Projects that an image is shared with at the most; negative: any number.",
    ),
    cfg.IntOpt(
        "image_location_quota",
        default=10,
        help="Locations that an image has at the most; negative: any number.",
    ),
    cfg.StrOpt(
        "property_protection_file",
        help="File that says who may create, read, update and delete which custom properties; "
        "looked for where configuration files are. Unset: no property is protected.",
    ),
    cfg.StrOpt(
        "property_protection_rule_format",
        choices=("roles", "policies"),
        default="roles",
        help="What the values in property_protection_file are: lists of roles, or names of "
        "policy rules.",
    ),
    cfg.Opt(
        "user_storage_quota",
        type=StorageSize(),
        default="0",
        help="Bytes that a project's images have at the most in all their locations, as a number "
        "with B, KB, MB, GB, TB or nothing behind it; 0: any number. Without effect when "
        "use_keystone_limits is set.",
    ),
    cfg.BoolOpt(
        "use_keystone_limits",
        default=False,
        help="Hold projects to the unified limits that are registered in Keystone; "
        "[oslo_limit] says how to ask for them.",
    ),
    cfg.StrOpt(
        "metadata_source_path",
        default="/etc/glance/metadefs/",
        help="Directory of the definition files that tintype metadefs load takes by default.",
    ),
    *scrubbing.OPTIONS,
    cfg.StrOpt(
        "metadata_encryption_key",
        secret=True,
        help="Key of 16, 24 or 32 characters by which the URLs of locations are kept encrypted in "
        "the database. What was written without one, or by Glance with this one, is read too; "
        "tintype db rewrite-urls brings everything into the present form.",
    ),
    cfg.BoolOpt("show_image_direct_url", default=False, help="Show the URL of the data."),
    cfg.BoolOpt("show_multiple_locations", default=False, help="Show all locations of the data."),
    cfg.Opt(
        "hashing_algorithm",
        type=HashName(),
        default="sha512",
        help="Algorithm of os_hash_value, beside MD5.",
    ),
    cfg.BoolOpt(
        "do_secure_hash",
        default=True,
        help="Read data whose location a service sends to its end, for its digests. Without it "
        "the digests that came along are believed, and where none did there are none.",
    ),
    cfg.IntOpt(
        "http_retries",
        min=0,
        default=3,
        help="How often such reading is tried again after it broke off.",
    ),
    cfg.Opt(
        "enabled_import_methods",
        type=BracketedList(types.String(choices=[method.value for method in Method], quotes=True)),
        default=[method.value for method in Method if method is not Method.REMOTE],
        help="Import methods that are offered: glance-direct takes what was staged, web-download "
        "fetches from a URL, copy-image copies to more stores, glance-download fetches from the "
        "image service of another region.",
    ),
    cfg.IntOpt(
        "lease_time",
        min=5,
        default=60,
        help="Seconds after which an upload, deletion or task whose process shows no sign of life "
        "is undone, finished or taken up by another one.",
    ),
    cfg.IntOpt(
        "sweep_interval",
        min=1,
        default=30,
        help="Seconds between two looks for uploads, deletions and tasks that were left behind.",
    ),
)

GROUPS: Final[dict[str, Sequence[cfg.Opt]]] = {
    uri_filtering.GROUP: uri_filtering.OPTIONS,
    "database": (
        cfg.StrOpt(
            "connection",
            secret=True,
            default="sqlite:////var/lib/glance/glance.sqlite",
            help="URL of the database: postgresql://…, mysql://… or sqlite:///path.",
        ),
        cfg.IntOpt("max_pool_size", min=1, default=5, help="Connections kept open per process."),
        cfg.IntOpt("max_overflow", min=0, default=50, help="Connections opened beyond those."),
        cfg.IntOpt("pool_timeout", min=1, default=30, help="Seconds to wait for a connection."),
        cfg.IntOpt(
            "connection_recycle_time",
            min=1,
            default=3600,
            help="Seconds after which a connection is made anew.",
        ),
        cfg.StrOpt(
            "migration_backend",
            default="sqlalchemy",
            help="What makes the schema and brings it up to date: the name of an entry point in "
            "the group tintype.database.migration_backend.",
        ),
        cfg.StrOpt(
            "metadata_backend",
            default="sqlalchemy",
            help="What loads, unloads and exports definitions of metadata: the name of an entry "
            "point in the group tintype.database.metadata_backend.",
        ),
    ),
    "image_format": (
        cfg.Opt(
            "disk_formats",
            type=BracketedList(),
            default=list(DISK_FORMATS),
            help="Disk formats allowed.",
        ),
        cfg.Opt(
            "container_formats",
            type=BracketedList(),
            default=list(CONTAINER_FORMATS),
            help="Container formats allowed.",
        ),
        cfg.BoolOpt(
            "require_image_format_match",
            default=True,
            help="Refuse data that is not what disk_format says. Unsafe data is refused anyway.",
        ),
        cfg.Opt(
            "gpt_safety_checks_nonfatal",
            type=BracketedList(),
            default=[],
            help="Safety checks of partition tables whose failure is tolerated.",
        ),
    ),
    "image_import_opts": (
        cfg.Opt(
            "image_import_plugins",
            type=BracketedList(),
            default=[],
            help="What is done to data before it is stored, in this order: no_op, "
            "inject_image_metadata, image_decompression (which must come before) "
            "image_conversion, or plugins of other packages.",
        ),
        cfg.IntOpt(
            "max_parallel_stores",
            min=1,
            default=1,
            help="Data is always written to all stores of an import at the same time. With more "
            "than 1 all of them count as failed when one fails that must not.",
        ),
    ),
    "glance_download_properties": (
        cfg.Opt(
            "extra_properties",
            type=BracketedList(),
            default=["hw_", "trait:", "os_distro", "os_secure_boot", "os_type"],
            help="What the names of those properties begin with that glance-download takes from "
            "the other image.",
        ),
    ),
    "task": (
        cfg.BoolOpt(
            "allow_import_tasks",
            default=True,
            help="Let administrators post tasks of type import, which make an image of data from "
            "the web.",
        ),
        cfg.StrOpt(
            "work_dir",
            help="Local directory in which import plugins work when enabled_backends is not set, "
            "by default the one in which data is staged; otherwise [os_glance_tasks_store] "
            "filesystem_store_datadir says where.",
        ),
        cfg.IntOpt(
            "task_time_to_live",
            min=0,
            default=48,
            help="Hours for which a task can be looked at after its end.",
        ),
        cfg.StrOpt(
            "task_executor",
            default="local",
            choices=("local", "taskflow", "celery"),
            help="Who works on tasks. local: threads of the processes that serve requests; "
            "taskflow means the same, as files of older clouds have it. celery: processes of "
            "`tintype worker`, on any host, which [celery] broker_url lets know of them.",
        ),
    ),
    "wsgi": (
        cfg.IntOpt(
            "task_pool_threads",
            min=1,
            default=16,
            help="Tasks that one process works on at the same time.",
        ),
    ),
    "paste_deploy": (
        cfg.StrOpt("flavor", help="Read for the word keystone only; see auth_strategy."),
        cfg.StrOpt("config_file", help="Accepted for Glance's sake, without effect."),
    ),
    "healthcheck": (
        cfg.Opt(
            "backends",
            type=BracketedList(types.String(choices=["disable_by_file"], quotes=True)),
            default=[],
            help="disable_by_file, or nothing.",
        ),
        cfg.StrOpt(
            "disable_by_file_path", help="File while whose existence /healthcheck answers 503."
        ),
    ),
    "cors": cross_origin.OPTIONS,
    "oslo_middleware": (
        cfg.BoolOpt(
            "enable_proxy_headers_parsing",
            default=False,
            help="Believe X-Forwarded-* for the URLs in answers.",
        ),
        cfg.StrOpt(
            "http_basic_auth_user_file",
            default="/etc/htpasswd",
            help="File of user:bcrypt-hash lines, for auth_strategy = http_basic.",
        ),
    ),
}

REMOVED: Final = (
    "allow_additional_image_properties",
    "owner_is_tenant",
    "location_strategy",
    "client_socket_timeout",
)
"""Options of older clouds that are read over, with a warning."""


def register_options(conf: cfg.ConfigOpts) -> None:
    """Declare the options of the service itself."""
    conf.register_opts(DEFAULT_OPTIONS)
    for group, options in GROUPS.items():
        conf.register_opts(options, group=group)
    conf.register_opts([cfg.StrOpt(name, deprecated_for_removal=True) for name in REMOVED])


def new_config(
    files: Sequence[str] | None = None, dirs: Sequence[str] | None = None
) -> cfg.ConfigOpts:
    """Read configuration files, then those in directories; without any, those of `/etc/tintype`
    and `~/.tintype`. Before a file that is named comes what lies beside it as
    `glance-image-import.conf`.

    Raises:
        BadConfiguration: a file or a directory is missing, a file cannot be parsed, or a value
            is not what its option takes.
    """
    conf = cfg.ConfigOpts()
    register_options(conf)
    _register_log_options(conf)
    for file in files or ():
        if not _is_readable(file):
            raise BadConfiguration("--config-file", f"{file} is no file that can be read.")
    for folder in dirs or ():
        if not (os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)):
            raise BadConfiguration("--config-dir", f"{folder} is no directory that can be read.")
    # What is named on purpose is the whole configuration.
    named = files is not None or dirs is not None
    try:
        conf(
            [],
            project=PROJECT,
            prog=PROJECT,
            default_config_files=_with_import_options(files or ()) if named else None,
            default_config_dirs=list(dirs or ()) if named else None,
        )
    except cfg.Error as error:
        raise BadConfiguration("files", " ".join(str(error).split())) from error
    except UnicodeDecodeError as error:
        read = ", ".join([*conf.default_config_files, *conf.default_config_dirs])
        raise BadConfiguration("files", f"{read}: the text must be UTF-8: {error}.") from error
    except OSError as error:
        problem = f"{error.filename} cannot be read: {error.strerror}."
        raise BadConfiguration("files", problem) from error
    _check_values(conf)
    return conf


def _register_log_options(conf: cfg.ConfigOpts) -> None:
    log.register_options(conf)
    # It makes some of them options of the command line. Those oslo.config checks when it reads
    # files, and ends the process over a value that is wrong.
    for option in _log_options():
        conf.unregister_opt(option)
        conf.register_opt(option)


def _log_options() -> list[cfg.Opt]:
    """Return the options of oslo.log, as oslo-config-generator has them."""
    (listing,) = distribution("oslo.log").entry_points.select(
        group="oslo.config.opts", name="oslo.log"
    )
    return [option for _, options in listing.load()() for option in options]


def _is_readable(file: Any) -> bool:
    try:
        return not os.path.isdir(file) and os.access(file, os.R_OK)
    except (TypeError, ValueError):
        # It is no path at all.
        return False


def _with_import_options(files: Sequence[str]) -> list[str]:
    """Put Glance's file of import options first, wherever one lies beside a file unnamed."""
    beside = (os.path.join(os.path.dirname(file), IMPORT_OPTIONS) for file in files)
    named = {os.path.realpath(file) for file in files}
    found = [file for file in dict.fromkeys(beside) if os.path.isfile(file)]
    return [*(file for file in found if os.path.realpath(file) not in named), *files]


def _check_values(conf: cfg.ConfigOpts) -> None:
    # oslo.config looks at a value when it is asked for: ask now, not in the first request.
    defaults = (*DEFAULT_OPTIONS, *_log_options())
    for group, options in (("DEFAULT", defaults), *GROUPS.items()):
        for option in options:
            try:
                value = _value(conf, group, option.dest)
            except (cfg.Error, ValueError) as error:
                raise BadConfiguration.of_value(f"[{group}] {option.dest}", error) from error
            if value is None and option.default is not None:
                # A number of which nothing is written.
                place = None if group == "DEFAULT" else group
                conf.set_override(option.dest, option.default, group=place)


def _value(conf: cfg.ConfigOpts, group: str, name: str) -> Any:
    return conf[name] if group == "DEFAULT" else conf[group][name]


def limits_of(conf: cfg.ConfigOpts) -> Limits:
    """Return the limits that the configuration sets."""
    return Limits(
        image_property_quota=conf.image_property_quota,
        image_tag_quota=conf.image_tag_quota,
        image_member_quota=conf.image_member_quota,
        image_location_quota=conf.image_location_quota,
        image_size_cap=conf.image_size_cap,
        disk_formats=tuple(conf.image_format.disk_formats),
        container_formats=tuple(conf.image_format.container_formats),
    )


def auth_strategy_of(conf: cfg.ConfigOpts) -> str:
    """Return how callers are identified, from either option that may say so.

    Raises:
        BadConfiguration: a flavor leaves it open; a word misspelt must not open the service.
    """
    if conf.auth_strategy:
        return str(conf.auth_strategy)
    flavor = conf.paste_deploy.flavor or ""
    if "keystone" in flavor:
        return "keystone"
    if flavor and not FLAVORS_WITHOUT_IDENTITY.issuperset(flavor.split("+")):
        raise BadConfiguration(
            "[paste_deploy] flavor",
            f"{flavor!r} does not say how callers prove who they are; set [DEFAULT] auth_strategy.",
        )
    return "noauth"


def set_library_defaults() -> None:
    """Set defaults of libraries' options; also for oslo-config-generator."""
    # The registry says itself, and better, which drivers are missing.
    quieter = ("alembic=WARN", "stevedore=ERROR")
    log.set_defaults(default_log_levels=[*log.get_default_log_levels(), *quieter])


def set_up_logging(conf: cfg.ConfigOpts, *, apart: bool = False) -> None:
    """Send log lines where the configuration says (`log_file`, `debug`, …, as oslo.log does).

    What would go to the standard output goes to the standard error if it is to be kept `apart`.

    Raises:
        BadConfiguration: the log file cannot be written, or an option of oslo.log is wrong.
    """
    set_library_defaults()
    _check_log_levels(conf.default_log_levels)
    try:
        _make_log_directory(conf)
        log.setup(conf, PROJECT)
        _ask_for_request_lines(conf)
        if apart:
            _leave_standard_output()
    except Exception as error:  # what a file of logging.config runs into, too
        raise _bad_logging(conf, error) from error
    for name in REMOVED:
        # oslo.config warns of an option when it is read.
        getattr(conf, name)


def _ask_for_request_lines(conf: cfg.ConfigOpts) -> None:
    # Where many threads write theirs, a line takes nearly as long as a short request.
    named = {pair.partition("=")[0] for pair in conf.default_log_levels}
    if request_lines.ACCESS not in named:
        logging.getLogger(request_lines.ACCESS).setLevel(logging.WARNING)


def _leave_standard_output() -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)


def _check_log_levels(pairs: Sequence[str]) -> None:
    for pair in pairs:
        level = pair.partition("=")[2]
        if not (re.fullmatch(r"-?\d+", level, re.ASCII) or level in logging.getLevelNamesMapping()):
            raise BadConfiguration(
                "[DEFAULT] default_log_levels",
                f"{pair!r} must be the name of a logger and a level, such as sqlalchemy=WARN.",
            )


def _make_log_directory(conf: cfg.ConfigOpts) -> None:
    if (conf.log_file or conf.log_dir) and not conf.log_config_append:
        # A directory alone means a file in it that is named after the program.
        path = Path(conf.log_dir or "", conf.log_file or "any.log")
        path.parent.mkdir(parents=True, exist_ok=True)


def _bad_logging(conf: cfg.ConfigOpts, error: Exception) -> BadConfiguration:
    """Say which option made oslo.log fail, as far as one can tell."""
    problem = f"{error}."
    if conf.log_config_append:
        option, problem = "log_config_append", f"{conf.log_config_append} cannot be used: {error}."
    elif isinstance(error, OSError) and (conf.log_file or conf.log_dir):
        option = "log_file" if conf.log_file else "log_dir"
        problem = f"{error.filename} cannot be written: {error.strerror}."
    elif isinstance(error, TypeError):
        option = "syslog_log_facility"
    else:
        option = "log_*, use_*, publish_errors"
    return BadConfiguration(f"[DEFAULT] {option}", problem)

"""The options that say which stores there are, and how each one's values are found."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast

from oslo_config import cfg, types
from stevedore.driver import DriverManager
from stevedore.exception import NoMatches
from stevedore.extension import ExtensionManager

from tintype.adapters.stores.guard import OPTIONS as GUARD_OPTIONS
from tintype.adapters.stores.plugin import DriverClass
from tintype.domain.errors import BadConfiguration
from tintype.domain.store import STAGING_STORE

LOG = logging.getLogger(__name__)
NAMESPACE: Final = "tintype.stores"
SINGLE: Final = "glance_store"
FALLBACK: Final = "backend_defaults"

_OLD_TYPE: Final = re.compile(r"glance\.store\.(\w+)\.Store")
_OLD_TYPES: Final = {"filesystem": "file", "vmware_datastore": "vmware"}
"""Of old names of types, what is in the middle, where it is not the present name."""


def _unbracketed(value: Any, brackets: str) -> Any:
    if isinstance(value, str):
        text = value.strip()
        if text[:1] == brackets[0] and text[-1:] == brackets[1]:
            return text[1:-1]
    return value


class StoreTable(types.Dict):
    """`id:type` pairs in the order in which they are written, in braces, brackets or neither."""

    def __call__(self, value: Any) -> dict[str, Any]:
        """Read the text."""
        return super().__call__(_unbracketed(_unbracketed(value, "{}"), "[]"))


class Names(types.List):
    """Names separated by commas, in quotes or not, all of them in brackets or not."""

    def __init__(self) -> None:
        super().__init__(item_type=types.String(quotes=True))

    def __call__(self, value: Any) -> list[Any]:
        """Read the text."""
        return super().__call__(_unbracketed(value, "[]"))


ENABLED_BACKENDS: Final = cfg.Opt(
    "enabled_backends",
    type=StoreTable(),
    help="The stores, as id:type pairs. Each has a section named after its id; what that leaves "
    f"out is taken from [{FALLBACK}].",
)

NODE_STAGING_URI: Final = cfg.StrOpt(
    "node_staging_uri",
    default="file:///var/lib/glance/staging/",
    help="Directory, as a file URL, in which data waits for its import when enabled_backends is "
    "not set; otherwise [os_glance_staging_store] filesystem_store_datadir says where.",
)

SINGLE_OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "default_backend",
        help="Id of the store for images whose uploader names none; one of enabled_backends.",
    ),
    cfg.Opt(
        "stores",
        type=Names(),
        default=["file", "http"],
        help="Types of store to use when enabled_backends is not set.",
    ),
    cfg.StrOpt(
        "default_store",
        default="file",
        help="Type or URL scheme of the store for new images when enabled_backends is not set.",
    ),
)

STORE_OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt("store_description", help="What callers are told of the store."),
    cfg.IntOpt(
        "weight", default=0, help="Of several copies, that in the heaviest store is read first."
    ),
    *GUARD_OPTIONS,
)


STAGING_OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "store_type",
        default="file",
        help="Type of store that data waits in for its import, when enabled_backends is set. Of "
        "the others every worker reaches everything; their options stand in this section. It "
        "must be a place of its own: what no import needs is removed from it.",
    ),
    cfg.BoolOpt(
        "shared",
        default=False,
        help="The directory of a staging store of type file is the same for all workers, "
        "wherever they run. If not, imports and deletions go on to the worker that has the data: "
        "set worker_self_reference_url on each.",
    ),
)


# ---------------------------------------------------------------------- drivers


class NoSuchDriver(Exception):
    """No driver is installed under that name."""


def type_called(name: str) -> str:
    """Return the type of store that a name stands for: itself, or `glance.store.<driver>.Store`.

    Source: stores §2.3.
    """
    old = _OLD_TYPE.fullmatch(name)
    return _OLD_TYPES.get(old[1], old[1]) if old else name


def load_driver(kind: str) -> DriverClass:
    """Return the driver of a type of store.

    Raises:
        NoSuchDriver: none is installed.
        ImportError: it lacks a library.
    """
    try:
        manager: DriverManager[Any] = DriverManager(
            NAMESPACE, type_called(kind), on_missing_entrypoints_callback=_say_nothing
        )
    except NoMatches:
        raise NoSuchDriver(kind) from None
    return cast(DriverClass, manager.driver)


def _say_nothing(_: Iterable[str]) -> None:
    """Leave it to NoMatches."""


def _installed_options() -> list[cfg.Opt]:
    drivers: ExtensionManager[Any] = ExtensionManager(
        NAMESPACE, on_load_failure_callback=_leave_out
    )
    return [option for driver in drivers for option in driver.plugin.OPTIONS]


def _leave_out(_: object, entry_point: Any, error: BaseException) -> None:
    LOG.debug("Driver %s is left out: %s", entry_point.name, error)


# ---------------------------------------------------------------------- declaring


def list_options() -> list[tuple[str | None, list[cfg.Opt]]]:
    """List all options by section, for sample configuration files."""
    drivers = _installed_options()
    return [
        (None, [ENABLED_BACKENDS, NODE_STAGING_URI]),
        (SINGLE, [*SINGLE_OPTIONS, *GUARD_OPTIONS, *drivers]),
        (FALLBACK, [*STORE_OPTIONS, *drivers]),
        (STAGING_STORE, [*STAGING_OPTIONS]),
    ]


def register_options(conf: cfg.ConfigOpts) -> None:
    """Declare the options whose section is known before the configuration is read."""
    for group, options in list_options():
        _declare(conf, group, options)


def register_sections(conf: cfg.ConfigOpts, enabled: Mapping[str, str]) -> None:
    """Declare the options of stores, given as types by id, whose drivers are installed."""
    for store_id, kind in enabled.items():
        with suppress(NoSuchDriver, ImportError):
            _declare(conf, store_id, [*STORE_OPTIONS, *load_driver(kind).OPTIONS])


def _declare(conf: cfg.ConfigOpts, group: str | None, options: Iterable[cfg.Opt]) -> None:
    for option in options:
        # A program around us may have declared it in its own words: its value counts.
        with suppress(cfg.DuplicateOptError):
            conf.register_opt(option, group=group)


# ---------------------------------------------------------------------- reading


def value_of(conf: cfg.ConfigOpts, group: str | None, option: str) -> Any:
    """Return the value of an option.

    Raises:
        BadConfiguration: what stands in the file is not of its type.
    """
    return _read(group, option, lambda: (conf[group] if group else conf)[option])


def _read(group: str | None, option: str, get: Callable[[], Any]) -> Any:
    try:
        return get()
    except cfg.Error as error:
        raise BadConfiguration.of_value(f"[{group or 'DEFAULT'}] {option}", error) from error


def is_set(conf: cfg.ConfigOpts, group: str | None, option: str) -> bool:
    """Say whether anything but the default of the declaration is in force.

    Raises:
        BadConfiguration: what stands in the file is not of its type.
    """
    found = _read(group, option, lambda: conf.get_location(option, group))
    return found is not None and found.location is not cfg.Locations.opt_default


def settings_of(
    conf: cfg.ConfigOpts, group: str, options: Sequence[cfg.Opt], *, fallback: bool
) -> dict[str, Any]:
    """Return the values of one store by name.

    With `fallback` what its section leaves out comes from `[backend_defaults]`. A number of which
    nothing is written is the default.

    Raises:
        BadConfiguration: a value is not of its option's type.
    """
    _declare(conf, group, options)
    values = {}
    for option in options:
        name = option.dest
        place = FALLBACK if fallback and not is_set(conf, group, name) else group
        value = value_of(conf, place, name)
        empty = value is None and isinstance(option, cfg.IntOpt | cfg.FloatOpt)
        values[name] = option.default if empty else value
    return values

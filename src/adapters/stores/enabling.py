"""From configuration to stores with drivers that are built but not started."""

import logging
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Final, cast

from oslo_config import cfg

from tintype.adapters.stores.enabled_store import EnabledStore, tolerated
from tintype.adapters.stores.guard import OPTIONS as GUARD_OPTIONS
from tintype.adapters.stores.guard import GuardSettings
from tintype.adapters.stores.out_of_service import OutOfServiceDriver
from tintype.adapters.stores.plugin import DriverClass, FetchingDriverClass, StoreDriver
from tintype.adapters.stores.settings import (
    SINGLE,
    STORE_OPTIONS,
    NoSuchDriver,
    is_set,
    load_driver,
    settings_of,
    type_called,
    value_of,
)
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.store import RESERVED_PREFIX, STAGING_STORE, TASKS_STORE, Store
from tintype.domain.uri_filter import UriFilter

LOG = logging.getLogger(__name__)

RESERVED: Final = {STAGING_STORE: "staging", TASKS_STORE: "tasks"}
"""The service's own stores, and their directories in the state directory of a small set-up."""

ENABLED: Final = "[DEFAULT] enabled_backends"
STAGING_TYPE: Final = f"[{STAGING_STORE}] store_type"
DATADIR: Final = "filesystem_store_datadir"
WANTED: Final = Capability.READ | Capability.WRITE | Capability.DELETE
"""What a store must be able to do for data to wait in it."""

Values = Callable[[Sequence[cfg.Opt]], dict[str, Any]]
"""What a store is set to, by the names of options."""


# ---------------------------------------------------------------------- several, with names


def named_stores(
    conf: cfg.ConfigOpts,
    enabled: Mapping[str, str],
    uri_filter: UriFilter,
    *,
    default_required: bool = True,
) -> list[EnabledStore]:
    """Build the stores of `enabled_backends`, given as types by id.

    Raises:
        BadConfiguration: an id, a type or the default is wrong, or the default store is broken.
    """
    _refuse_reserved(enabled)
    default = value_of(conf, SINGLE, "default_backend")
    if default_required and default not in enabled:
        raise BadConfiguration(
            f"[{SINGLE}] default_backend",
            f"{default or 'nothing'} cannot be the default store: "
            f"name one of enabled_backends ({', '.join(enabled)}).",
        )
    return [
        _named_store(conf, store_id, kind, uri_filter, default=store_id == default)
        for store_id, kind in enabled.items()
    ]


def _refuse_reserved(store_ids: Iterable[str]) -> None:
    for store_id in store_ids:
        if store_id.startswith(RESERVED_PREFIX):
            raise BadConfiguration(
                ENABLED, f"{store_id} must be renamed: {RESERVED_PREFIX}… is reserved."
            )


def _named_store(
    conf: cfg.ConfigOpts, store_id: str, kind: str, uri_filter: UriFilter, *, default: bool
) -> EnabledStore:
    about = settings_of(conf, store_id, STORE_OPTIONS, fallback=True)
    store = Store(
        store_id,
        type_called(kind),
        about["store_description"],
        default=default,
        weight=about["weight"],
    )
    return _load(
        store,
        lambda options: settings_of(conf, store_id, options, fallback=True),
        uri_filter,
    )


def reserved_stores(
    conf: cfg.ConfigOpts,
    state_dir: str | None,
    enabled: Collection[str],
    wanted: Mapping[str, str],
) -> list[EnabledStore]:
    """Build the stores of the program's own that are wanted, given as types by id.

    They are in directories of `state_dir`, or of `/var/lib/glance` without it, unless their
    sections name others.

    Raises:
        BadConfiguration: a type is unknown, or an id is that of a store for callers.
    """
    for store_id in wanted:
        if store_id in enabled:
            raise BadConfiguration(ENABLED, f"{store_id} must be renamed: it is reserved.")
    return [_reserved_store(conf, store_id, kind, state_dir) for store_id, kind in wanted.items()]


def _reserved_store(
    conf: cfg.ConfigOpts, store_id: str, kind: str, state_dir: str | None
) -> EnabledStore:
    def values(options: Sequence[cfg.Opt]) -> dict[str, Any]:
        # No fallback: the defaults of the other stores are the place of images (stores §5).
        settings = settings_of(conf, store_id, options, fallback=False)
        if DATADIR in settings and not is_set(conf, store_id, DATADIR):
            settings[DATADIR] = _reserved_directory(store_id, state_dir)
        return settings

    if store_id != STAGING_STORE:
        return _load(Store(store_id, type_called(kind), own=True), values, UriFilter())
    kind = value_of(conf, STAGING_STORE, "store_type")
    return _load(Store(store_id, kind), values, UriFilter(), STAGING_TYPE)


def refuse_useless_staging(stores: Iterable[EnabledStore]) -> None:
    """Refuse a staging store that takes no data, or whose place is another store's too.

    Raises:
        BadConfiguration: it is one.
    """
    staging = next((each for each in stores if each.store.id == STAGING_STORE), None)
    if staging is None or isinstance(staging.driver, OutOfServiceDriver):
        return
    if WANTED not in staging.driver.capabilities:
        raise BadConfiguration(
            STAGING_TYPE, f"no data can be put into a {staging.store.type} store."
        )
    for each in stores:
        if each is not staging and _overlap(staging.driver, each.driver):
            raise BadConfiguration(
                STAGING_TYPE, f"staging must have a place of its own, not that of {each.store.id}."
            )


def _overlap(one: StoreDriver, other: StoreDriver) -> bool:
    return any(
        f"{a}/".startswith(f"{b}/") or f"{b}/".startswith(f"{a}/")
        for a in one.url_prefixes
        for b in other.url_prefixes
    )


def _reserved_directory(store_id: str, state_dir: str | None) -> str:
    if state_dir is None:
        return f"/var/lib/glance/{store_id}"
    return os.path.join(os.path.abspath(state_dir), RESERVED.get(store_id, store_id))


def _load(
    store: Store, values: Values, uri_filter: UriFilter, option: str = ENABLED
) -> EnabledStore:
    """Find the driver for the type of a store, and build it.

    Raises:
        BadConfiguration: its type is unknown, or it is the default one and broken.
    """
    try:
        driver = load_driver(store.type)
    except NoSuchDriver:
        raise BadConfiguration(
            option, f"{store.id} is of type {store.type!r}, for which no driver is installed."
        ) from None
    except ImportError as error:
        problem = BadConfiguration(option, f"type {store.type} lacks a library: {error}.")
        return _stand_in(store, store.id, problem)
    return _build(store, store.id, driver, values, uri_filter, named=True)


def _build(
    store: Store,
    section: str,
    driver: DriverClass,
    values: Values,
    uri_filter: UriFilter,
    *,
    named: bool,
) -> EnabledStore:
    """Build a store that is read and deleted from, though one of its options may be wrong.

    Raises:
        BadConfiguration: one is, and it is the default store.
    Source: stores §2.3.
    """

    def build(without: Collection[str] = (), problem: str | None = None) -> EnabledStore:
        options = [option for option in driver.OPTIONS if option.dest not in without]
        settings = _defaults(driver.OPTIONS) | values(options)

        def make() -> StoreDriver:
            return _driver(store.id, driver, settings, uri_filter, named=named)

        patience = GuardSettings.read(values(GUARD_OPTIONS))
        remake = None if getattr(driver, "REUSABLE", True) else make
        return EnabledStore(store, make(), section, problem, patience, remake)

    for_writing: Collection[str] = getattr(driver, "FOR_WRITING", ())
    try:
        return build()
    except BadConfiguration as error:
        if error.option.rpartition(" ")[2] not in for_writing:
            return _stand_in(store, section, error, driver.SCHEMES)
        problem = tolerated(store, section, error)
    try:
        return build(for_writing, problem)
    except BadConfiguration as error:
        return _stand_in(store, section, error, driver.SCHEMES)


def _defaults(options: Sequence[cfg.Opt]) -> dict[str, Any]:
    return {option.dest: option.default for option in options}


def _driver(
    store_id: str,
    driver: DriverClass,
    values: Mapping[str, Any],
    uri_filter: UriFilter,
    *,
    named: bool,
) -> StoreDriver:
    if not getattr(driver, "NEEDS_URI_FILTER", False):
        return driver.from_settings(store_id, values, named=named)
    fetching = cast(FetchingDriverClass, driver)
    return fetching.from_settings(store_id, values, named=named, uri_filter=uri_filter)


def _stand_in(
    store: Store, section: str, error: BadConfiguration, schemes: frozenset[str] = frozenset()
) -> EnabledStore:
    problem = tolerated(store, section, error)
    return EnabledStore(
        store, OutOfServiceDriver(store.id, store.type, schemes, problem), section, problem
    )


def refuse_shared_directories(
    stores: Iterable[EnabledStore], resolved: Callable[[str], str]
) -> None:
    """Refuse two stores in the same directory, or one inside another's.

    The data of one would be foreign to the other, and be cleaned away.

    Raises:
        BadConfiguration: two stores do so, once their paths are `resolved`.
    """
    owners = [(resolved(path), each) for each in stores for path in each.driver.directories]
    for (one, owner), (other, intruder) in combinations(owners, 2):
        if owner is not intruder and os.path.commonpath((one, other)) in (one, other):
            raise BadConfiguration(
                f"[{intruder.section}] {DATADIR}",
                f"{other} must lie neither in nor around {one} of store {owner.store.id}.",
            )


# ---------------------------------------------------------------------- one, without a name


def unnamed_stores(
    conf: cfg.ConfigOpts, uri_filter: UriFilter, *, default_required: bool = True
) -> list[EnabledStore]:
    """Build a store for each installed one of the types in `[glance_store] stores`.

    Raises:
        BadConfiguration: the default is none of them, or broken.
    """
    default = value_of(conf, SINGLE, "default_store")
    drivers = [driver for driver in map(_installed, value_of(conf, SINGLE, "stores")) if driver]
    found = [
        _unnamed_store(conf, driver, uri_filter, default=default in {driver.TYPE, *driver.SCHEMES})
        for driver in drivers
    ]
    if default_required and not any(each.store.default for each in found):
        types = ", ".join(each.store.type for each in found)
        raise BadConfiguration(
            f"[{SINGLE}] default_store",
            f"{default} must be of a type that is installed and among stores ({types}).",
        )
    return found


def _installed(kind: str) -> DriverClass | None:
    try:
        return load_driver(kind)
    except (NoSuchDriver, ImportError) as error:
        LOG.warning("Type %s of [%s] stores is left out: no driver for %s.", kind, SINGLE, error)
        return None


def _unnamed_store(
    conf: cfg.ConfigOpts, driver: DriverClass, uri_filter: UriFilter, *, default: bool
) -> EnabledStore:
    def values(options: Sequence[cfg.Opt]) -> dict[str, Any]:
        return settings_of(conf, SINGLE, options, fallback=False)

    store = Store(driver.TYPE, driver.TYPE, default=default)
    return _build(store, SINGLE, driver, values, uri_filter, named=False)


def unnamed_staging(conf: cfg.ConfigOpts, state_dir: str | None) -> EnabledStore:
    """Build the place where data waits for its import when stores have no names.

    Raises:
        BadConfiguration: it is no local directory.
    """

    def values(options: Sequence[cfg.Opt]) -> dict[str, Any]:
        return _defaults(options) | {DATADIR: directory}

    directory = _staging_directory(conf, state_dir)
    store = _load(Store(STAGING_STORE, "file"), values, UriFilter())
    return replace(store, section="DEFAULT")


def _staging_directory(conf: cfg.ConfigOpts, state_dir: str | None) -> str:
    if state_dir is not None and not is_set(conf, None, "node_staging_uri"):
        return _reserved_directory(STAGING_STORE, state_dir)
    scheme, _, path = str(value_of(conf, None, "node_staging_uri")).partition("://")
    if scheme != "file" or not os.path.isabs(path):
        raise BadConfiguration("[DEFAULT] node_staging_uri", "it must be file:// and a directory.")
    return os.path.normpath(path)

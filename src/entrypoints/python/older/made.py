"""Making the stores of the process, and finding one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oslo_config import cfg

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.deprecation import deprecated
from tintype.entrypoints.python.older.handle import Store
from tintype.entrypoints.python.older.location import (
    SCHEME_TO_CLS_BACKEND_MAP,
    SCHEME_TO_CLS_MAP,
    get_location_from_uri,
    register_scheme_backend_map,
    register_scheme_map,
)
from tintype.entrypoints.python.storage_errors import translated
from tintype.entrypoints.python.stores import ImageStores

CONF = cfg.CONF


@dataclass(frozen=True)
class Made:
    """The stores of one form of configuration, and the configuration."""

    stores: ImageStores
    conf: cfg.ConfigOpts

    def default(self, conf: object, option: str) -> str | None:
        """Return the name of the default store, as `conf` has it or else that of the making."""
        for each in (conf, self.conf):
            if isinstance(each, cfg.ConfigOpts) and option in each.get("glance_store", ()):
                return each.glance_store[option] or None
        return None


@dataclass
class _Process:
    """What the process has made; the class itself keeps nothing of the kind."""

    unnamed: Made | None = None
    named: Made | None = None
    reserved: dict[str, str] = field(default_factory=dict)


_PROCESS = _Process()


def unnamed() -> Made:
    """Return what `create_stores` made."""
    if _PROCESS.unnamed is None:
        raise exceptions.UnknownScheme("There are no stores: call create_stores first.")
    return _PROCESS.unnamed


def named() -> Made:
    """Return what `create_multi_stores` made."""
    if _PROCESS.named is None:
        raise exceptions.UnknownScheme("There are no stores: call create_multi_stores first.")
    return _PROCESS.named


def forget_stores() -> None:
    """Have the process begin anew, without any stores."""
    _PROCESS.unnamed = _PROCESS.named = None
    _PROCESS.reserved = {}
    SCHEME_TO_CLS_MAP.clear()
    SCHEME_TO_CLS_BACKEND_MAP.clear()


# ---------------------------------------------------------------------- making


def _register(conf: cfg.ConfigOpts) -> None:
    # Slow to load: programs that only want the names need none of it.
    from tintype.entrypoints.container import register_store_options

    register_store_options(conf)


def _open(conf: cfg.ConfigOpts, reserved: Mapping[str, str], *, named: bool) -> Made:
    from tintype.entrypoints.container import open_stores

    with translated():
        registry = open_stores(conf, reserved, named=named, default_required=False)
    # Programs of old put what waits for its import into a reserved store by these functions.
    return Made(ImageStores(registry, tuple(reserved), _adds_to_reserved=True), conf)


def _entries(made: Made) -> Iterable[tuple[str, str, dict[str, Any]]]:
    for info in made.stores.stores(include_reserved=True):
        store = Store(made.stores, info.id)
        entry = {
            "store": store,
            "location_class": store.get_store_location_class(),
            "store_entry": info.type,
        }
        yield from ((scheme, info.id, entry) for scheme in info.schemes)


@deprecated("ImageStores.from_config")
def register_opts(conf: cfg.ConfigOpts) -> None:
    """Declare the options of stores without names."""
    _register(conf)


@deprecated("ImageStores.from_config")
def register_store_opts(
    conf: cfg.ConfigOpts, reserved_stores: Mapping[str, str] | None = None
) -> None:
    """Declare the options of stores with names, each in the section of its id."""
    from tintype.entrypoints.container import register_store_sections

    _register(conf)
    _PROCESS.reserved = dict(reserved_stores or {})
    register_store_sections(conf, {**(conf.enabled_backends or {}), **_PROCESS.reserved})


@deprecated("ImageStores.from_config")
def create_stores(conf: cfg.ConfigOpts = CONF) -> int:
    """Make the stores of `[glance_store] stores`, and return how many there are."""
    made = _PROCESS.unnamed = _open(conf, {}, named=False)
    _drop_own(SCHEME_TO_CLS_MAP)
    register_scheme_map({scheme: entry for scheme, _, entry in _entries(made)})
    return len(made.stores.stores())


@deprecated("ImageStores.from_config")
def create_multi_stores(
    conf: cfg.ConfigOpts = CONF, reserved_stores: Mapping[str, str] | None = None
) -> int:
    """Make the stores of `enabled_backends`, and return how many there are."""
    reserved = _PROCESS.reserved if reserved_stores is None else reserved_stores
    made = _PROCESS.named = _open(conf, reserved, named=True)
    for stores in SCHEME_TO_CLS_BACKEND_MAP.values():
        _drop_own(stores)
    for scheme, store, entry in _entries(made):
        register_scheme_backend_map({scheme: {store: entry}})
    return len(made.stores.stores(include_reserved=True))


def _drop_own(entries: dict[str, dict[str, Any]]) -> None:
    """Forget what was made before, and keep what programs registered themselves."""
    for name in [name for name, entry in entries.items() if isinstance(entry["store"], Store)]:
        del entries[name]


# ---------------------------------------------------------------------- verifying


@deprecated(None)
def verify_default_store() -> None:
    """Raise RuntimeError unless a store knows the scheme `[glance_store] default_store`."""
    made = _PROCESS.unnamed
    scheme = made.default(None, "default_store") if made else None
    if scheme not in SCHEME_TO_CLS_MAP:
        raise RuntimeError(
            f"[glance_store] default_store is {scheme or 'not known'}: name a scheme of a store "
            "that create_stores makes."
        )


@deprecated(None)
def verify_store() -> None:
    """Raise RuntimeError unless `[glance_store] default_backend` is a store that is made."""
    made = _PROCESS.named
    store = made.default(None, "default_backend") if made else None
    if made is None or store is None or not made.stores.has(store):
        raise RuntimeError(
            f"[glance_store] default_backend is {store or 'not set'}: name one of "
            "enabled_backends, before create_multi_stores makes them."
        )


# ---------------------------------------------------------------------- finding one


def store_of_scheme(scheme: str) -> Any:
    """Return the store of a scheme, or raise UnknownScheme."""
    if scheme not in SCHEME_TO_CLS_MAP:
        raise exceptions.UnknownScheme(scheme=scheme)
    return _as_it_is_now(SCHEME_TO_CLS_MAP[scheme]["store"])


def store_of_id(store_identifier: str | None) -> Any:
    """Return a store by its id, or raise UnknownScheme."""
    for stores in SCHEME_TO_CLS_BACKEND_MAP.values():
        if store_identifier in stores:
            return _as_it_is_now(stores[store_identifier]["store"])
    raise exceptions.UnknownScheme(f"Store for identifier {store_identifier} not found")


def _as_it_is_now(store: Any) -> Any:
    return Store(store.stores, store.id) if isinstance(store, Store) else store


@deprecated("ImageStores.schemes")
def get_known_schemes() -> Iterable[str]:
    """Return the URL schemes that the stores without names know."""
    return SCHEME_TO_CLS_MAP.keys()


@deprecated("ImageStores.schemes")
def get_known_schemes_for_multi_store() -> Iterable[str]:
    """Return the URL schemes that the stores with names know."""
    return SCHEME_TO_CLS_BACKEND_MAP.keys()


@deprecated(None)
def get_store_from_scheme(scheme: str) -> Any:
    """Return the store of a scheme, or raise UnknownScheme."""
    return store_of_scheme(scheme)


@deprecated(None)
def get_store_from_uri(uri: str) -> Any:
    """Return the store of the scheme of a URL, or raise UnknownScheme."""
    return store_of_scheme(uri.partition("://")[0])


@deprecated(None)
def get_store_from_location(uri: str) -> str:
    """Return the scheme of a URL; raise UnknownScheme or BadStoreUri if it is of no store."""
    return get_location_from_uri(uri).store_name


@deprecated("ImageStores.stores")
def get_store_from_store_identifier(store_identifier: str) -> Any:
    """Return a store by its id, or raise UnknownScheme."""
    return store_of_id(store_identifier)


@deprecated("ImageStores.weight")
def get_store_weight(store_identifier: str) -> int:
    """Return the weight of a store, or raise UnknownScheme."""
    return int(store_of_id(store_identifier).weight)

"""The functions that programs called before there was `ImageStores`; each will go.

They speak of one registry for the process, which `create_stores` or `create_multi_stores` makes.
Source: stores §2.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oslo_config import cfg

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.deprecation import deprecated
from tintype.entrypoints.python.stored import (
    Readable,
    StoredStream,
    Verifier,
    check_location_metadata,
)
from tintype.entrypoints.python.stores import ImageStores

__all__ = [
    "add",
    "add_to_backend",
    "add_to_backend_with_multihash",
    "add_with_multihash",
    "check_location_metadata",
    "create_multi_stores",
    "create_stores",
    "delete",
    "delete_from_backend",
    "get",
    "get_from_backend",
    "get_known_schemes",
    "get_known_schemes_for_multi_store",
    "get_size_from_backend",
    "get_size_from_uri_and_backend",
    "get_store_from_location",
    "get_store_from_scheme",
    "get_store_from_store_identifier",
    "get_store_from_uri",
    "get_store_weight",
    "register_opts",
    "register_store_opts",
    "set_acls",
    "set_acls_for_multi_store",
    "store_add_to_backend",
    "store_add_to_backend_with_multihash",
    "verify_default_store",
    "verify_store",
]

Data = Readable | Iterable[bytes]
Added = tuple[str, int, str, Any]
AddedWithMultihash = tuple[str, int, str, str, Any]
Read = tuple[Iterator[bytes], int]

CONF = cfg.CONF


@dataclass
class _Made:
    """What the process has made; the class itself keeps nothing of the kind."""

    unnamed: ImageStores | None = None
    named: ImageStores | None = None
    reserved: dict[str, str] = field(default_factory=dict)


_MADE = _Made()


def _unnamed() -> ImageStores:
    if _MADE.unnamed is None:
        raise exceptions.BackendException("There are no stores: call create_stores first.")
    return _MADE.unnamed


def _named() -> ImageStores:
    if _MADE.named is None:
        raise exceptions.BackendException("There are no stores: call create_multi_stores first.")
    return _MADE.named


def forget_stores() -> None:
    """Have the process begin anew, without any stores."""
    _MADE.unnamed = _MADE.named = None
    _MADE.reserved = {}


@dataclass(frozen=True)
class Store:
    """One store, for programs that want to hold it in their hands."""

    stores: ImageStores
    id: str

    def add(
        self,
        image_id: str,
        data: Data,
        size: int,
        hashing_algo: str | None = None,
        context: object = None,
        verifier: Verifier | None = None,
    ) -> Added | AddedWithMultihash:
        """Store data; the answer has the multihash if an algorithm is named."""
        stored = self.stores.add(
            image_id,
            data,
            size=size,
            store=self.id,
            hashing_algo=hashing_algo or "md5",
            context=context,
            verifier=verifier,
        )
        if hashing_algo is None:
            return stored.url, stored.size, stored.checksum, stored.metadata
        return stored


def _of_scheme(scheme: str) -> Store:
    for each in _unnamed().stores():
        if scheme in (*each.schemes, each.type):
            return Store(_unnamed(), each.id)
    raise exceptions.UnknownScheme(scheme=scheme)


def _of_id(store_identifier: str) -> Store:
    if not _named().has(store_identifier):
        raise exceptions.UnknownScheme(f"Store for identifier {store_identifier} not found")
    return Store(_named(), store_identifier)


# ---------------------------------------------------------------------- making the stores


def _register(conf: cfg.ConfigOpts) -> None:
    # Slow to load: programs that only want the names need none of it.
    from tintype.entrypoints.container import register_store_options

    register_store_options(conf)


@deprecated("ImageStores.from_config")
def register_opts(conf: cfg.ConfigOpts) -> None:
    """Declare the options of stores without names."""
    _register(conf)


@deprecated("ImageStores.from_config")
def register_store_opts(
    conf: cfg.ConfigOpts, reserved_stores: Mapping[str, str] | None = None
) -> None:
    """Declare the options of stores with names."""
    _register(conf)
    _MADE.reserved = dict(reserved_stores or {})


@deprecated("ImageStores.from_config")
def create_stores(conf: cfg.ConfigOpts = CONF) -> int:
    """Make the stores of `[glance_store] stores`, and return how many there are."""
    _MADE.unnamed = ImageStores.from_config(conf)
    return len(_MADE.unnamed.stores())


@deprecated("ImageStores.from_config")
def create_multi_stores(
    conf: cfg.ConfigOpts = CONF, reserved_stores: Mapping[str, str] | None = None
) -> int:
    """Make the stores of `enabled_backends`, and return how many there are."""
    reserved = _MADE.reserved if reserved_stores is None else reserved_stores
    _MADE.named = ImageStores.from_config(conf, reserved=reserved)
    return len(_MADE.named.stores(include_reserved=True))


@deprecated(None)
def verify_default_store() -> None:
    """Raise RuntimeError if there is no default store."""
    if _MADE.unnamed is None:
        raise RuntimeError("There is no default store: call create_stores first.")


@deprecated(None)
def verify_store() -> None:
    """Raise RuntimeError if there is no default store."""
    if _MADE.named is None:
        raise RuntimeError("There is no default store: call create_multi_stores first.")


# ---------------------------------------------------------------------- finding one


@deprecated("ImageStores.schemes")
def get_known_schemes() -> Iterable[str]:
    """Return the URL schemes that the stores without names know."""
    return dict.fromkeys(_unnamed().schemes()).keys()


@deprecated("ImageStores.schemes")
def get_known_schemes_for_multi_store() -> Iterable[str]:
    """Return the URL schemes that the stores with names know."""
    return dict.fromkeys(_named().schemes()).keys()


@deprecated(None)
def get_store_from_scheme(scheme: str) -> Store:
    """Return the store of a scheme, or raise UnknownScheme."""
    return _of_scheme(scheme)


@deprecated(None)
def get_store_from_uri(uri: str) -> Store:
    """Return the store of the scheme of a URL, or raise UnknownScheme."""
    return _of_scheme(uri.partition("://")[0])


@deprecated(None)
def get_store_from_location(uri: str) -> str:
    """Return the scheme of a URL, or raise UnknownScheme."""
    scheme = uri.partition("://")[0]
    _of_scheme(scheme)
    return scheme


@deprecated("ImageStores.stores")
def get_store_from_store_identifier(store_identifier: str) -> Store:
    """Return a store by its id, or raise UnknownScheme."""
    return _of_id(store_identifier)


@deprecated("ImageStores.weight")
def get_store_weight(store_identifier: str) -> int:
    """Return the weight of a store, or raise UnknownScheme."""
    return _named().weight(_of_id(store_identifier).id)


# ---------------------------------------------------------------------- adding


def _add_to(
    store: Any, image_id: str, data: Data, size: int, context: object, verifier: Any
) -> Added:
    url, stored, checksum, metadata = store.add(
        image_id, data, size, context=context, verifier=verifier
    )
    _check(metadata)
    return url, stored, checksum, metadata


def _add_with_multihash_to(
    store: Any,
    image_id: str,
    data: Data,
    size: int,
    hashing_algo: str,
    context: object,
    verifier: Any,
) -> AddedWithMultihash:
    if hashing_algo not in hashlib.algorithms_available:
        raise exceptions.UnknownHashingAlgo(algo=hashing_algo)
    url, stored, checksum, multihash, metadata = store.add(
        image_id, data, size, hashing_algo, context=context, verifier=verifier
    )
    _check(metadata)
    return url, stored, checksum, multihash, metadata


def _check(metadata: object) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        raise exceptions.BackendException("The location metadata of a store must be a mapping.")
    check_location_metadata(metadata)


def _default(stores: ImageStores, named: str | None) -> Store:
    return _of_id(named) if named else Store(stores, stores.default_store)


def _by_scheme(scheme: str | None) -> Store:
    return _of_scheme(scheme) if scheme else Store(_unnamed(), _unnamed().default_store)


@deprecated("ImageStores.add")
def store_add_to_backend(
    image_id: str,
    data: Data,
    size: int,
    store: Any,
    context: object = None,
    verifier: Verifier | None = None,
) -> Added:
    """Have a store add data, and check the metadata that it gives."""
    return _add_to(store, image_id, data, size, context, verifier)


@deprecated("ImageStores.add")
def store_add_to_backend_with_multihash(
    image_id: str,
    data: Data,
    size: int,
    hashing_algo: str,
    store: Any,
    context: object = None,
    verifier: Verifier | None = None,
) -> AddedWithMultihash:
    """Have a store add data and digest it, and check the metadata that it gives."""
    return _add_with_multihash_to(store, image_id, data, size, hashing_algo, context, verifier)


@deprecated("ImageStores.add")
def add_to_backend(
    conf: object,
    image_id: str,
    data: Data,
    size: int,
    scheme: str | None = None,
    context: object = None,
    verifier: Verifier | None = None,
) -> Added:
    """Add data to the store of a scheme, or to the default one."""
    return _add_to(_by_scheme(scheme), image_id, data, size, context, verifier)


@deprecated("ImageStores.add")
def add_to_backend_with_multihash(
    conf: object,
    image_id: str,
    data: Data,
    size: int,
    hashing_algo: str,
    scheme: str | None = None,
    context: object = None,
    verifier: Verifier | None = None,
) -> AddedWithMultihash:
    """Add data to the store of a scheme, or to the default one, and digest it."""
    return _add_with_multihash_to(
        _by_scheme(scheme), image_id, data, size, hashing_algo, context, verifier
    )


@deprecated("ImageStores.add")
def add(
    conf: object,
    image_id: str,
    data: Data,
    size: int,
    backend: str | None,
    context: object = None,
    verifier: Verifier | None = None,
) -> Added:
    """Add data to a store by its id, or to the default one."""
    return _add_to(_default(_named(), backend), image_id, data, size, context, verifier)


@deprecated("ImageStores.add")
def add_with_multihash(
    conf: object,
    image_id: str,
    data: Data,
    size: int,
    backend: str | None,
    hashing_algo: str,
    scheme: str | None = None,
    context: object = None,
    verifier: Verifier | None = None,
) -> AddedWithMultihash:
    """Add data to a store by its id, or to the default one, and digest it."""
    store = _default(_named(), backend)
    return _add_with_multihash_to(store, image_id, data, size, hashing_algo, context, verifier)


# ---------------------------------------------------------------------- reading


def _read(
    stores: ImageStores, uri: str, store: str | None, offset: int, chunk_size: int | None
) -> Read:
    stream = stores.get(uri, store=store, offset=offset, length=chunk_size)
    return _to_the_end(stream), stream.size


def _to_the_end(stream: StoredStream) -> Iterator[bytes]:
    with stream:
        yield from stream


@deprecated("ImageStores.get")
def get_from_backend(
    uri: str, offset: int = 0, chunk_size: int | None = None, context: object = None
) -> Read:
    """Return the data at a URL, and how many bytes it is."""
    return _read(_unnamed(), uri, None, offset, chunk_size)


@deprecated("ImageStores.get")
def get(
    uri: str,
    backend: str | None,
    offset: int = 0,
    chunk_size: int | None = None,
    context: object = None,
) -> Read:
    """Return the data at a URL in a store, or wherever it is, and how many bytes it is."""
    return _read(_named(), uri, backend or None, offset, chunk_size)


@deprecated("ImageStores.get_size")
def get_size_from_backend(uri: str, context: object = None) -> int:
    """Return the size of the data at a URL in bytes."""
    return _unnamed().get_size(uri, context=context)


@deprecated("ImageStores.get_size")
def get_size_from_uri_and_backend(uri: str, backend: str, context: object = None) -> int:
    """Return the size of the data at a URL in a store in bytes."""
    return _named().get_size(uri, store=_of_id(backend).id, context=context)


# ---------------------------------------------------------------------- changing


@deprecated("ImageStores.delete")
def delete_from_backend(uri: str, context: object = None) -> None:
    """Remove the data at a URL."""
    _unnamed().delete(uri, context=context)


@deprecated("ImageStores.delete")
def delete(uri: str, backend: str | None, context: object = None) -> None:
    """Remove the data at a URL in a store, or wherever it is."""
    _named().delete(uri, store=backend or None, context=context)


@deprecated("ImageStores.set_acls")
def set_acls(
    location_uri: str,
    public: bool = False,
    read_tenants: Sequence[str] = (),
    write_tenants: Sequence[str] | None = None,
    context: object = None,
) -> None:
    """Say who may read and write the data at a URL, where the store keeps such lists."""
    _unnamed().set_acls(
        location_uri,
        public=public,
        read_tenants=read_tenants,
        write_tenants=write_tenants or (),
        context=context,
    )


@deprecated("ImageStores.set_acls")
def set_acls_for_multi_store(
    location_uri: str,
    backend: str | None,
    public: bool = False,
    read_tenants: Sequence[str] = (),
    write_tenants: Sequence[str] | None = None,
    context: object = None,
) -> None:
    """Say who may read and write the data at a URL in a store, where it keeps such lists."""
    _named().set_acls(
        location_uri,
        store=backend or None,
        public=public,
        read_tenants=read_tenants,
        write_tenants=write_tenants or (),
        context=context,
    )

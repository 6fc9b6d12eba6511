"""Adding data."""

import hashlib
from typing import Any

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.deprecation import deprecated
from tintype.entrypoints.python.older.handle import Added, AddedWithMultihash, Data
from tintype.entrypoints.python.older.made import named, store_of_id, store_of_scheme, unnamed
from tintype.entrypoints.python.stored import Verifier, check_location_metadata


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


def _by_id(conf: object, backend: str | None) -> Any:
    return store_of_id(backend or named().default(conf, "default_backend"))


def _by_scheme(conf: object, scheme: str | None) -> Any:
    return store_of_scheme(scheme or unnamed().default(conf, "default_store") or "")


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
    return _add_to(_by_scheme(conf, scheme), image_id, data, size, context, verifier)


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
    store = _by_scheme(conf, scheme)
    return _add_with_multihash_to(store, image_id, data, size, hashing_algo, context, verifier)


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
    return _add_to(_by_id(conf, backend), image_id, data, size, context, verifier)


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
    store = _by_id(conf, backend)
    return _add_with_multihash_to(store, image_id, data, size, hashing_algo, context, verifier)

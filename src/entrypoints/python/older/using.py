"""Reading and removing data, and saying who may."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from tintype.domain.errors import UriRefused
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.deprecation import deprecated
from tintype.entrypoints.python.older.handle import Read
from tintype.entrypoints.python.older.indexable import Indexable
from tintype.entrypoints.python.older.location import (
    SCHEME_TO_CLS_BACKEND_MAP,
    get_location_from_uri,
    get_location_from_uri_and_backend,
    scheme_of,
)
from tintype.entrypoints.python.older.made import named, store_of_id, store_of_scheme
from tintype.entrypoints.python.stored import StoredStream
from tintype.entrypoints.python.stores import ImageStores

NOWHERE: Final = "Image not found in any configured backend"

Answer = TypeVar("Answer")


def _without_a_name(uri: str) -> tuple[Any, Any]:
    """Return the store of a URL, and the URL as a location of it."""
    location = get_location_from_uri(uri)
    return store_of_scheme(location.store_name), location


def _with_a_name(uri: str, backend: str | None) -> tuple[Any, Any]:
    location = get_location_from_uri_and_backend(uri, backend)
    return store_of_id(backend), location


def _anywhere(uri: str, ask: Callable[[ImageStores], Answer]) -> Answer:
    """Ask the stores that a URL may belong to, in the order of the class.

    Raises:
        BadStoreUri: it is malformed, or may not be called; NotFound: none has it.
    """
    for store in list(SCHEME_TO_CLS_BACKEND_MAP.get(scheme_of(uri), ()))[:1]:
        get_location_from_uri_and_backend(uri, store)
    try:
        return ask(named().stores)
    except (exceptions.NotFound, exceptions.UnknownScheme) as error:
        raise exceptions.NotFound(NOWHERE) from error
    except exceptions.RemoteServiceUnavailable:
        raise
    except exceptions.BadStoreUri as error:
        if isinstance(error.__cause__, UriRefused):
            raise
        raise exceptions.NotFound(NOWHERE) from error


# ---------------------------------------------------------------------- reading


@deprecated("ImageStores.get")
def get_from_backend(
    uri: str, offset: int = 0, chunk_size: int | None = None, context: object = None
) -> Read:
    """Return the data at a URL, and how many bytes it is."""
    store, location = _without_a_name(uri)
    return _pair(store.get(location, offset=offset, chunk_size=chunk_size, context=context))


@deprecated("ImageStores.get")
def get(
    uri: str,
    backend: str | None,
    offset: int = 0,
    chunk_size: int | None = None,
    context: object = None,
) -> Read:
    """Return the data at a URL in a store, or wherever it is, and how many bytes it is."""
    if backend:
        store, location = _with_a_name(uri, backend)
        return _pair(store.get(location, offset=offset, chunk_size=chunk_size, context=context))

    def read(stores: ImageStores) -> StoredStream:
        return stores.get(uri, offset=offset, length=chunk_size, context=context)

    stream = _anywhere(uri, read)
    return Indexable(stream, stream.size), stream.size


def _pair(answer: Any) -> Read:
    data, size = answer
    return data, size


@deprecated("ImageStores.get_size")
def get_size_from_backend(uri: str, context: object = None) -> int:
    """Return the size of the data at a URL in bytes."""
    store, location = _without_a_name(uri)
    return int(store.get_size(location, context=context))


@deprecated("ImageStores.get_size")
def get_size_from_uri_and_backend(uri: str, backend: str | None, context: object = None) -> int:
    """Return the size of the data at a URL in a store in bytes."""
    store, location = _with_a_name(uri, backend)
    return int(store.get_size(location, context=context))


# ---------------------------------------------------------------------- changing


@deprecated("ImageStores.delete")
def delete_from_backend(uri: str, context: object = None) -> None:
    """Remove the data at a URL."""
    store, location = _without_a_name(uri)
    store.delete(location, context=context)


@deprecated("ImageStores.delete")
def delete(uri: str, backend: str | None, context: object = None) -> None:
    """Remove the data at a URL in a store, or wherever it is."""
    if backend:
        store, location = _with_a_name(uri, backend)
        store.delete(location, context=context)
    else:
        _anywhere(uri, lambda stores: stores.delete(uri, context=context))


def _set_acls(
    store: Any,
    location: Any,
    public: bool,
    readers: Sequence[str],
    writers: Sequence[str] | None,
    context: object,
) -> None:
    try:
        store.set_acls(
            location,
            public=public,
            read_tenants=readers,
            write_tenants=writers,
            context=context,
        )
    except NotImplementedError:
        return


@deprecated("ImageStores.set_acls")
def set_acls(
    location_uri: str,
    public: bool = False,
    read_tenants: Sequence[str] = (),
    write_tenants: Sequence[str] | None = None,
    context: object = None,
) -> None:
    """Say who may read and write the data at a URL, where the store keeps such lists."""
    store, location = _without_a_name(location_uri)
    _set_acls(store, location, public, read_tenants, write_tenants, context)


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
    if backend:
        store, location = _with_a_name(location_uri, backend)
        _set_acls(store, location, public, read_tenants, write_tenants, context)
        return

    def tell(stores: ImageStores) -> None:
        stores.set_acls(
            location_uri,
            public=public,
            read_tenants=read_tenants,
            write_tenants=write_tenants or (),
            context=context,
        )

    _anywhere(location_uri, tell)

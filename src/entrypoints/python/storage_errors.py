"""What the storage library raises for which error of the domain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tintype.domain import errors
from tintype.entrypoints.python import exceptions

RAISED: Final[dict[type[BaseException], type[exceptions.GlanceStoreException]]] = {
    errors.DataNotFound: exceptions.NotFound,
    errors.Duplicate: exceptions.Duplicate,
    errors.StorageFull: exceptions.StorageFull,
    errors.StoreWriteDenied: exceptions.StorageWriteDenied,
    errors.RedirectedTooOften: exceptions.MaxRedirectsExceeded,
    errors.WebServerFailed: exceptions.WebServerFailed,
    errors.StoreUnavailable: exceptions.RemoteServiceUnavailable,
    errors.StoreNotWritable: exceptions.StoreAddDisabled,
    errors.InUse: exceptions.InUseByStore,
    errors.CannotSeek: exceptions.StoreRandomGetNotSupported,
    errors.SizeMismatch: exceptions.Invalid,
    errors.BrokenSource: exceptions.Invalid,
    errors.UnknownStore: exceptions.UnknownScheme,
    errors.UriRefused: exceptions.BadStoreUri,
    errors.BadLocation: exceptions.BadStoreUri,
    errors.Invalid: exceptions.Invalid,
    errors.BadConfiguration: exceptions.BadStoreConfiguration,
    errors.TintypeError: exceptions.BackendException,
}


@contextmanager
def translated(
    store: str | None = None,
    **instead: type[exceptions.GlanceStoreException],
) -> Iterator[None]:
    """Raise what callers of the library know for what the domain raises, in its words.

    `instead` replaces rows of the table, by the names of the domain's errors.
    """
    try:
        yield
    except errors.TintypeError as error:
        kind = next(kind for kind in type(error).__mro__ if kind in RAISED)
        raised = instead.get(kind.__name__, RAISED[kind])
        raise raised(str(error), store=store) from error

"""What the operating system refused, in the words of the domain."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from tintype.domain.errors import (
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT})
"""ENOENT: the directory itself is gone (or what lies in it was taken away)."""


def reason(error: OSError) -> str:
    """Say what the operating system said, without the path."""
    return (error.strerror or type(error).__name__).lower()


def write_fault(store: str, error: OSError) -> TintypeError:
    """Return the error that a failed change of the store stands for."""
    if error.errno in FULL:
        return StorageFull(store)
    if error.errno in DENIED:
        return StoreWriteDenied(store, reason(error))
    return unavailable(store, error)


def unavailable(store: str, error: OSError) -> StoreUnavailable:
    """Return the error that a failed look at the store stands for."""
    return StoreUnavailable(f"Store {store} cannot do its work: {reason(error)}.")


@contextmanager
def writing(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StorageFull, StoreWriteDenied or StoreUnavailable."""
    try:
        yield
    except OSError as error:
        raise write_fault(store, error) from error


@contextmanager
def reading(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StoreUnavailable."""
    try:
        yield
    except OSError as error:
        raise unavailable(store, error) from error

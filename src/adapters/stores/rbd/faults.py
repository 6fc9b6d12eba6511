"""What the cluster or its client refused, in the words of the domain.

Nothing but names of errors is repeated: what the libraries say holds addresses of the cluster.
"""

import errno
from typing import Final

from tintype.domain.errors import StorageFull, StoreUnavailable, StoreWriteDenied, TintypeError

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DENIED: Final = frozenset({errno.EPERM, errno.EACCES, errno.EROFS})
CUT_OFF: Final = frozenset({errno.ESHUTDOWN, errno.ENOTCONN})
"""What everything fails with once the cluster has shut a client out."""


class Failed(Exception):
    """An operation ended with an error that came as a number."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.errorcode.get(abs(number), str(number)))
        self.errno = abs(number)


def number_of(error: BaseException) -> int | None:
    """Return the number of an error, None if it has none."""
    return getattr(error, "errno", None)


def name_of(error: BaseException) -> str:
    """Return how an error is called."""
    number = number_of(error)
    return errno.errorcode.get(number or 0, type(error).__name__)


def unavailable(store: str, error: BaseException) -> StoreUnavailable:
    """Return the error that a failed look at the store stands for."""
    return StoreUnavailable(f"Store {store} cannot do its work: {name_of(error)}.")


def removal_fault(store: str, error: BaseException) -> TintypeError:
    """Return the error that a failed removal stands for."""
    if number_of(error) in DENIED:
        return StoreWriteDenied(store, name_of(error))
    return unavailable(store, error)


def write_fault(store: str, error: BaseException) -> TintypeError:
    """Return the error that a failed change of the store stands for."""
    if number_of(error) in FULL:
        return StorageFull(store)
    return removal_fault(store, error)

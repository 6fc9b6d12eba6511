"""What Cinder, Keystone or a volume refused, in the words of the domain.

Their messages may tell names of hosts and accounts, so nothing but codes and names of errors is
repeated.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tintype.domain.errors import StorageFull, StoreUnavailable, StoreWriteDenied, TintypeError

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DENIED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
ABSENT: Final = frozenset({404})
REFUSED: Final = frozenset({400, 409})
"""What Cinder answers where the state of a volume does not allow what is asked."""


def status_of(error: Exception) -> int | None:
    """Return the status of an answer of Cinder or Keystone, None if there was none."""
    status = getattr(error, "code", None) or getattr(error, "http_status", None)
    return status if isinstance(status, int) else None


def name_of(error: Exception) -> str:
    """Return the status of an answer, or the name of what kept one from coming."""
    status = status_of(error)
    return f"status {status}" if status else type(error).__name__


def unavailable(store: str, error: Exception) -> StoreUnavailable:
    """Return the error that a failed look at the store stands for."""
    return StoreUnavailable(f"Store {store} cannot do its work: {name_of(error)}.")


def _write_fault(store: str, error: Exception) -> TintypeError:
    status = status_of(error)
    if status == 413:
        return StorageFull(store)
    if status in (401, 403):
        return StoreWriteDenied(store, f"Cinder or Keystone answers {status}")
    return unavailable(store, error)


@contextmanager
def writing(store: str) -> Iterator[None]:
    """Raise what goes wrong with Cinder as StorageFull, StoreWriteDenied or StoreUnavailable."""
    from cinderclient.exceptions import ClientException
    from keystoneauth1.exceptions import ClientException as SessionException

    try:
        yield
    except (ClientException, SessionException, OSError) as error:
        raise _write_fault(store, error) from error


@contextmanager
def reading(store: str) -> Iterator[None]:
    """Raise what goes wrong with Cinder as StoreUnavailable."""
    from cinderclient.exceptions import ClientException
    from keystoneauth1.exceptions import ClientException as SessionException

    try:
        yield
    except (ClientException, SessionException, OSError) as error:
        raise unavailable(store, error) from error


@contextmanager
def moving(store: str) -> Iterator[None]:
    """Raise what goes wrong with the bytes of a volume, or on the way to them.

    Each kind of connection has a library or commands of its own, and errors of their own, of which
    some have the number of an operating system's.
    """
    try:
        yield
    except TintypeError:
        raise
    except Exception as error:
        number = abs(getattr(error, "errno", None) or 0)
        if number in FULL:
            raise StorageFull(store) from error
        if number in DENIED:
            raise StoreWriteDenied(store, errno.errorcode[number]) from error
        raise unavailable(store, error) from error

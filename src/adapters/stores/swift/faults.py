"""What the service or its clients refused, in the words of the domain.

Their messages may tell URLs, tokens and names of users, so nothing but codes and names of errors
is repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tintype.domain.errors import (
    Duplicate,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)

ABSENT: Final = 404
REFUSED: Final = 401
FULL: Final = frozenset({413, 507})
DENIED: Final = frozenset({401, 403, 404})
TAKEN: Final = frozenset({409, 412})
PASSING: Final = frozenset({408, 429, 498, 499, 500, 502, 503, 504})
"""What may be otherwise if one asks again."""


def faults() -> tuple[type[Exception], ...]:
    """Return all that the client libraries raise."""
    from keystoneauth1.exceptions import ClientException as KeystoneFault
    from requests.exceptions import RequestException
    from swiftclient.exceptions import ClientException
    from urllib3.exceptions import HTTPError

    return (ClientException, KeystoneFault, RequestException, HTTPError, OSError)


def status_of(error: BaseException) -> int | None:
    """Return the status of an answer that refused something, None if there was no answer."""
    return getattr(error, "http_status", None) or None


def code_of(error: BaseException) -> str:
    """Return the status of an answer, or the name of what kept one from coming."""
    return str(status_of(error) or type(error).__name__)


def unavailable(store: str, error: BaseException) -> StoreUnavailable:
    """Return the error that a failed look at the store stands for."""
    return StoreUnavailable(f"Store {store} cannot do its work: {code_of(error)}.")


def taken(key: str, store: str) -> Duplicate:
    """Return the error for a key that is in use."""
    return Duplicate(f"Store {store} holds data for {key} already.")


def write_fault(store: str, error: BaseException) -> TintypeError:
    """Return the error that a failed change of the store stands for."""
    status = status_of(error)
    if status in FULL:
        return StorageFull(store)
    if status in DENIED:
        return StoreWriteDenied(store, code_of(error))
    return unavailable(store, error)


@contextmanager
def writing(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StorageFull, StoreWriteDenied or StoreUnavailable."""
    try:
        yield
    except faults() as error:
        raise write_fault(store, error) from error


@contextmanager
def reading(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StoreUnavailable."""
    try:
        yield
    except faults() as error:
        raise unavailable(store, error) from error

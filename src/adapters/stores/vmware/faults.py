"""What vSphere refused, in the words of the domain."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

from tintype.domain.errors import StorageFull, StoreUnavailable, StoreWriteDenied, TintypeError


class Refused(Exception):
    """An answer with a status that tells of a failure."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def name_of(error: Exception) -> str:
    """Return the status of an answer, or the name of a fault; its message is not repeated."""
    return str(error) if isinstance(error, Refused) else type(error).__name__.rpartition(".")[2]


def unavailable(store: str, error: Exception) -> StoreUnavailable:
    """Return the error that a failed look at the store stands for."""
    return StoreUnavailable(f"Store {store} cannot do its work: {name_of(error)}.")


def _write_fault(store: str, error: Exception) -> TintypeError:
    from pyVmomi import vim

    status = error.status if isinstance(error, Refused) else None
    if status in (413, 507) or isinstance(error, vim.fault.NoDiskSpace):
        return StorageFull(store)
    denied = vim.fault.NoPermission, vim.fault.InvalidLogin
    if status in (401, 403) or isinstance(error, denied):
        return StoreWriteDenied(store, name_of(error))
    return unavailable(store, error)


@contextmanager
def writing(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StorageFull, StoreWriteDenied or StoreUnavailable."""
    from pyVmomi import vmodl

    try:
        yield
    except (vmodl.MethodFault, http.client.HTTPException, Refused, OSError) as error:
        raise _write_fault(store, error) from error


@contextmanager
def reading(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StoreUnavailable."""
    from pyVmomi import vmodl

    try:
        yield
    except (vmodl.MethodFault, http.client.HTTPException, Refused, OSError) as error:
        raise unavailable(store, error) from error

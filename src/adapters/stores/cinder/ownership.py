"""Devices belong to root; for the moment of opening, one belongs to whoever opens it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def owned(path: str, *, writable: bool) -> Iterator[None]:
    """Let this process open a device, if it may not without more ado."""
    if os.access(path, os.R_OK | os.W_OK if writable else os.R_OK):
        yield
        return
    owner = os.stat(path).st_uid
    _give(path, os.geteuid())
    try:
        yield
    finally:
        _give(path, owner)


def _give(path: str, user: int) -> None:
    from os_brick.privileged import rootwrap

    # By way of os-brick, which has been told how this host lets it do what only root may.
    rootwrap.execute_root("chown", str(user), path)

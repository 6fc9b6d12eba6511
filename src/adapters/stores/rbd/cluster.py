"""The connection to a cluster: one a process, shared by all who use the store."""

import atexit
import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final
from weakref import WeakSet

from tintype.adapters.stores.rbd.faults import (
    CUT_OFF,
    Failed,
    number_of,
    removal_fault,
    unavailable,
    write_fault,
)
from tintype.adapters.stores.rbd.options import RbdSettings
from tintype.domain.errors import TintypeError

TIMEOUTS: Final = {
    "client_mount_timeout": ("300", "15"),
    "rados_mon_op_timeout": ("0", "30"),
    "rados_osd_op_timeout": ("0", "30"),
}
"""What Ceph waits if nobody says otherwise, and what a request can bear instead, in seconds."""

_foreign: list[Any] = []
"""Connections that a forked process has from its parent. Their threads are not there, so that not
even closing them works; they are kept for ever."""

_clusters: WeakSet["Cluster"] = WeakSet()


@atexit.register
def _close_all() -> None:
    # Ceph's libraries abort a process that ends with its connections open.
    for cluster in list(_clusters):
        cluster.close()


class Cluster:
    """Connected when first needed, anew in a forked process or after it was shut out.

    Safe between threads.
    """

    def __init__(self, settings: RbdSettings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._attempts = 0
        self._failure: Exception | None = None
        self._connection: tuple[int, Any] = (0, None)
        _clusters.add(self)

    # ------------------------------------------------------------------ connection

    def connected(self) -> Any:
        """Return the connection of this process.

        Whoever has begun to wait while another attempt was made shares its failure.
        """
        owner, connection = self._connection
        if owner == os.getpid():
            return connection
        attempts = self._attempts
        with self._lock:
            owner, connection = self._connection
            if owner == os.getpid():
                return connection
            if attempts != self._attempts and self._failure is not None:
                raise self._failure
            if connection is not None:
                _foreign.append(connection)
            return self._connect()

    def _connect(self) -> Any:
        import rados

        self._attempts += 1
        self._failure = None
        try:
            connection = self.configured()
            connection.connect()
        except rados.Error as error:
            self._failure = error
            raise
        self._connection = os.getpid(), connection
        return connection

    def configured(self) -> Any:
        """Return a client that knows what the configuration file of Ceph says."""
        import rados

        client = rados.Rados(conffile=self.settings.conf_file, rados_id=self.settings.user)
        for option, (usual, bearable) in TIMEOUTS.items():
            if self.settings.timeout_s is not None:
                client.conf_set(option, str(self.settings.timeout_s))
            elif client.conf_get(option) in (usual, f"{usual}.000000"):
                client.conf_set(option, bearable)
        # Reads and writes are large and come once: a cache would only take memory.
        client.conf_set("rbd_cache", "false")
        return client

    def close(self) -> None:
        """End the connection of this process, whoever may use it still."""
        with self._lock:
            owner, connection = self._connection
            if owner == os.getpid():
                self._connection = (0, None)
                connection.shutdown()

    def let_go(self) -> None:
        """Forget the connection; it is closed when the last one who uses it is done."""
        with self._lock:
            self._connection = (0, None)

    # ------------------------------------------------------------------ pools

    def pool(self, name: str | None = None) -> "Pool":
        """Open a pool, the store's own if none is named."""
        return Pool(self.connected(), name or self.settings.pool)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Raise what goes wrong within as StoreUnavailable."""
        with self._translated(unavailable):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Raise what goes wrong within as StorageFull, StoreWriteDenied or StoreUnavailable."""
        with self._translated(write_fault):
            yield

    @contextmanager
    def removing(self) -> Iterator[None]:
        """Raise what goes wrong within as StoreWriteDenied or StoreUnavailable."""
        with self._translated(removal_fault):
            yield

    @contextmanager
    def _translated(self, fault: Callable[[str, BaseException], TintypeError]) -> Iterator[None]:
        import rados
        import rbd

        try:
            yield
        except (rados.Error, rbd.Error, Failed) as error:
            if number_of(error) in CUT_OFF:
                self.let_go()
            raise fault(self.settings.store, error) from error


class Pool:
    """A pool in use by one operation or transfer; a context manager."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection  # must outlive what is opened over it
        self.name = name
        self.context = connection.open_ioctx(name)
        # A full cluster is to refuse what does not fit, instead of keeping it waiting, and to
        # let data be deleted.
        self.context.set_osdmap_full_try()

    def __enter__(self) -> "Pool":
        """Use it."""
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of it."""
        self.close()

    def close(self) -> None:
        """Let go of it; twice is as good as once."""
        self.context.close()

    def room(self) -> int | None:
        """Return how many bytes fit in; None if the cluster has no figures, or not for us."""
        figures = self._ask(prefix="df", detail="detail")
        return None if figures is None else room_of(figures, self.name)

    def _ask(self, **command: str) -> Any:
        """Return the answer of the monitors; None if it is not for us."""
        text = json.dumps({**command, "format": "json"})
        code, answer, _ = self._connection.mon_command(text, b"")
        if abs(code) in (errno.EACCES, errno.EPERM):
            return None
        if code:
            raise Failed(code)
        return json.loads(answer)


def room_of(figures: dict[str, Any], pool: str) -> int | None:
    """Return how many bytes fit into a pool, of what `ceph df detail` says."""
    for each in figures["pools"]:
        if each["name"] == pool and figures["stats"]["total_bytes"]:
            room = int(each["stats"]["max_avail"])
            quota = each["stats"].get("quota_bytes")
            return min(room, max(0, quota - each["stats"]["stored"])) if quota else room
    return None

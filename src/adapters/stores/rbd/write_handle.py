"""A block device in the making, written while more comes in."""

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from tintype.adapters.stores.rbd import devices
from tintype.adapters.stores.rbd.addresses import SNAPSHOT, unfinished_name
from tintype.adapters.stores.rbd.cluster import Cluster, Pool
from tintype.adapters.stores.rbd.faults import Failed, name_of
from tintype.domain.errors import Duplicate, StoreUnavailable
from tintype.domain.location import Location

LOG = logging.getLogger(__name__)

MIB: Final = 1 << 20
BLOCK: Final = 4 * MIB
"""Most bytes of one operation, unless the objects of the device are smaller."""

IN_FLIGHT: Final = 32 * MIB
FIRST_STEP: Final = 16 * MIB
LAST_STEP: Final = 8 << 30
"""By how much a device grows whose size is not known: each time twice as much, up to this."""

_ZEROS: Final = bytes(BLOCK)


@dataclass
class RbdWriteHandle:
    """Fills a block, and sends it while the next one fills.

    The device has a name of its own until `commit`: then it gets its snapshot, and last the name
    of the key, if nothing has that. Whoever discards what is unfinished takes the name away, so
    that the device can no longer get another one.
    """

    cluster: Cluster
    key: str
    size: int | None
    location: Location
    _pool: Pool | None = None
    _image: Any = None
    _device: str = ""
    _name: str = ""
    _capacity: int = 0
    _step: int = FIRST_STEP
    _written: int = 0
    _block: bytearray = field(default_factory=bytearray)
    _on_their_way: deque[tuple[Any, bytes]] = field(default_factory=deque)
    _broken: bool = False
    _committed: bool = False

    @property
    def _store(self) -> str:
        return self.cluster.settings.store

    def __enter__(self) -> "RbdWriteHandle":
        """Make the device, as large as is known.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the cluster says.
        """
        settings = self.cluster.settings
        self._name, self._capacity = unfinished_name(self.key), self.size or 0
        with self.cluster.writing():
            self._pool = self.cluster.pool()
            try:
                features = self.cluster.connected().conf_get("rbd_default_features")
                self._image = devices.make(
                    self._pool, self._name, self._capacity, settings.order, features
                )
                self._device = self._image.id()
            except BaseException:
                self.__exit__()
                raise
        return self

    # ------------------------------------------------------------------ write

    def write(self, piece: memoryview) -> None:
        """Append the bytes; waits while too many are on their way.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the cluster says, of these bytes
                or of earlier ones; the handle is of no use any more.
        """
        view = memoryview(piece).cast("B")
        full = min(BLOCK, 1 << self.cluster.settings.order)
        while view:
            room = full - len(self._block)
            self._block += view[:room]
            view = view[room:]
            if len(self._block) == full:
                self._send()

    def _send(self) -> None:
        block = bytes(self._block)
        self._block.clear()
        try:
            with self.cluster.writing():
                self._make_room(self._written + len(block))
                while len(self._on_their_way) * BLOCK >= IN_FLIGHT:
                    self._await_one()
                if not (self.cluster.settings.thin and block == _ZEROS[: len(block)]):
                    completion = self._image.aio_write(block, self._written, _done)
                    self._on_their_way.append((completion, block))
        except BaseException:
            self._broken = True
            raise
        self._written += len(block)

    def _make_room(self, size: int) -> None:
        while size > self._capacity:
            self._image.resize(self._capacity + self._step)
            self._capacity += self._step
            self._step = min(2 * self._step, LAST_STEP)

    def _await_one(self) -> None:
        completion, _ = self._on_their_way.popleft()
        completion.wait_for_complete_and_cb()
        number = completion.get_return_value()
        if number < 0:
            raise Failed(number)

    # ------------------------------------------------------------------ commit

    def commit(self) -> Location:
        """Give the device its final size, the snapshot, and the name, in that order.

        Raises:
            Duplicate: the name is taken.
            StorageFull, StoreWriteDenied, StoreUnavailable: as the cluster says.
        """
        if self._broken:
            raise StoreUnavailable(f"Store {self._store} did not get all of {self.key}.")
        if self._block:
            self._send()
        with self.cluster.writing():
            while self._on_their_way:
                self._await_one()
            if self._written != self._capacity:
                self._image.resize(self._written)
            self._image.flush()
            devices.protect(self._image, SNAPSHOT)
            self._image.close()
            self._take_name()
        self._committed = True
        return self.location

    def _take_name(self) -> None:
        import rbd

        if not devices.claim(self._opened, self.key, self._name):
            raise taken(self.key, self._store)
        try:
            devices.rename(self._opened, self._name, self.key)
        except rbd.ImageExists:
            raise taken(self.key, self._store) from None
        except rbd.ImageNotFound:
            raise StoreUnavailable(
                f"What store {self._store} got of {self.key} was discarded in the meantime."
            ) from None
        except rbd.Error:
            # It may have the name all the same: the answer was lost.
            if devices.id_of(self._opened, self.key) != self._device:
                raise
        finally:
            self._release()

    def _release(self) -> None:
        import rados

        try:
            devices.release(self._opened, self.key)
        except rados.Error as error:
            LOG.warning(
                "The claim on %s stays in store %s for a while: %s",
                *(self.key, self._store, name_of(error)),
            )

    @property
    def _opened(self) -> Pool:
        assert self._pool is not None, "the handle was not entered"
        return self._pool

    # ------------------------------------------------------------------ end

    def __exit__(self, *error: object) -> None:
        """Remove the device if it was not committed, once nothing of it is on its way."""
        import rados
        import rbd

        self._block.clear()
        try:
            while self._on_their_way:
                self._on_their_way.popleft()[0].wait_for_complete_and_cb()
            if self._image is not None:
                self._image.close()
            if self._device and not self._committed:
                devices.scrap(self._opened, self._device, self._name)
        except (rados.Error, rbd.Error) as problem:
            LOG.warning(
                "What was written of %s stays in store %s until it is discarded: %s",
                *(self.key, self._store, name_of(problem)),
            )
        finally:
            if self._pool is not None:
                self._pool.close()


def _done(_: Any) -> None:
    """Do nothing: whoever needs to know that a write is done waits for it."""


def taken(key: str, store: str) -> Duplicate:
    """Return the error for a key that is in use."""
    return Duplicate(f"Store {store} holds data for {key} already.")

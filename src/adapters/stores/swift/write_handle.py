"""An object in the making."""

import logging
import secrets
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from tintype.adapters.stores.swift.commit import Commit
from tintype.adapters.stores.swift.faults import code_of, faults, writing
from tintype.adapters.stores.swift.removal import Shelf
from tintype.adapters.stores.swift.segments import Buffer, Names, Sent, window
from tintype.adapters.stores.swift.service import Service
from tintype.adapters.stores.swift.settings import SwiftSettings
from tintype.domain.errors import StoreUnavailable
from tintype.domain.location import Location

LOG = logging.getLogger(__name__)


@dataclass
class SwiftWriteHandle:
    """Fills a segment, and sends it while the next one fills; on `commit` they become an object.

    What fits into one segment and is smaller than large objects is sent with the commit, as an
    object by itself.
    """

    settings: SwiftSettings
    shelf: Shelf
    name: str
    location: Location
    _names: Names = field(init=False)
    _buffer: Buffer = field(init=False)
    _number: int = 0
    _on_their_way: deque[Future[Sent]] = field(default_factory=deque)
    _sent: list[Sent] = field(default_factory=list)
    _senders: ThreadPoolExecutor = field(init=False)
    _broken: bool = False
    _committed: bool = False

    def __post_init__(self) -> None:
        self._names = Names(self.name, secrets.token_hex(16))
        self._width = window(self.settings.segment_size, self.settings.buffer_dir)
        self._senders = ThreadPoolExecutor(self._width, f"swift-{self.settings.store}")

    def __enter__(self) -> "SwiftWriteHandle":
        """Leave a sign that there is an upload.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the service says.
        """
        self._buffer = self._empty()
        with writing(self.settings.store):
            self.service.put(self.container, self._names.sign, b"", 0)
        return self

    def __exit__(self, *error: object) -> None:
        """Remove what was sent if it was not committed, once none of it is on its way."""
        self._senders.shutdown(cancel_futures=True)
        self._buffer.close()
        try:
            if not self._committed:
                self._take_back()
        except faults() as fault:
            LOG.warning(
                "What was sent of %s stays in store %s until it is discarded: %s",
                *(self.name, self.settings.store, code_of(fault)),
            )
        self.service.leave()

    def _take_back(self) -> None:
        if self._commit.is_there():
            self.service.delete(self.container, self.name)
        for number in range(1, self._number + 1):
            self.service.delete(self.container, self._names.segment(number))
        for name in self.service.names(self.container, self._names.segments):
            self.service.delete(self.container, name)
        self.service.delete(self.container, self._names.sign)
        self.shelf.tidy()

    @property
    def service(self) -> Service:
        """Where it goes."""
        return self.shelf.service

    @property
    def container(self) -> str:
        """Which container it goes to."""
        return self.shelf.container

    @property
    def _commit(self) -> Commit:
        return Commit(self.service, self.settings.store, self.container, self._names)

    # ------------------------------------------------------------------ segments

    def write(self, piece: memoryview) -> None:
        """Append the bytes; waits while too many are on their way.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the service says, of these bytes
                or of earlier ones; the handle is of no use any more.
        """
        view = memoryview(piece).cast("B")
        while view:
            if self._buffer.size == self.settings.segment_size:
                self._send()
            room = self.settings.segment_size - self._buffer.size
            with writing(self.settings.store):
                self._buffer.write(view[:room])
            view = view[room:]

    def _send(self) -> None:
        while len(self._on_their_way) >= self._width:
            self._await_one()
        self._number += 1
        full, self._buffer = self._buffer, self._empty()
        self._on_their_way.append(self._senders.submit(self._put, self._number, full))

    def _empty(self) -> Buffer:
        with writing(self.settings.store):
            return Buffer(self.settings.buffer_dir)

    def _put(self, number: int, full: Buffer) -> Sent:
        try:
            name, digest = self._names.segment(number), full.digest()
            self.service.put(self.container, name, full.body, full.size, {"ETag": digest})
            return Sent(name, digest, full.size)
        finally:
            full.close()

    def _await_one(self) -> None:
        try:
            with writing(self.settings.store):
                self._sent.append(self._on_their_way.popleft().result())
        except BaseException:
            self._broken = True
            raise

    # ------------------------------------------------------------------ commit

    def commit(self) -> Location:
        """Make the object, if there is none of the key.

        Raises:
            Duplicate: there is one, or is about to be.
            StorageFull, StoreWriteDenied, StoreUnavailable: as the service says.
        """
        if self._broken:
            raise StoreUnavailable(f"Store {self.settings.store} did not get all of {self.name}.")
        small = self._number == 0 and self._buffer.size < self.settings.large_object_size
        if not small and self._buffer.size:
            self._send()
        while self._on_their_way:
            self._await_one()
        with writing(self.settings.store):
            if small:
                self._commit.of_bytes(self._buffer)
            else:
                self._commit.of_segments(self._sent)
        self._committed = True
        return self.location

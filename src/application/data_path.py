"""Moving bytes from one source to several consumers at the speed of the slowest of them.

Pieces of 1 MiB go round in a ring of four buffers: the calling thread fills them, every
consumer works on them in a thread of its own, and a buffer is filled again once all are done
with it. Hashing, writing and receiving let go of the interpreter lock, so that they run side
by side. Memory is bounded by the ring, whatever the size of the image.
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from tintype.domain.errors import ImageTooLarge, LimitExceeded, OverStorageQuota, SizeMismatch
from tintype.domain.ports.byte_source import ByteSource

PIECE = 1 << 20
IN_FLIGHT = 4

Consumer = Callable[[memoryview], object]
"""Takes the next bytes; the buffer is not its own any more once it returns."""


class Piece:
    """A buffer that goes round in the ring, and how many consumers still work on it."""

    __slots__ = ("buffer", "busy", "content", "lock")

    def __init__(self) -> None:
        self.buffer = memoryview(bytearray(PIECE))
        self.content = self.buffer
        self.lock = threading.Lock()
        self.busy = 0

    def done(self) -> bool:
        """Note that one consumer is done; tell whether it was the last."""
        with self.lock:
            self.busy -= 1
            return self.busy == 0


class Lane(threading.Thread):
    """One consumer at work in a thread of its own."""

    def __init__(self, consumer: Consumer, free: SimpleQueue[Piece], failed: threading.Event):
        super().__init__(name="tintype-data-path", daemon=True)
        self._consumer = consumer
        self._free = free
        self._failed = failed
        self.inbox: SimpleQueue[Piece | None] = SimpleQueue()
        self.error: BaseException | None = None

    def run(self) -> None:
        while (piece := self.inbox.get()) is not None:
            if not self._failed.is_set():
                try:
                    self._consumer(piece.content)
                except BaseException as error:
                    self.error = error
                    self._failed.set()
            if piece.done():
                self._free.put(piece)


class Meter:
    """Holds a stream to what was announced of it and to what is allowed."""

    def __init__(
        self,
        announced: int | None,
        limit: int,
        refusal: Callable[[int], LimitExceeded] = ImageTooLarge,
    ) -> None:
        self._announced = announced
        self._limit = limit
        self._refusal = refusal
        self.total = 0
        if announced is not None and announced > limit:
            raise refusal(limit)

    def count(self, more: int) -> None:
        """Count bytes that came.

        Raises:
            LimitExceeded, SizeMismatch: they are too many.
        """
        self.total += more
        if self.total > self._limit:
            raise self._refusal(self._limit)
        if self._announced is not None and self.total > self._announced:
            raise SizeMismatch(self._announced, self.total)

    def finish(self) -> None:
        """Raise SizeMismatch if fewer bytes came than were announced."""
        if self._announced is not None and self.total != self._announced:
            raise SizeMismatch(self._announced, self.total)


def metered(announced: int | None, cap: int, room: int | None) -> Meter:
    """Return a meter for an image of at most `cap` bytes, of which a quota leaves `room`."""
    if room is None or room >= cap:
        return Meter(announced, cap)
    return Meter(announced, room, OverStorageQuota)


class Digests:
    """The checksums of one stream, each computed in a lane of its own.

    An MD5 that is known already, for data that the other digest tells to be the same, is not
    computed again.
    """

    def __init__(self, algorithm: str, known_checksum: str | None = None) -> None:
        self.algorithm = algorithm
        self._known = known_checksum
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._multihash = hashlib.new(algorithm, usedforsecurity=False)
        both: tuple[Consumer, ...] = (self._md5.update, self._multihash.update)
        self.consumers = both if known_checksum is None else both[1:]

    @property
    def checksum(self) -> str:
        """The MD5 of the bytes, so far or known, in hex."""
        return self._known or self._md5.hexdigest()

    @property
    def value(self) -> str:
        """The digest by the configured algorithm of the bytes so far, in hex."""
        return self._multihash.hexdigest()


def pump(source: ByteSource, consumers: Sequence[Consumer], meter: Meter) -> int:
    """Move everything from the source to all consumers and return how many bytes it was.

    Each consumer gets all bytes in order. A source of less than one piece is handed on
    without starting a thread.

    Raises:
        whatever the source, the meter or a consumer raises; then everything has stopped.
    """
    first = Piece()
    filled, ended = _fill(source, first, meter)
    if ended:
        if filled:
            for consume in consumers:
                consume(first.content)
    else:
        _pump_in_lanes(source, consumers, meter, first)
    meter.finish()
    return meter.total


def _fill(source: ByteSource, piece: Piece, meter: Meter) -> tuple[int, bool]:
    """Fill a piece; tell how far, and whether the source has ended."""
    filled = 0
    ended = False
    while filled < PIECE and not ended:
        count = source.readinto(piece.buffer[filled:]) or 0
        ended = count == 0
        filled += count
        meter.count(count)
    piece.content = piece.buffer[:filled]
    return filled, ended


def _pump_in_lanes(
    source: ByteSource, consumers: Sequence[Consumer], meter: Meter, first: Piece
) -> None:
    free: SimpleQueue[Piece] = SimpleQueue()
    failed = threading.Event()
    lanes: list[Lane] = []
    try:
        for consumer in consumers:
            lane = Lane(consumer, free, failed)
            lane.start()
            lanes.append(lane)
        _send(first, lanes)
        for _ in range(IN_FLIGHT - 1):
            free.put(Piece())
        ended = False
        while not ended and not failed.is_set():
            piece = free.get()
            filled, ended = _fill(source, piece, meter)
            if filled:
                _send(piece, lanes)
    except BaseException:
        failed.set()
        raise
    finally:
        for lane in lanes:
            lane.inbox.put(None)
        for lane in lanes:
            lane.join()
    for lane in lanes:
        if lane.error is not None:
            raise lane.error


def _send(piece: Piece, lanes: Sequence[Lane]) -> None:
    piece.busy = len(lanes)
    for lane in lanes:
        lane.inbox.put(piece)

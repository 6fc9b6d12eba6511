"""Every consumer gets every byte, in order, from a ring that does not grow."""

import hashlib
import threading
from collections import deque
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import examples
from tintype.application.data_path import IN_FLIGHT, PIECE, Consumer, Digests, Meter, pump
from tintype.domain.errors import BrokenSource, ImageTooLarge, SizeMismatch, StorageFull

NO_LIMIT = 1 << 40
LANE = "tintype-data-path"

DATA = bytes(range(251)) * (3 * PIECE // 251)
"""Nearly three pieces without a period that fits into a piece."""

LENGTHS = st.one_of(
    st.integers(0, 100),
    st.integers(PIECE - 2, PIECE + 2),
    st.integers(2 * PIECE - 2, 2 * PIECE + 2),
    st.integers(0, len(DATA)),
)
READS = st.lists(st.integers(PIECE // 7, 2 * PIECE), min_size=1, max_size=8)
"""How much each read may give; it goes round. Small enough to be short, large enough to be fast."""


class Source:
    """Gives the data in reads of at most those sizes, in turn, and notes how much it gave."""

    def __init__(self, data: bytes, reads: Iterable[int] = (PIECE,)) -> None:
        self._rest = memoryview(data)
        self._reads = deque(reads)
        self.given = 0

    def readinto(self, buffer: memoryview, /) -> int:
        count = min(len(buffer), len(self._rest), self._reads[0])
        self._reads.rotate(-1)
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self.given += count
        return count


class Endless:
    """Gives zeros for ever."""

    def __init__(self) -> None:
        self.given = 0

    def readinto(self, buffer: memoryview, /) -> int:
        self.given += len(buffer)
        return len(buffer)


class Breaking:
    """Gives some pieces, then breaks."""

    def __init__(self, pieces: int) -> None:
        self._left = pieces

    def readinto(self, buffer: memoryview, /) -> int:
        if not self._left:
            raise BrokenSource()
        self._left -= 1
        return len(buffer)


def lanes_left() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == LANE]


def unmetered() -> Meter:
    return Meter(None, NO_LIMIT)


@settings(max_examples=examples(40), deadline=None)
@given(length=LENGTHS, reads=READS, consumers=st.integers(1, 4))
def test_each_consumer_gets_every_byte_in_order(
    length: int, reads: list[int], consumers: int
) -> None:
    data = DATA[:length]
    received = [bytearray() for _ in range(consumers)]

    total = pump(Source(data, reads), [each.extend for each in received], unmetered())

    assert total == length
    assert all(each == data for each in received)
    assert not lanes_left()


@given(data=st.binary(max_size=200), reads=st.lists(st.integers(1, 9), min_size=1))
def test_a_short_source_is_handed_on_in_the_calling_thread(data: bytes, reads: list[int]) -> None:
    received = bytearray()
    threads = set()

    def consume(piece: memoryview) -> None:
        received.extend(piece)
        threads.add(threading.current_thread())

    pump(Source(data, reads), [consume], unmetered())

    assert received == data
    assert threads <= {threading.current_thread()}


def test_an_empty_source_reaches_no_consumer() -> None:
    pieces: list[memoryview] = []

    assert pump(Source(b""), [pieces.append], unmetered()) == 0
    assert pieces == []


def test_a_slow_consumer_holds_the_source_back() -> None:
    source = Source(bytes(12 * PIECE))
    ahead = []
    consumed = 0

    def consume(piece: memoryview) -> None:
        nonlocal consumed
        ahead.append(source.given - consumed)
        consumed += len(piece)

    pump(source, [consume, bytearray().extend], unmetered())

    assert max(ahead) <= IN_FLIGHT * PIECE


def test_a_piece_is_not_filled_again_before_the_slowest_consumer_is_done() -> None:
    source = Source(bytes(12 * PIECE))
    may_go_on = threading.Event()
    fast = 0

    def consume_fast(piece: memoryview) -> None:
        nonlocal fast
        fast += 1
        if fast == IN_FLIGHT:
            may_go_on.set()

    given_before: list[int] = []

    def consume_slowly(piece: memoryview) -> None:
        assert may_go_on.wait(30)
        if not given_before:
            given_before.append(source.given)

    pump(source, [consume_fast, consume_slowly], unmetered())

    assert given_before == [IN_FLIGHT * PIECE]


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_failing_consumer_stops_the_source(failing: int, at: int) -> None:
    source = Endless()
    calls = 0

    def fail(piece: memoryview) -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            raise StorageFull("files")

    consumers: list[Consumer] = [len, len, len]
    consumers[failing] = fail

    with pytest.raises(StorageFull):
        pump(source, consumers, unmetered())
    assert source.given <= (at + IN_FLIGHT) * PIECE
    assert not lanes_left()


def test_a_failing_consumer_is_not_called_again() -> None:
    calls = 0

    def fail(piece: memoryview) -> None:
        nonlocal calls
        calls += 1
        raise StorageFull("files")

    with pytest.raises(StorageFull):
        pump(Endless(), [len, fail], unmetered())
    assert calls == 1


def test_a_consumer_of_a_short_source_fails_in_the_calling_thread() -> None:
    def fail(piece: memoryview) -> None:
        raise StorageFull("files")

    with pytest.raises(StorageFull):
        pump(Source(b"abc"), [fail], unmetered())


@pytest.mark.parametrize("pieces", [0, 1, 3, 9])
def test_a_source_that_breaks_stops_the_consumers(pieces: int) -> None:
    with pytest.raises(BrokenSource):
        pump(Breaking(pieces), [len, len], unmetered())
    assert not lanes_left()


def test_consumers_do_not_see_bytes_beyond_the_limit() -> None:
    received = bytearray()

    with pytest.raises(ImageTooLarge):
        pump(Endless(), [received.extend], Meter(None, 3 * PIECE))
    assert len(received) <= 3 * PIECE
    assert not lanes_left()


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1])
def test_a_source_as_long_as_the_limit_passes(size: int) -> None:
    assert pump(Source(bytes(size)), [len], Meter(size, size)) == size


def test_more_than_the_limit_is_refused_before_anything_is_read() -> None:
    with pytest.raises(ImageTooLarge):
        Meter(11, 10)


@pytest.mark.parametrize("announced", [0, 9, 11, 2 * PIECE])
@pytest.mark.parametrize("repeated", [1, PIECE // 4])
def test_another_length_than_announced_is_refused(announced: int, repeated: int) -> None:
    with pytest.raises(SizeMismatch, match=f"{announced} bytes were announced"):
        pump(Source(b"0123456789" * repeated), [len], Meter(announced, NO_LIMIT))


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
@pytest.mark.parametrize("length", [0, 1, PIECE + 1, len(DATA)])
def test_digests_are_those_of_the_whole_stream(algorithm: str, length: int) -> None:
    data = DATA[:length]
    digests = Digests(algorithm)

    pump(Source(data), digests.consumers, unmetered())

    assert digests.checksum == hashlib.md5(data).hexdigest()
    assert (digests.algorithm, digests.value) == (
        algorithm,
        hashlib.new(algorithm, data).hexdigest(),
    )

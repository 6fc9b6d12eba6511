"""What the catalogue in memory promises beyond the contract of all."""

from datetime import datetime, timedelta

import pytest

from tests.builders import ADMIN, THEN, a_lease, a_member, an_image
from tintype.adapters.memory.catalogue import MemoryWork
from tintype.domain.errors import StaleWrite
from tintype.domain.image import Image

MICROSECOND = timedelta(microseconds=1)


class StoppedClock:
    """A clock that shows what it was set to."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.time


@pytest.fixture
def clock() -> StoppedClock:
    """Return the clock of the catalogue."""
    return StoppedClock(THEN)


@pytest.fixture
def work(clock: StoppedClock) -> MemoryWork:
    """Return an empty catalogue."""
    return MemoryWork(clock)


@pytest.fixture
def image(work: MemoryWork) -> Image:
    """Return an image that the catalogue holds."""
    image = an_image()
    with work() as unit:
        unit.images.add(image)
        unit.commit()
    return image


def test_updates_are_dated_by_the_clock(
    work: MemoryWork, clock: StoppedClock, image: Image
) -> None:
    clock.time = THEN + timedelta(hours=1)

    with work() as unit:
        mine = unit.images.get(image.id, seen_by=ADMIN)
        unit.images.save(mine)

    assert mine.updated_at == clock.time


def test_updates_within_one_tick_of_the_clock_are_told_apart(
    work: MemoryWork, image: Image
) -> None:
    with work() as unit:
        mine = unit.images.get(image.id, seen_by=ADMIN)
        unit.images.save(mine)
        first = mine.updated_at
        unit.images.save(mine)

    assert (first, mine.updated_at) == (THEN + MICROSECOND, THEN + 2 * MICROSECOND)


def test_a_reader_sees_the_catalogue_as_it_was_when_it_began(
    work: MemoryWork, image: Image
) -> None:
    with work(read_only=True) as reader:
        with work() as writer:
            mine = writer.images.get(image.id, seen_by=ADMIN)
            mine.set_property("os", "linux")
            writer.images.save(mine)
            writer.members.add(a_member(image.id))
            writer.commit()

        assert reader.images.get(image.id, seen_by=ADMIN).properties == {}
        assert list(reader.members.list(image.id)) == []


def test_a_reader_is_stopped_from_writing(work: MemoryWork) -> None:
    with work(read_only=True) as unit, pytest.raises(RuntimeError):
        unit.leases.add(a_lease())


def test_a_writer_within_a_writer_is_refused_instead_of_waiting_for_ever(
    work: MemoryWork,
) -> None:
    with work(), pytest.raises(RuntimeError), work():
        pass


def test_of_two_copies_of_an_image_the_second_to_be_saved_is_stale(
    work: MemoryWork, image: Image
) -> None:
    with work() as unit:
        one, other = (unit.images.get(image.id, seen_by=ADMIN) for _ in range(2))
        unit.images.save(one)

        with pytest.raises(StaleWrite):
            unit.images.save(other)

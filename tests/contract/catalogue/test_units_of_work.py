"""What every catalogue promises about transactions and about writers that meet."""

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import pytest

from tests.builders import ADMIN, a_lease, a_member, an_image
from tests.contract.catalogue.steps import PATIENCE_S, at_once, change, insist, keep, look, sees
from tintype.domain.errors import Duplicate, StaleWrite, WrongStatus
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status

LIMITS = Limits()
WRITERS = 4
ROUNDS = 5
GLIMPSE_S = 0.3
"""How long a writer is given to get in between, where the catalogue lets it."""


class Stop(Exception):
    """Something that ends a unit of work."""


def test_what_is_committed_is_seen_by_the_next_unit(work: Work) -> None:
    image = an_image()

    with work() as unit:
        unit.images.add(image)
        unit.commit()

    assert sees(work, ADMIN, image.id)


def test_what_is_not_committed_is_undone(work: Work) -> None:
    kept, image = an_image(), an_image()
    keep(work, kept)

    with work() as unit:
        unit.images.add(image)
        unit.members.add(a_member(kept.id))
        unit.leases.add(a_lease())
        mine = unit.images.get(kept.id, seen_by=ADMIN)
        mine.set_property("os", "linux")
        unit.images.save(mine)

    with work(read_only=True) as unit:
        assert not sees(work, ADMIN, image.id)
        assert list(unit.members.list(kept.id)) == []
        assert list(unit.leases.list()) == []
        assert unit.images.get(kept.id, seen_by=ADMIN).properties == {}


def test_an_error_undoes_what_was_done_and_passes_through(work: Work) -> None:
    image = an_image()

    with pytest.raises(Stop), work() as unit:
        unit.images.add(image)
        raise Stop

    assert not sees(work, ADMIN, image.id)


def test_what_is_done_after_the_commit_is_undone(work: Work) -> None:
    first, second = an_image(), an_image()

    with work() as unit:
        unit.images.add(first)
        unit.commit()
        unit.images.add(second)

    assert sees(work, ADMIN, first.id)
    assert not sees(work, ADMIN, second.id)


def test_nothing_of_a_failed_commit_shows(work: Work) -> None:
    image = an_image()
    keep(work, image)

    with pytest.raises(Duplicate):
        keep(work, other := an_image(), an_image(id=image.id))

    assert not sees(work, ADMIN, other.id)


def test_a_unit_may_end_without_having_done_anything(work: Work) -> None:
    with work() as unit:
        unit.commit()
    with work(read_only=True) as unit:
        unit.commit()


def test_what_is_not_committed_is_hidden_from_others(work: Work) -> None:
    image = an_image()

    with work() as unit, ThreadPoolExecutor(1) as other:
        unit.images.add(image)
        seen = other.submit(sees, work, ADMIN, image.id).result(PATIENCE_S)
        unit.commit()

    assert not seen


def test_readers_do_not_wait_for_a_writer(work: Work) -> None:
    image = an_image(name="before")
    keep(work, image)

    with work() as unit, ThreadPoolExecutor(1) as other:
        mine = unit.images.get(image.id, seen_by=ADMIN, for_update=True)
        mine.set_attribute("name", "after", LIMITS)
        unit.images.save(mine)
        seen = other.submit(look, work, image.id).result(PATIENCE_S)
        unit.commit()

    assert seen.name == "before"


def test_of_two_who_take_one_id_one_wins(work: Work) -> None:
    image_id = an_image().id

    outcomes = at_once(
        *(partial(insist, partial(keep, work, an_image(id=image_id))) for _ in range(WRITERS))
    )

    losers = [outcome for outcome in outcomes if isinstance(outcome, Duplicate)]
    assert (len(losers), outcomes.count(None)) == (WRITERS - 1, 1)


def test_of_those_who_start_an_upload_one_wins(work: Work) -> None:
    image = an_image()
    keep(work, image)
    start = partial(change, work, image.id, Image.begin_upload)

    outcomes = at_once(*(partial(insist, start) for _ in range(WRITERS)))

    assert len([it for it in outcomes if isinstance(it, WrongStatus)]) == WRITERS - 1
    assert look(work, image.id).status is Status.SAVING


def test_no_change_is_lost_among_writers_of_one_image(work: Work) -> None:
    image = an_image()
    keep(work, image)

    def mark(name: str) -> None:
        change(work, image.id, lambda it: it.set_property(name, "here"))

    def write(writer: int) -> None:
        for round_ in range(ROUNDS):
            insist(partial(mark, f"{writer}-{round_}"))

    outcomes = at_once(*(partial(write, writer) for writer in range(WRITERS)))

    assert outcomes == [None] * WRITERS
    expected = {f"{writer}-{round_}" for writer in range(WRITERS) for round_ in range(ROUNDS)}
    assert look(work, image.id).properties.keys() == expected


def test_a_counter_read_for_update_counts_every_writer(work: Work) -> None:
    image = an_image(min_disk=0)
    keep(work, image)

    def count() -> None:
        with work() as unit:
            mine = unit.images.get(image.id, seen_by=ADMIN, for_update=True)
            mine.set_attribute("min_disk", mine.min_disk + 1, LIMITS)
            unit.images.save(mine)
            unit.commit()

    outcomes = at_once(*(count for _ in range(WRITERS)))

    assert outcomes == [None] * WRITERS
    assert look(work, image.id).min_disk == WRITERS


def test_who_got_an_image_for_update_is_not_overtaken(work: Work) -> None:
    image = an_image()
    keep(work, image)

    with ThreadPoolExecutor(1) as other:
        with work() as unit:
            mine = unit.images.get(image.id, seen_by=ADMIN, for_update=True)
            rival = other.submit(
                insist, partial(change, work, image.id, lambda it: it.set_property("b", "2"))
            )
            assert not wait([rival], GLIMPSE_S).done, "somebody changed what was locked"
            mine.set_property("a", "1")
            unit.images.save(mine)
            unit.commit()
        rival.result(PATIENCE_S)

    assert look(work, image.id).properties == {"a": "1", "b": "2"}


def test_who_got_an_image_from_housekeeping_is_not_overtaken(work: Work) -> None:
    image = an_image()
    keep(work, image)

    with ThreadPoolExecutor(1) as other:
        with work() as unit:
            mine = unit.images.get_gone(image.id)
            assert mine is not None
            rival = other.submit(
                insist, partial(change, work, image.id, lambda it: it.set_property("b", "2"))
            )
            assert not wait([rival], GLIMPSE_S).done, "somebody changed what was locked"
            mine.set_property("a", "1")
            unit.images.save(mine)
            unit.commit()
        rival.result(PATIENCE_S)

    assert look(work, image.id).properties == {"a": "1", "b": "2"}


def test_a_change_made_between_reading_and_writing_is_never_overwritten(work: Work) -> None:
    image = an_image()
    keep(work, image)
    rename = partial(change, work, image.id, lambda it: it.set_attribute("name", "theirs", LIMITS))
    overtaken = False

    with ThreadPoolExecutor(1) as other:
        with work() as unit:
            mine = unit.images.get(image.id, seen_by=ADMIN)
            rival = other.submit(insist, rename)
            wait([rival], GLIMPSE_S)
            mine.set_property("mine", "1")
            try:
                unit.images.save(mine)
                unit.commit()
            except StaleWrite:
                overtaken = True
        rival.result(PATIENCE_S)

    kept = look(work, image.id)
    assert kept.name == "theirs"
    assert kept.properties == ({} if overtaken else {"mine": "1"})


def test_a_change_of_status_between_reading_and_writing_is_never_overwritten(work: Work) -> None:
    image = an_image()
    keep(work, image)
    outcome: list[str] = []

    with ThreadPoolExecutor(1) as other:
        with work() as unit:
            mine = unit.images.get(image.id, seen_by=ADMIN)
            rival = other.submit(
                insist, partial(change, work, image.id, lambda it: it.begin_deletion())
            )
            wait([rival], GLIMPSE_S)
            mine.begin_upload()
            try:
                unit.images.save(mine)
                unit.commit()
            except StaleWrite:
                outcome.append("stale")
        rival.result(PATIENCE_S)

    assert not sees(work, ADMIN, image.id), "the deletion was undone"
    assert outcome in ([], ["stale"])

"""What every catalogue promises about leases."""

from datetime import timedelta
from functools import partial

import pytest

from tests.builders import THEN, a_lease
from tests.contract.catalogue.steps import at_once, insist, keep
from tintype.domain.lease import Lease, Purpose
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import Reservation, Resource
from tintype.domain.status import Status

MINUTE = timedelta(minutes=1)


def leases_of(work: Work) -> list[Lease]:
    """Return all leases."""
    with work(read_only=True) as unit:
        return list(unit.leases.list())


def facts(lease: Lease) -> tuple[object, ...]:
    """Return all that two equal leases have in common."""
    return (
        *(lease.id, lease.image_id, lease.purpose, lease.holder),
        *(lease.expires_at, lease.store, lease.restore_to),
        *(lease.task_id, lease.location, lease.reservation),
    )


def release(work: Work, lease_id: str) -> bool:
    """Release a lease in a unit of its own."""
    with work() as unit:
        released = unit.leases.release(lease_id)
        unit.commit()
        return released


def take_over(work: Work, lease: Lease, holder: str) -> bool:
    """Take a lease over in a unit of its own."""
    with work() as unit:
        taken = unit.leases.take_over(lease, holder, THEN + 5 * MINUTE)
        unit.commit()
        return taken


def test_there_are_no_leases_at_first(work: Work) -> None:
    assert leases_of(work) == []


@pytest.mark.parametrize(
    "lease",
    [
        a_lease(purpose=Purpose.UPLOAD, store="files", restore_to=None),
        a_lease(purpose=Purpose.DELETE, store=None, restore_to=Status.DEACTIVATED),
        a_lease(purpose=Purpose.DELETE, store=None, location=7),
        a_lease(reservation=Reservation("a-project", Resource.STAGE_TOTAL, 1 << 40)),
        a_lease(purpose=Purpose.WAITING, store=None, task_id="the-task"),
        a_lease(purpose=Purpose.TASK, store=None, image_id="", task_id="the-task"),
    ],
    ids=[
        "upload",
        "delete",
        "delete one location",
        "with bytes set aside",
        "waiting task",
        "task without an image",
    ],
)
def test_a_lease_comes_back_as_it_was_added(work: Work, lease: Lease) -> None:
    keep(work, lease)

    assert [facts(it) for it in leases_of(work)] == [facts(lease)]


def test_the_lease_that_expires_first_is_listed_first(work: Work) -> None:
    leases = [a_lease(expires_at=THEN + minutes * MINUTE) for minutes in (3, 1, 2)]
    keep(work, *leases)

    ends = [lease.expires_at for lease in leases_of(work)]

    assert ends == [THEN + MINUTE, THEN + 2 * MINUTE, THEN + 3 * MINUTE]


def test_an_image_may_have_several_leases(work: Work) -> None:
    upload, deletion = a_lease(image_id="i"), a_lease(image_id="i", purpose=Purpose.DELETE)

    keep(work, upload, deletion)

    assert {lease.id for lease in leases_of(work)} == {upload.id, deletion.id}


def test_a_released_lease_is_gone(work: Work) -> None:
    released, kept = a_lease(), a_lease()
    keep(work, released, kept)

    assert release(work, released.id)

    assert [lease.id for lease in leases_of(work)] == [kept.id]


def test_a_lease_is_released_once(work: Work) -> None:
    lease = a_lease()
    keep(work, lease)
    release(work, lease.id)

    assert not release(work, lease.id)


def test_a_lease_that_never_was_cannot_be_released(work: Work) -> None:
    assert not release(work, "no-such-lease")


def test_of_those_who_release_a_lease_at_once_one_succeeds(work: Work) -> None:
    lease = a_lease()
    keep(work, lease)

    outcomes = at_once(*(partial(insist, partial(release, work, lease.id)) for _ in range(4)))

    assert sorted(outcomes, key=bool) == [False, False, False, True]


def test_renewal_postpones_all_leases_of_the_holder_and_no_others(work: Work) -> None:
    mine = [a_lease(holder="me"), a_lease(holder="me")]
    keep(work, *mine, a_lease(holder="somebody else"))

    with work() as unit:
        unit.leases.renew("me", THEN + MINUTE)
        unit.commit()

    ends = [(lease.holder, lease.expires_at) for lease in leases_of(work)]
    assert ends == [("somebody else", THEN), ("me", THEN + MINUTE), ("me", THEN + MINUTE)]


def test_renewal_by_one_who_holds_nothing_does_nothing(work: Work) -> None:
    keep(work, a_lease(holder="me"))

    with work() as unit:
        unit.leases.renew("somebody else", THEN + MINUTE)
        unit.commit()

    assert [lease.expires_at for lease in leases_of(work)] == [THEN]


def test_a_lease_taken_over_shows_its_new_holder_and_end(work: Work) -> None:
    keep(work, a_lease(holder="dead", restore_to=Status.ACTIVE))
    (lease,) = leases_of(work)

    assert take_over(work, lease, "alive")

    assert (lease.holder, lease.expires_at) == ("alive", THEN + 5 * MINUTE)
    assert [facts(it) for it in leases_of(work)] == [facts(lease)]


def test_a_lease_that_was_renewed_since_is_not_taken_over(work: Work) -> None:
    keep(work, a_lease(holder="slow"))
    (listed,) = leases_of(work)
    with work() as unit:
        unit.leases.renew("slow", THEN + MINUTE)
        unit.commit()

    assert not take_over(work, listed, "hasty")

    assert [lease.holder for lease in leases_of(work)] == ["slow"]
    assert (listed.holder, listed.expires_at) == ("slow", THEN)


def test_a_lease_that_was_released_since_is_not_taken_over(work: Work) -> None:
    keep(work, a_lease())
    (listed,) = leases_of(work)
    release(work, listed.id)

    assert not take_over(work, listed, "late")

    assert leases_of(work) == []


def test_of_those_who_take_a_lease_over_at_once_one_succeeds(work: Work) -> None:
    keep(work, a_lease(holder="dead"))
    takers = [f"taker-{number}" for number in range(4)]
    attempts = [partial(take_over, work, leases_of(work)[0], taker) for taker in takers]

    outcomes = at_once(*(partial(insist, attempt) for attempt in attempts))

    assert sorted(outcomes, key=bool) == [False, False, False, True]
    assert [lease.holder for lease in leases_of(work)] == [takers[outcomes.index(True)]]


def test_the_lease_of_a_task_is_found(work: Work) -> None:
    keep(work, a_lease(task_id="another"), a_lease(purpose=Purpose.TASK, task_id="the-task"))

    with work(read_only=True) as unit:
        lease = unit.leases.of_task("the-task")
        nothing = unit.leases.of_task("no-such-task")

    assert lease is not None
    assert (lease.purpose, lease.task_id) == (Purpose.TASK, "the-task")
    assert nothing is None


def test_one_lease_can_be_postponed_as_long_as_it_is_there(work: Work) -> None:
    mine, other = a_lease(), a_lease()
    keep(work, mine, other)
    with work() as unit:
        renewed = unit.leases.renew_one(mine.id, THEN + MINUTE)
        missing = unit.leases.renew_one("no-such-lease", THEN + MINUTE)
        unit.commit()

    assert (renewed, missing) == (True, False)
    ends = {lease.id: lease.expires_at for lease in leases_of(work)}
    assert ends == {mine.id: THEN + MINUTE, other.id: THEN}


def test_leases_handed_out_are_copies(work: Work) -> None:
    keep(work, a_lease(holder="me"))

    leases_of(work)[0].holder = "changed"

    assert [lease.holder for lease in leases_of(work)] == ["me"]

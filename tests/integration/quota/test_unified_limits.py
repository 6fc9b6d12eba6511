"""The table of access-control §6 with §15 of import-and-tasks, over a Keystone that answers."""

from dataclasses import dataclass

import pytest

from tests.builders import OWNER, a_lease, an_image
from tests.contract.catalogue.steps import keep
from tests.keystone import Keystone
from tests.unit.application.service import FakeClock
from tintype.adapters.memory.catalogue import MemoryWork
from tintype.adapters.quota.keystone import KeystoneLimits
from tintype.domain.allowance import Moment
from tintype.domain.errors import LimitsUnavailable, OverLimit
from tintype.domain.quota import MIB, Grant, Reservation, Resource
from tintype.domain.status import Status

SIZE, STAGE, COUNT, UPLOADING = (
    *(Resource.SIZE_TOTAL, Resource.STAGE_TOTAL),
    *(Resource.COUNT_TOTAL, Resource.COUNT_UPLOADING),
)


@dataclass(frozen=True)
class Row:
    """A check: when, of what, how much is declared, and how much of it is added."""

    moment: Moment
    resource: Resource
    size: int | None
    delta: int
    reserves: int = 0


ROWS = {
    "create": Row(Moment.CREATION, COUNT, None, 1),
    "upload of a declared size": Row(Moment.UPLOAD, SIZE, 2 * MIB, 2, 2 * MIB),
    "upload of a size that is no whole MiB": Row(Moment.UPLOAD, SIZE, 2 * MIB - 1, 1, 2 * MIB - 1),
    "upload of unknown size": Row(Moment.UPLOAD, SIZE, None, 0),
    "upload, the image being saved": Row(Moment.SAVING, UPLOADING, 2 * MIB, 0),
    "stage of a declared size": Row(Moment.STAGING, STAGE, 3 * MIB, 3, 3 * MIB),
    "stage of unknown size": Row(Moment.STAGING, STAGE, None, 0),
    "stage, the image uploading": Row(Moment.UPLOADING, UPLOADING, 3 * MIB, 0),
    "import accepted": Row(Moment.IMPORT, SIZE, 2 * MIB, 0),
    "import from staging begins": Row(Moment.DIRECT_IMPORT, SIZE, 2 * MIB, 2, 2 * MIB),
    "download begins: stage": Row(Moment.DOWNLOAD, STAGE, None, 0),
    "download begins: count": Row(Moment.DOWNLOAD, UPLOADING, None, 0),
    "copy begins: size": Row(Moment.COPY, SIZE, 2 * MIB, 0),
    "copy begins: stage": Row(Moment.COPY, STAGE, 2 * MIB, 2),
    "copy begins: count": Row(Moment.COPY, UPLOADING, 2 * MIB, 0),
}
USAGE = {SIZE: 8, STAGE: 5, COUNT: 3, UPLOADING: 1}
"""What the project of these tests has, in units of the limits."""

each = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())


@pytest.fixture
def work() -> MemoryWork:
    """A catalogue in which the project has as much as `USAGE` says, and a bit."""
    work = MemoryWork(FakeClock())
    keep(
        work,
        an_image(Status.ACTIVE, size=8 * MIB + MIB // 2),
        an_image(Status.UPLOADING, size=5 * MIB + MIB - 1),
        an_image(),
        an_image(Status.ACTIVE, owner="another", size=99 * MIB),
    )
    return work


def limit_all(keystone: Keystone, row: Row, limit: int | None) -> None:
    """Limit what the row is about; nothing else is limited."""
    keystone.limit(dict.fromkeys(Resource, -1))
    del keystone.registered[row.resource]
    if limit is not None:
        keystone.limit({row.resource: limit})


def check(keeper: KeystoneLimits, work: MemoryWork, row: Row) -> Grant:
    """Do as a request does that comes to that moment."""
    allowance = keeper.allowance(OWNER)
    with work() as unit:
        return allowance.check(row.moment, unit.usage, owner="whoever", size=row.size)


@each
@pytest.mark.parametrize("spare", [0, 1], ids=["at the limit", "under it"])
def test_what_stays_within_the_limit_is_granted(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork, row: Row, spare: int
) -> None:
    limit_all(keystone, row, USAGE[row.resource] + row.delta + spare)

    grant = check(keeper, work, row)

    reservation = Reservation(OWNER, row.resource, row.reserves) if row.reserves else None
    assert grant == Grant(reservation, room=None)


@each
def test_what_goes_over_the_limit_is_refused_in_the_words_that_callers_look_for(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork, row: Row
) -> None:
    usage = USAGE[row.resource]
    limit = usage + row.delta - 1
    limit_all(keystone, row, limit)

    with pytest.raises(OverLimit) as refusal:
        check(keeper, work, row)

    assert str(refusal.value) == (
        f"Resource {row.resource.value} is over limit of {limit} "
        f"due to current usage {usage} and delta {row.delta}"
    )


@each
def test_a_limit_of_minus_one_is_none(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork, row: Row
) -> None:
    limit_all(keystone, row, -1)

    check(keeper, work, row)


@each
def test_what_is_not_registered_may_not_be_used(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork, row: Row
) -> None:
    limit_all(keystone, row, None)

    with pytest.raises(OverLimit, match="over limit of 0 due to"):
        check(keeper, work, row)


@each
def test_the_limit_of_a_project_goes_before_the_registered_one(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork, row: Row
) -> None:
    limit_all(keystone, row, 0)
    keystone.limit({row.resource: 100}, OWNER)
    keystone.limit({row.resource: 0}, "another")

    check(keeper, work, row)


@pytest.mark.parametrize("moment", [Moment.KEEPING, Moment.LOCATION])
def test_data_that_has_come_is_kept_whatever_the_limits(
    keeper: KeystoneLimits, work: MemoryWork, moment: Moment
) -> None:
    allowance = keeper.allowance(OWNER)

    with work() as unit:
        assert allowance.check(moment, unit.usage, owner=OWNER, size=1 << 50) == Grant()


def test_what_is_set_aside_for_others_is_not_promised_again(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork
) -> None:
    row = ROWS["upload of a declared size"]
    limit_all(keystone, row, 12)
    # Half a MiB of it rounds up, together with that of what is there.
    keep(work, a_lease(reservation=Reservation(OWNER, SIZE, 2 * MIB + MIB // 2)))

    with pytest.raises(OverLimit, match="usage 11 and delta 2"):
        check(keeper, work, row)


def test_limits_are_those_of_the_moment(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork
) -> None:
    row = ROWS["create"]
    limit_all(keystone, row, 3)
    with pytest.raises(OverLimit):
        check(keeper, work, row)

    limit_all(keystone, row, 4)

    check(keeper, work, row)


def test_asking_costs_two_requests_and_one_where_a_project_has_limits_of_its_own(
    keystone: Keystone, keeper: KeystoneLimits
) -> None:
    keeper.allowance(OWNER)
    keystone.asked.clear()

    keeper.allowance(OWNER)
    keystone.limit(dict.fromkeys(Resource, 1), OWNER)
    keeper.allowance(OWNER)

    assert keystone.asked == ["/v3/limits", "/v3/registered_limits", "/v3/limits"]


def test_the_report_has_every_resource_in_units_of_its_limit(
    keystone: Keystone, keeper: KeystoneLimits, work: MemoryWork
) -> None:
    keystone.limit({SIZE: 20, STAGE: -1, COUNT: 5})
    keep(work, a_lease(reservation=Reservation(OWNER, SIZE, 9 * MIB)))
    allowance = keeper.allowance(OWNER)

    with work(read_only=True) as unit:
        report = allowance.report(unit.usage)

    assert report == {SIZE: (8, 20), STAGE: (5, -1), COUNT: (3, 5), UPLOADING: (1, 0)}


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_keystone_that_fails_is_asked_again_with_the_next_request(
    keystone: Keystone, keeper: KeystoneLimits, status: int
) -> None:
    keeper.allowance(OWNER)
    keystone.failing = status
    with pytest.raises(LimitsUnavailable, match="try again"):
        keeper.allowance(OWNER)

    keystone.failing = None

    keeper.allowance(OWNER)

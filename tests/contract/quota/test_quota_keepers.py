"""What everything that knows limits promises."""

from pathlib import Path

import pytest

from tests.builders import OWNER, a_lease, an_image
from tests.contract.catalogue.steps import keep
from tests.contract.quota.keepers import KEEPERS, ROOM
from tests.unit.application.service import FakeClock
from tintype.adapters.memory.catalogue import MemoryWork
from tintype.domain.allowance import Moment
from tintype.domain.errors import LimitExceeded
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import MIB, Grant, Resource
from tintype.domain.status import Status

BEGINS = (Moment.UPLOAD, Moment.SAVING)


@pytest.fixture(params=KEEPERS)
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> QuotaKeeper:
    """Something that knows limits."""
    return KEEPERS[request.param](tmp_path)


@pytest.fixture
def work() -> Work:
    """An empty catalogue."""
    return MemoryWork(FakeClock())


def ask(
    keeper: QuotaKeeper, work: Work, *moments: Moment, size: int | None, project: str | None = OWNER
) -> list[Grant]:
    """Come to those moments in one unit of work, with an image of the project's own."""
    allowance = keeper.allowance(project)
    with work() as unit:
        return [allowance.check(it, unit.usage, owner=project, size=size) for it in moments]


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("size", [None, 0, ROOM * MIB - 1])
def test_where_there_is_room_everything_is_allowed(
    keeper: QuotaKeeper, work: Work, moment: Moment, size: int | None
) -> None:
    assert len(ask(keeper, work, moment, size=size)) == 1


@pytest.mark.parametrize("moment", Moment)
def test_who_has_no_project_has_no_limits(keeper: QuotaKeeper, work: Work, moment: Moment) -> None:
    assert ask(keeper, work, moment, size=1 << 60, project=None) == [Grant()]


@pytest.mark.parametrize("size", [None, 0])
def test_for_an_upload_of_unknown_size_nothing_is_set_aside(
    keeper: QuotaKeeper, work: Work, size: int | None
) -> None:
    grants = ask(keeper, work, *BEGINS, size=size)

    assert [grant.reservation for grant in grants] == [None, None]


def test_what_an_upload_declares_is_set_aside_once_at_most(keeper: QuotaKeeper, work: Work) -> None:
    grants = ask(keeper, work, *BEGINS, size=MIB)

    found = [grant.reservation for grant in grants if grant.reservation]
    assert [(it.project, it.resource, it.size) for it in found] in (
        [],
        [(OWNER, Resource.SIZE_TOTAL, MIB)],
    )


def test_a_quota_that_sets_aside_holds_against_what_it_set_aside(
    keeper: QuotaKeeper, work: Work
) -> None:
    grants = ask(keeper, work, *BEGINS, size=ROOM * MIB)
    promised = [grant.reservation for grant in grants if grant.reservation]
    keep(work, *(a_lease(reservation=it) for it in promised))

    if not promised:
        ask(keeper, work, *BEGINS, size=MIB)
    else:
        with pytest.raises(LimitExceeded):
            ask(keeper, work, *BEGINS, size=MIB)


def test_an_allowance_counts_anew_at_each_use(keeper: QuotaKeeper, work: Work) -> None:
    allowance = keeper.allowance(OWNER)
    with work(read_only=True) as unit:
        before = allowance.report(unit.usage)
    keep(work, an_image(Status.ACTIVE))
    with work(read_only=True) as unit:
        after = allowance.report(unit.usage)

    assert before.keys() == after.keys()
    assert all(after[it].usage == (it is Resource.COUNT_TOTAL) for it in after)

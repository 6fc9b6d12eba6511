"""What every catalogue promises about members."""

from datetime import timedelta
from functools import partial

import pytest

from tests.builders import THEN, a_caller, a_member, an_image
from tests.contract.catalogue.steps import at_once, insist, keep
from tintype.domain.errors import Duplicate, MemberNotFound
from tintype.domain.member import Member, MemberStatus
from tintype.domain.ports.unit_of_work import Work

LATER = THEN + timedelta(hours=1)


@pytest.fixture
def image_id(work: Work) -> str:
    """Return the id of an image that has no members yet."""
    image = an_image()
    keep(work, image)
    return image.id


def members_of(work: Work, image_id: str) -> list[Member]:
    """Return the members of the image."""
    with work(read_only=True) as unit:
        return list(unit.members.list(image_id))


def remove(work: Work, image_id: str, member_id: str) -> None:
    """End a membership."""
    with work() as unit:
        unit.members.remove(unit.members.get(image_id, member_id))
        unit.commit()


def answer(work: Work, image_id: str, member_id: str, status: MemberStatus) -> None:
    """Answer an offer as the member does."""
    with work() as unit:
        member = unit.members.get(image_id, member_id)
        member.answer(status, a_caller(member_id), LATER)
        unit.members.save(member)
        unit.commit()


def test_a_member_comes_back_as_it_was_added(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a-friend"))

    with work(read_only=True) as unit:
        member = unit.members.get(image_id, "a-friend")

    assert (member.image_id, member.member_id) == (image_id, "a-friend")
    assert (member.created_at, member.updated_at) == (THEN, THEN)
    assert (member.status, member.can_share) == (MemberStatus.PENDING, False)


def test_a_member_has_its_number_once_it_is_added(work: Work, image_id: str) -> None:
    member = a_member(image_id)
    keep(work, member)

    assert member.id is not None
    assert members_of(work, image_id)[0].id == member.id


def test_an_image_has_no_members_at_first(work: Work, image_id: str) -> None:
    assert members_of(work, image_id) == []


def test_an_unknown_image_has_no_members(work: Work) -> None:
    assert members_of(work, "no-such-image") == []


@pytest.mark.parametrize("member_id", ["nobody", "A-FRIEND", "a\0b", ""])
def test_who_is_no_member_is_not_found(work: Work, image_id: str, member_id: str) -> None:
    keep(work, a_member(image_id, "a-friend"))

    with work(read_only=True) as unit, pytest.raises(MemberNotFound):
        unit.members.get(image_id, member_id)


def test_members_are_listed_oldest_first(work: Work, image_id: str) -> None:
    for name in ("c", "a", "b"):
        keep(work, a_member(image_id, name))

    assert [member.member_id for member in members_of(work, image_id)] == ["c", "a", "b"]


def test_members_of_other_images_are_not_listed(work: Work, image_id: str) -> None:
    other = an_image()
    keep(work, other, a_member(other.id, "a-friend"))

    assert members_of(work, image_id) == []


def test_a_member_is_added_once(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a-friend"))

    with pytest.raises(Duplicate):
        keep(work, a_member(image_id, "a-friend"))


def test_projects_that_differ_by_case_are_two_members(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a-friend"), a_member(image_id, "A-Friend"))

    assert len(members_of(work, image_id)) == 2


def test_of_those_who_add_a_member_at_once_one_wins(work: Work, image_id: str) -> None:
    attempts = [partial(keep, work, a_member(image_id, "a-friend")) for _ in range(4)]

    outcomes = at_once(*(partial(insist, attempt) for attempt in attempts))

    assert len([outcome for outcome in outcomes if isinstance(outcome, Duplicate)]) == 3
    assert len(members_of(work, image_id)) == 1


@pytest.mark.parametrize("status", list(MemberStatus))
def test_an_answer_is_kept_with_its_time(work: Work, image_id: str, status: MemberStatus) -> None:
    keep(work, a_member(image_id, "a-friend"))

    answer(work, image_id, "a-friend", status)

    (member,) = members_of(work, image_id)
    assert (member.status, member.updated_at, member.created_at) == (status, LATER, THEN)


def test_the_answer_of_one_member_leaves_the_others_alone(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a"), a_member(image_id, "b"))

    answer(work, image_id, "a", MemberStatus.ACCEPTED)

    statuses = [member.status for member in members_of(work, image_id)]
    assert statuses == [MemberStatus.ACCEPTED, MemberStatus.PENDING]


def test_a_removed_member_is_gone(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a"), a_member(image_id, "b"))

    remove(work, image_id, "a")

    assert [member.member_id for member in members_of(work, image_id)] == ["b"]
    with work(read_only=True) as unit, pytest.raises(MemberNotFound):
        unit.members.get(image_id, "a")


def test_a_member_is_removed_once(work: Work, image_id: str) -> None:
    member = a_member(image_id, "a")
    keep(work, member)
    remove(work, image_id, "a")

    with work() as unit, pytest.raises(MemberNotFound):
        unit.members.remove(member)


def test_a_removed_member_cannot_answer(work: Work, image_id: str) -> None:
    member = a_member(image_id, "a")
    keep(work, member)
    remove(work, image_id, "a")

    with work() as unit, pytest.raises(MemberNotFound):
        unit.members.save(member)


def test_a_removed_member_comes_back_pending(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a"))
    answer(work, image_id, "a", MemberStatus.REJECTED)
    remove(work, image_id, "a")

    keep(work, a_member(image_id, "a"))

    assert [member.status for member in members_of(work, image_id)] == [MemberStatus.PENDING]


def test_a_removed_member_comes_back_with_its_number_and_date(work: Work, image_id: str) -> None:
    first = a_member(image_id, "a", created_at=THEN)
    keep(work, first)
    remove(work, image_id, "a")

    keep(work, a_member(image_id, "a", created_at=LATER, updated_at=LATER))

    (member,) = members_of(work, image_id)
    assert (member.id, member.created_at, member.updated_at) == (first.id, THEN, LATER)


def test_a_member_may_come_and_go_and_come(work: Work, image_id: str) -> None:
    for _ in range(3):
        keep(work, a_member(image_id, "a"))
        remove(work, image_id, "a")

    assert members_of(work, image_id) == []


def test_members_handed_out_are_copies(work: Work, image_id: str) -> None:
    keep(work, a_member(image_id, "a"))

    members_of(work, image_id)[0].status = MemberStatus.ACCEPTED

    assert members_of(work, image_id)[0].status is MemberStatus.PENDING

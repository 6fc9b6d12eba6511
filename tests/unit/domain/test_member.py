"""Memberships: who answers, who may know."""

from datetime import timedelta

import pytest

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_member
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, Invalid
from tintype.domain.member import MemberStatus

LATER = THEN + timedelta(hours=1)
NOBODY = a_caller(None)


def test_a_new_member_has_not_answered_yet() -> None:
    assert a_member("an-image").status is MemberStatus.PENDING


@pytest.mark.parametrize("member_id", ["", "x" * 256])
def test_a_member_must_be_a_possible_project(member_id: str) -> None:
    with pytest.raises(Invalid):
        a_member("an-image", member_id)


def test_the_id_of_a_member_may_have_255_characters() -> None:
    assert a_member("an-image", "x" * 255).member_id == "x" * 255


@pytest.mark.parametrize("caller", [a_caller("a-friend"), ADMIN], ids=["itself", "admin"])
@pytest.mark.parametrize("status", list(MemberStatus))
def test_the_member_and_administrators_may_answer(caller: Caller, status: MemberStatus) -> None:
    member = a_member("an-image", "a-friend")

    member.answer(status, caller, LATER)

    assert (member.status, member.updated_at, member.created_at) == (status, LATER, THEN)


@pytest.mark.parametrize(
    "caller", [a_caller(OWNER), a_caller("a-stranger"), NOBODY], ids=["owner", "stranger", "nobody"]
)
def test_nobody_else_may_answer(caller: Caller) -> None:
    member = a_member("an-image", "a-friend")

    with pytest.raises(Forbidden):
        member.answer(MemberStatus.ACCEPTED, caller, LATER)

    assert (member.status, member.updated_at) == (MemberStatus.PENDING, THEN)


@pytest.mark.parametrize(
    ("caller", "readable"),
    [
        (ADMIN, True),
        (a_caller(OWNER), True),
        (a_caller("a-friend"), True),
        (a_caller("another-member"), False),
        (NOBODY, False),
    ],
    ids=["admin", "owner", "itself", "another", "nobody"],
)
def test_a_membership_is_known_to_its_two_sides_and_to_administrators(
    caller: Caller, readable: bool
) -> None:
    assert a_member("an-image", "a-friend").readable_by(caller, OWNER) is readable


def test_who_has_no_project_does_not_know_the_members_of_ownerless_images() -> None:
    assert not a_member("an-image", "a-friend").readable_by(NOBODY, None)

"""Images are offered by their owner and answered by the project they are offered to."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ADMIN, a_caller
from tests.unit.application.service import FRIEND, OWNER_CALLER, READER, STRANGER, Service
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import (
    Duplicate,
    Forbidden,
    ImageNotFound,
    Invalid,
    MemberNotFound,
    NotShared,
    QuotaExceeded,
    ReadOnlyCaller,
)
from tintype.domain.image import Image
from tintype.domain.member import MemberStatus
from tintype.domain.visibility import Visibility

NOT_SHARED = [Visibility.PRIVATE, Visibility.PUBLIC, Visibility.COMMUNITY]
FRIENDS_READER = a_caller("a-friend", roles=frozenset({"reader"}))


@pytest.fixture
def image(service: Service) -> Image:
    return service.has_queued()


@pytest.fixture
def shared(service: Service, image: Image) -> Image:
    """An image that was offered to a friend."""
    service.add_member(OWNER_CALLER, image.id, "a-friend")
    service.notifier.heard.clear()
    return image


def test_an_offer_is_pending(service: Service, image: Image) -> None:
    member = service.add_member(OWNER_CALLER, image.id, "a-friend")

    assert (member.member_id, member.status) == ("a-friend", MemberStatus.PENDING)
    assert service.told == ["MemberAdded"]


def test_an_image_is_seen_by_whom_it_is_offered_to(service: Service, shared: Image) -> None:
    assert service.show(FRIEND, shared.id).id == shared.id


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (ANONYMOUS, ReadOnlyCaller),
        (STRANGER, ImageNotFound),
        (FRIEND, Forbidden),
        (READER, Forbidden),
    ],
)
@pytest.mark.parametrize("what", ["add", "remove"])
def test_only_the_owner_chooses_members(
    service: Service, shared: Image, caller: Caller, refusal: type[Exception], what: str
) -> None:
    choose = service.add_member if what == "add" else service.remove_member

    with pytest.raises(refusal):
        choose(caller, shared.id, "a-friend")
    assert service.told == []


def test_an_administrator_chooses_members_too(service: Service, image: Image) -> None:
    service.add_member(ADMIN, image.id, "a-friend")

    assert [it.member_id for it in service.list_members(ADMIN, image.id)] == ["a-friend"]


def test_a_project_is_a_member_once(service: Service, shared: Image) -> None:
    with pytest.raises(Duplicate):
        service.add_member(OWNER_CALLER, shared.id, "a-friend")


@pytest.mark.parametrize("member_id", ["", "x" * 256])
def test_a_member_has_the_id_of_a_project(service: Service, image: Image, member_id: str) -> None:
    with pytest.raises(Invalid):
        service.add_member(OWNER_CALLER, image.id, member_id)


@pytest.mark.parametrize("visibility", NOT_SHARED)
@pytest.mark.parametrize("caller", [OWNER_CALLER, ADMIN])
def test_only_shared_images_have_members(
    service: Service, visibility: Visibility, caller: Caller
) -> None:
    image = service.has_queued(visibility=visibility)

    with pytest.raises(NotShared):
        service.add_member(caller, image.id, "a-friend")
    with pytest.raises(NotShared):
        service.list_members(caller, image.id)
    with pytest.raises(NotShared):
        service.remove_member(caller, image.id, "a-friend")


def test_there_are_no_more_members_than_the_quota(service: Service) -> None:
    service.limited(image_member_quota=1)
    image = service.has_queued()
    service.add_member(OWNER_CALLER, image.id, "one")

    with pytest.raises(QuotaExceeded, match="Attempted: 2, Maximum: 1"):
        service.add_member(OWNER_CALLER, image.id, "two")


def test_a_member_beyond_the_quota_that_is_one_already_is_a_duplicate(service: Service) -> None:
    service.limited(image_member_quota=1)
    image = service.has_queued()
    service.add_member(OWNER_CALLER, image.id, "one")

    with pytest.raises(Duplicate):
        service.add_member(OWNER_CALLER, image.id, "one")


def test_a_negative_quota_is_none(service: Service) -> None:
    service.limited(image_member_quota=-1)
    image = service.has_queued()

    for number in range(200):
        service.add_member(OWNER_CALLER, image.id, f"project-{number}")

    assert len(service.list_members(OWNER_CALLER, image.id)) == 200


def test_a_removed_member_makes_room(service: Service) -> None:
    service.limited(image_member_quota=1)
    image = service.has_queued()
    service.add_member(OWNER_CALLER, image.id, "one")
    service.remove_member(OWNER_CALLER, image.id, "one")

    service.add_member(OWNER_CALLER, image.id, "two")

    assert [it.member_id for it in service.list_members(OWNER_CALLER, image.id)] == ["two"]


def test_a_removed_member_sees_the_image_no_more(service: Service, shared: Image) -> None:
    service.remove_member(OWNER_CALLER, shared.id, "a-friend")

    assert service.told == ["MemberRemoved"]
    with pytest.raises(ImageNotFound):
        service.show(FRIEND, shared.id)


def test_who_is_no_member_is_not_removed(service: Service, image: Image) -> None:
    with pytest.raises(MemberNotFound):
        service.remove_member(OWNER_CALLER, image.id, "a-friend")


# ---------------------------------------------------------------------- who knows of members


def test_the_owner_knows_all_members(service: Service, shared: Image) -> None:
    service.add_member(OWNER_CALLER, shared.id, "another")

    found = service.list_members(READER, shared.id)

    assert [member.member_id for member in found] == ["a-friend", "another"]


def test_a_member_knows_of_itself_only(service: Service, shared: Image) -> None:
    service.add_member(OWNER_CALLER, shared.id, "another")

    assert [it.member_id for it in service.list_members(FRIEND, shared.id)] == ["a-friend"]
    assert service.show_member(FRIEND, shared.id, "a-friend").member_id == "a-friend"
    with pytest.raises(MemberNotFound):
        service.show_member(FRIEND, shared.id, "another")


def test_a_stranger_knows_of_no_member(service: Service, shared: Image) -> None:
    with pytest.raises(ImageNotFound):
        service.list_members(STRANGER, shared.id)
    with pytest.raises(ImageNotFound):
        service.show_member(STRANGER, shared.id, "a-friend")


@pytest.mark.parametrize("visibility", NOT_SHARED)
def test_one_member_of_an_image_that_is_not_shared_is_not_found(
    service: Service, visibility: Visibility
) -> None:
    image = service.has_queued(visibility=visibility)

    with pytest.raises(MemberNotFound):
        service.show_member(OWNER_CALLER, image.id, "a-friend")


def test_who_may_not_see_one_member_does_not_find_it(service: Service, shared: Image) -> None:
    without_roles = a_caller(roles=frozenset())

    with pytest.raises(MemberNotFound):
        service.show_member(without_roles, shared.id, "a-friend")


# ---------------------------------------------------------------------- answers


@pytest.mark.parametrize("status", list(MemberStatus))
def test_a_member_answers_as_it_likes(
    service: Service, shared: Image, status: MemberStatus
) -> None:
    service.clock.pass_by(timedelta(hours=1))

    member = service.answer_offer(FRIEND, shared.id, "a-friend", status)

    assert (member.status, member.updated_at) == (status, service.clock.now())
    assert service.show_member(FRIEND, shared.id, "a-friend").status is status
    assert service.told == ["MemberUpdated"]


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (OWNER_CALLER, Forbidden),
        (STRANGER, ImageNotFound),
        (FRIENDS_READER, Forbidden),
        (ANONYMOUS, ReadOnlyCaller),
    ],
)
def test_nobody_answers_for_a_member(
    service: Service, shared: Image, caller: Caller, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        service.answer_offer(caller, shared.id, "a-friend", MemberStatus.ACCEPTED)
    found = service.show_member(FRIEND, shared.id, "a-friend")
    assert found.status is MemberStatus.PENDING


def test_an_administrator_answers_for_a_member(service: Service, shared: Image) -> None:
    member = service.answer_offer(ADMIN, shared.id, "a-friend", MemberStatus.ACCEPTED)

    assert member.status is MemberStatus.ACCEPTED


def test_a_member_does_not_learn_of_another_by_answering(service: Service, shared: Image) -> None:
    service.add_member(OWNER_CALLER, shared.id, "another")

    with pytest.raises(MemberNotFound):
        service.answer_offer(FRIEND, shared.id, "another", MemberStatus.ACCEPTED)


@pytest.mark.parametrize("status", list(MemberStatus))
def test_access_does_not_depend_on_the_answer(
    service: Service, shared: Image, status: MemberStatus
) -> None:
    service.answer_offer(FRIEND, shared.id, "a-friend", status)

    assert service.show(FRIEND, shared.id).id == shared.id


def test_every_change_is_repeated_when_another_writer_was_faster(
    service: Service, image: Image
) -> None:
    steps: list[tuple[Any, ...]] = [
        (service.add_member, OWNER_CALLER, image.id, "a-friend"),
        (service.answer_offer, FRIEND, image.id, "a-friend", MemberStatus.ACCEPTED),
        (service.remove_member, OWNER_CALLER, image.id, "a-friend"),
    ]
    for change, *arguments in steps:
        service.work.trouble = ["stale", "stale"]
        change(*arguments)

    assert service.told == ["MemberAdded", "MemberUpdated", "MemberRemoved"]

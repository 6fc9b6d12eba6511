"""What every catalogue promises about lists, one sentence a test."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_location, a_member, an_image
from tests.contract.catalogue.steps import change, delete, ids, keep, look
from tintype.domain.caller import Caller
from tintype.domain.errors import BadMarker
from tintype.domain.image import Image
from tintype.domain.image_query import Comparison, Condition, ImageQuery, SortKey, sort_keys
from tintype.domain.member import MemberStatus
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

EVERYTHING = ImageQuery(limit=100)
STRANGER = a_caller("a-stranger")
FRIEND = a_caller("a-friend")


def kept(work: Work, **facts: Any) -> Image:
    """Record an image and return it."""
    image = an_image(**facts)
    keep(work, image)
    return image


def shared_with_friend(work: Work, status: MemberStatus) -> Image:
    """Record an image that a friend gave this answer about."""
    image = kept(work, visibility=Visibility.SHARED)
    member = a_member(image.id, "a-friend")
    keep(work, member)
    with work() as unit:
        member.status = status
        unit.members.save(member)
        unit.commit()
    return image


def condition(attribute: str, comparison: str, value: str | int | bool) -> ImageQuery:
    """Return the query for what meets one condition."""
    return replace(EVERYTHING, conditions=(Condition(attribute, Comparison(comparison), value),))


def test_an_empty_catalogue_lists_nothing(work: Work) -> None:
    assert ids(work, EVERYTHING) == []


def test_the_newest_comes_first_and_equal_times_are_ordered_by_id(work: Work) -> None:
    old = kept(work, created_at=THEN)
    twins = [kept(work, created_at=THEN + timedelta(microseconds=1)) for _ in range(2)]

    assert ids(work, EVERYTHING) == [*sorted((it.id for it in twins), reverse=True), old.id]


def test_a_page_has_no_more_images_than_its_limit(work: Work) -> None:
    for _ in range(3):
        kept(work)

    assert len(ids(work, ImageQuery(limit=2))) == 2


def test_a_page_of_none_is_empty(work: Work) -> None:
    kept(work)

    assert ids(work, ImageQuery(limit=0)) == []


def test_images_in_a_list_are_complete(work: Work) -> None:
    image = kept(
        work,
        status=Status.ACTIVE,
        name="mine",
        properties={"os": "linux", "bits": "64"},
        tags=["a", "b"],
        locations=[a_location("file:///1"), a_location("file:///2")],
    )
    kept(work, tags=["c"], properties={"os": "plan9"})

    with work(read_only=True) as unit:
        page = unit.images.list(EVERYTHING, seen_by=ADMIN)

    found = next(it for it in page if it.id == image.id)
    assert (found.name, found.size, found.checksum) == ("mine", image.size, image.checksum)
    assert found.properties == {"os": "linux", "bits": "64"}
    assert sorted(found.tags) == ["a", "b"]
    assert [it.url for it in found.locations] == ["file:///1", "file:///2"]
    assert found.locations[0].store == "files"


def test_an_image_got_from_a_list_can_be_saved(work: Work) -> None:
    image = kept(work)

    with work() as unit:
        (mine,) = unit.images.list(EVERYTHING, seen_by=ADMIN)
        mine.set_property("os", "linux")
        unit.images.save(mine)
        unit.commit()

    assert look(work, image.id).properties == {"os": "linux"}


def test_a_list_sees_the_changes_of_its_own_unit(work: Work) -> None:
    image = an_image()

    with work() as unit:
        unit.images.add(image)
        page = unit.images.list(EVERYTHING, seen_by=ADMIN)

    assert [it.id for it in page] == [image.id]


# ---------------------------------------------------------------------- who sees what


@pytest.mark.parametrize("caller", [ADMIN, a_caller(OWNER)])
def test_gone_images_are_in_no_list(work: Work, caller: Caller) -> None:
    pending = kept(work, status=Status.ACTIVE)
    deleted = kept(work)
    change(work, pending.id, lambda it: it.begin_deletion())
    delete(work, deleted.id)

    assert ids(work, replace(EVERYTHING, any_visibility=True), caller) == []


@pytest.mark.parametrize("visibility", list(Visibility))
def test_own_images_are_listed_whatever_their_visibility(
    work: Work, visibility: Visibility
) -> None:
    image = kept(work, visibility=visibility)

    assert ids(work, EVERYTHING, a_caller(OWNER)) == [image.id]
    assert ids(work, replace(EVERYTHING, visibility=visibility), a_caller(OWNER)) == [image.id]


@pytest.mark.parametrize("caller", [STRANGER, a_caller(None)], ids=["stranger", "no project"])
def test_strangers_list_public_images_only(work: Work, caller: Caller) -> None:
    images = {it: kept(work, visibility=it) for it in Visibility}

    assert ids(work, EVERYTHING, caller) == [images[Visibility.PUBLIC].id]


@pytest.mark.parametrize("caller", [STRANGER, ADMIN, a_caller(None)])
def test_foreign_community_images_are_listed_when_asked_for(work: Work, caller: Caller) -> None:
    image = kept(work, visibility=Visibility.COMMUNITY)

    assert ids(work, EVERYTHING, caller) == []
    assert ids(work, replace(EVERYTHING, visibility=Visibility.COMMUNITY), caller) == [image.id]
    assert ids(work, replace(EVERYTHING, any_visibility=True), caller) == [image.id]


def test_administrators_list_private_images_of_others(work: Work) -> None:
    image = kept(work, visibility=Visibility.PRIVATE)

    assert ids(work, EVERYTHING, ADMIN) == [image.id]


def test_members_list_what_they_accepted(work: Work) -> None:
    images = {status: shared_with_friend(work, status) for status in MemberStatus}

    assert ids(work, EVERYTHING, FRIEND) == [images[MemberStatus.ACCEPTED].id]


@pytest.mark.parametrize("status", list(MemberStatus))
def test_members_list_what_they_gave_the_answer_asked_for(work: Work, status: MemberStatus) -> None:
    images = {it: shared_with_friend(work, it) for it in MemberStatus}

    found = ids(work, replace(EVERYTHING, member_status=status), FRIEND)

    assert found == [images[status].id]


def test_members_list_all_that_is_offered_if_asked_for_any_answer(work: Work) -> None:
    images = [shared_with_friend(work, status) for status in MemberStatus]

    found = ids(work, replace(EVERYTHING, member_status=None), FRIEND)

    assert sorted(found) == sorted(image.id for image in images)


def test_the_member_status_narrows_nothing_but_what_is_shared_with_the_caller(work: Work) -> None:
    own = kept(work, owner="a-friend", visibility=Visibility.PRIVATE)
    public = kept(work, visibility=Visibility.PUBLIC)

    found = ids(work, replace(EVERYTHING, member_status="rejected"), FRIEND)

    assert sorted(found) == sorted([own.id, public.id])


def test_former_members_list_the_image_no_more(work: Work) -> None:
    image = shared_with_friend(work, MemberStatus.ACCEPTED)
    with work() as unit:
        unit.members.remove(unit.members.get(image.id, "a-friend"))
        unit.commit()

    assert ids(work, EVERYTHING, FRIEND) == []


def test_an_image_that_the_owner_shares_with_itself_is_listed_once(work: Work) -> None:
    image = kept(work, visibility=Visibility.SHARED)
    keep(work, a_member(image.id, OWNER))

    assert ids(work, replace(EVERYTHING, member_status=None), a_caller(OWNER)) == [image.id]


def test_a_public_image_with_dormant_members_is_listed_once(work: Work) -> None:
    image = kept(work, visibility=Visibility.PUBLIC)
    keep(work, a_member(image.id, "a-friend"))

    assert ids(work, replace(EVERYTHING, member_status=None), FRIEND) == [image.id]


def test_ownerless_images_are_listed_to_others_only_if_they_are_open(work: Work) -> None:
    images = {it: kept(work, visibility=it, owner=None) for it in Visibility}

    found = ids(work, replace(EVERYTHING, any_visibility=True), STRANGER)

    open_to_all = [images[Visibility.PUBLIC].id, images[Visibility.COMMUNITY].id]
    assert sorted(found) == sorted(open_to_all)


def test_who_has_no_project_owns_no_ownerless_image(work: Work) -> None:
    kept(work, visibility=Visibility.PRIVATE, owner=None)
    kept(work, visibility=Visibility.COMMUNITY, owner=None)

    assert ids(work, EVERYTHING, a_caller(None)) == []


# ---------------------------------------------------------------------- filters


def test_hidden_images_are_listed_only_if_asked_for(work: Work) -> None:
    hidden, shown = kept(work, os_hidden=True), kept(work)

    assert ids(work, EVERYTHING, a_caller(OWNER)) == [shown.id]
    assert ids(work, replace(EVERYTHING, os_hidden=True), a_caller(OWNER)) == [hidden.id]


def test_an_image_must_carry_every_tag_asked_for(work: Work) -> None:
    both = kept(work, tags=["x", "y"])
    kept(work, tags=["x"])
    kept(work, tags=["X", "y"])

    assert ids(work, replace(EVERYTHING, tags=("x", "y"))) == [both.id]
    assert ids(work, replace(EVERYTHING, tags=("x", "y", "z"))) == []


def test_a_tag_asked_for_twice_is_asked_for_once(work: Work) -> None:
    image = kept(work, tags=["x"])

    assert ids(work, replace(EVERYTHING, tags=("x", "x"))) == [image.id]


def test_tags_taken_away_find_nothing(work: Work) -> None:
    image = kept(work, tags=["x"])
    change(work, image.id, lambda it: it.remove_tag("x"))

    assert ids(work, replace(EVERYTHING, tags=("x",))) == []


def test_properties_are_compared_with_case(work: Work) -> None:
    image = kept(work, properties={"os": "Linux"})

    assert ids(work, replace(EVERYTHING, properties={"os": "Linux"})) == [image.id]
    assert ids(work, replace(EVERYTHING, properties={"os": "linux"})) == []
    assert ids(work, replace(EVERYTHING, properties={"OS": "Linux"})) == []


def test_every_property_asked_for_must_be_there(work: Work) -> None:
    both = kept(work, properties={"os": "linux", "bits": "64"})
    kept(work, properties={"os": "linux"})

    found = ids(work, replace(EVERYTHING, properties={"os": "linux", "bits": "64"}))

    assert found == [both.id]


def test_properties_taken_away_find_nothing(work: Work) -> None:
    image = kept(work, properties={"os": "linux"})
    change(work, image.id, lambda it: it.remove_property("os"))

    assert ids(work, replace(EVERYTHING, properties={"os": "linux"})) == []


def test_long_property_values_are_compared_whole(work: Work) -> None:
    image = kept(work, properties={"long": "x" * 5000})

    assert ids(work, replace(EVERYTHING, properties={"long": "x" * 5000})) == [image.id]
    assert ids(work, replace(EVERYTHING, properties={"long": "x" * 4999})) == []


def test_text_that_nothing_can_hold_finds_nothing(work: Work) -> None:
    kept(work, name="a", tags=["a"], properties={"a": "a"})

    assert ids(work, condition("name", "eq", "a\0")) == []
    assert ids(work, replace(EVERYTHING, tags=("a\0",))) == []
    assert ids(work, replace(EVERYTHING, properties={"a": "a\0"})) == []
    assert ids(work, replace(EVERYTHING, properties={"a\0": "a"})) == []


@pytest.mark.parametrize(
    ("comparison", "value", "finds"),
    [
        ("eq", 5, True),
        ("eq", 6, False),
        ("neq", 5, False),
        ("gte", 5, True),
        ("gt", 5, False),
        ("lte", 5, True),
        ("lt", 5, False),
        ("lte", 10**30, True),
        ("gte", -(10**30), True),
        ("gte", 10**30, False),
        ("eq", 10**30, False),
        ("neq", 10**30, True),
    ],
)
def test_sizes_are_compared_with_numbers_however_large(
    work: Work, comparison: str, value: int, finds: bool
) -> None:
    kept(work, size=5)

    assert bool(ids(work, condition("size", comparison, value))) is finds


@pytest.mark.parametrize("comparison", ["eq", "neq", "gt", "gte", "lt", "lte"])
def test_what_has_no_value_meets_no_condition(work: Work, comparison: str) -> None:
    kept(work, size=None)

    assert ids(work, condition("size", comparison, 0)) == []


@pytest.mark.parametrize("attribute", ["name", "owner"])
def test_text_conditions_mind_case(work: Work, attribute: str) -> None:
    image = kept(work, **{attribute: "Mine"})

    assert ids(work, condition(attribute, "eq", "Mine")) == [image.id]
    assert ids(work, condition(attribute, "eq", "mine")) == []


def test_one_of_several_values_will_do(work: Work) -> None:
    first, second = kept(work, name="a"), kept(work, name="b,c")
    kept(work, name="d")
    query = replace(EVERYTHING, conditions=(Condition("name", Comparison.IN, ("a", "b,c")),))

    assert sorted(ids(work, query)) == sorted([first.id, second.id])


def test_times_are_compared_to_the_microsecond(work: Work) -> None:
    image = kept(work, created_at=THEN)

    def found(comparison: Comparison, microseconds: int) -> list[str]:
        at = THEN + timedelta(microseconds=microseconds)
        conditions = (Condition("created_at", comparison, at),)
        return ids(work, replace(EVERYTHING, conditions=conditions))

    assert found(Comparison.EQ, 0) == [image.id]
    assert found(Comparison.EQ, 1) == []
    assert found(Comparison.GT, -1) == [image.id]
    assert found(Comparison.GT, 0) == []
    assert found(Comparison.LTE, 0) == [image.id]


def test_the_owner_asked_for_does_not_widen_what_is_seen(work: Work) -> None:
    kept(work, visibility=Visibility.PRIVATE)

    assert ids(work, condition("owner", "eq", OWNER), STRANGER) == []


# ---------------------------------------------------------------------- order and markers


@pytest.mark.parametrize("descending", [False, True])
def test_missing_names_are_ordered_as_empty_ones(work: Work, descending: bool) -> None:
    names = [None, "", "a", None]
    by_name = sort_keys((SortKey("name", descending),), False)
    images = [
        kept(work, name=name, created_at=THEN + timedelta(seconds=order))
        for order, name in enumerate(names)
    ]

    found = ids(work, replace(EVERYTHING, sort=by_name))

    order = (2, 0, 1, 3) if descending else (0, 1, 3, 2)
    assert found == [images[place].id for place in order]


def test_missing_sizes_are_ordered_as_zero(work: Work) -> None:
    sizes = [None, 0, 7, None]
    by_size = sort_keys((SortKey("size", False),), False)
    images = [
        kept(work, size=size, created_at=THEN + timedelta(seconds=order))
        for order, size in enumerate(sizes)
    ]

    found = ids(work, replace(EVERYTHING, sort=by_size))

    assert found == [images[order].id for order in (0, 1, 3, 2)]


def test_names_are_ordered_by_code_point(work: Work) -> None:
    names = ["B", "a", "Z", "é", "b", "😀", "~"]
    for name in names:
        kept(work, name=name)
    by_name = replace(EVERYTHING, sort=sort_keys((SortKey("name", False),), None))

    with work(read_only=True) as unit:
        found = [image.name for image in unit.images.list(by_name, seen_by=ADMIN)]

    assert found == sorted(names)


def test_a_page_goes_on_after_its_marker(work: Work) -> None:
    for _ in range(5):
        kept(work)
    everything = ids(work, EVERYTHING)

    assert ids(work, ImageQuery(limit=2, marker=everything[1])) == everything[2:4]


def test_nothing_follows_the_last_image(work: Work) -> None:
    image = kept(work)

    assert ids(work, ImageQuery(limit=2, marker=image.id)) == []


def test_a_marker_need_not_be_in_the_list_itself(work: Work) -> None:
    first = kept(work, created_at=THEN, name="a")
    marker = kept(work, created_at=THEN + timedelta(seconds=1), name="b")
    kept(work, created_at=THEN + timedelta(seconds=2), name="a")

    assert ids(work, replace(condition("name", "eq", "a"), marker=marker.id)) == [first.id]


def test_a_page_is_not_disturbed_by_newer_images(work: Work) -> None:
    for seconds in range(4):
        kept(work, created_at=THEN + timedelta(seconds=seconds))
    before = ids(work, EVERYTHING)
    kept(work, created_at=THEN + timedelta(seconds=9))

    assert ids(work, replace(EVERYTHING, marker=before[1])) == before[2:]


@pytest.mark.parametrize("marker", ["", "no-such-image", "x" * 5000, "a\0b", "é"])
def test_a_marker_that_names_nothing_is_refused(work: Work, marker: str) -> None:
    with pytest.raises(BadMarker):
        ids(work, ImageQuery(limit=2, marker=marker))


def test_a_deleted_marker_is_refused(work: Work) -> None:
    image = kept(work)
    delete(work, image.id)

    with pytest.raises(BadMarker):
        ids(work, ImageQuery(limit=2, marker=image.id))


def test_a_marker_pending_deletion_is_refused(work: Work) -> None:
    image = kept(work, status=Status.ACTIVE)
    change(work, image.id, lambda it: it.begin_deletion())

    with pytest.raises(BadMarker):
        ids(work, ImageQuery(limit=2, marker=image.id))


def test_a_marker_that_the_caller_may_not_see_is_refused(work: Work) -> None:
    image = kept(work, visibility=Visibility.PRIVATE)

    with pytest.raises(BadMarker):
        ids(work, ImageQuery(limit=2, marker=image.id), STRANGER)


def test_a_marker_seen_as_a_member_is_accepted_whatever_the_answer(work: Work) -> None:
    image = shared_with_friend(work, MemberStatus.REJECTED)

    assert ids(work, ImageQuery(limit=2, marker=image.id), FRIEND) == []

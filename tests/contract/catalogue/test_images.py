"""What every catalogue promises about single images."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_location, a_member, an_image
from tests.contract.catalogue.steps import change, delete, keep, look, sees
from tintype.domain.errors import Duplicate, ImageNotFound, Invalid
from tintype.domain.image import MAX_INTEGER, Image
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

LIMITS = Limits()
FIELDS = (
    *("id", "created_at", "updated_at", "status", "visibility", "owner", "name"),
    *("disk_format", "container_format", "min_disk", "min_ram", "protected", "os_hidden"),
    *("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value", "properties"),
)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=255)
names = texts.filter(bool)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
sizes = st.none() | st.integers(0, (1 << 63) - 1)
whole_numbers = st.integers(0, MAX_INTEGER)
metadata = st.dictionaries(
    names, texts | st.lists(texts, max_size=3) | st.dictionaries(names, texts, max_size=3)
)
locations = st.builds(Location, url=names, metadata=metadata)
images = st.builds(
    Image,
    # Not drawn: Hypothesis may draw the same again, but an id is never given twice.
    id=st.builds(lambda: str(uuid4())),
    created_at=moments,
    updated_at=moments,
    status=st.sampled_from([Status.QUEUED, Status.SAVING, Status.ACTIVE, Status.DEACTIVATED]),
    visibility=st.sampled_from(Visibility),
    owner=st.none() | names,
    name=st.none() | texts,
    disk_format=st.none() | st.sampled_from(LIMITS.disk_formats),
    container_format=st.none() | st.sampled_from(LIMITS.container_formats),
    min_disk=whole_numbers,
    min_ram=whole_numbers,
    protected=st.booleans(),
    os_hidden=st.booleans(),
    size=sizes,
    virtual_size=sizes,
    checksum=st.none() | st.just("0" * 32),
    os_hash_algo=st.none() | st.just("sha256"),
    os_hash_value=st.none() | st.just("f" * 64),
    properties=st.dictionaries(names, texts, max_size=4),
    tags=st.lists(texts, max_size=4, unique=True),
    locations=st.lists(locations, max_size=3, unique_by=lambda location: location.url),
)


def facts(image: Image) -> tuple[object, ...]:
    """Return all that two equal images have in common; the order of tags is nobody's."""
    return (
        *(getattr(image, name) for name in FIELDS),
        sorted(image.tags),
        [(location.url, dict(location.metadata)) for location in image.locations],
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(image=images)
def test_an_image_comes_back_as_it_was_added(work: Work, image: Image) -> None:
    keep(work, image)

    assert facts(look(work, image.id)) == facts(image)
    delete_whatever_its_state(work, image.id)


def delete_whatever_its_state(work: Work, image_id: str) -> None:
    """Make room for the next example, which may draw the same facts again."""
    with work() as unit:
        image = unit.images.get(image_id, seen_by=ADMIN)
        image.status = Status.DELETED
        unit.images.save(image)
        unit.commit()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=images, after=images)
def test_an_image_comes_back_as_it_was_saved(work: Work, before: Image, after: Image) -> None:
    keep(work, before)

    def become_the_other(image: Image) -> None:
        for name in ("status", "visibility", *FIELDS[5:], "tags", "locations"):
            setattr(image, name, getattr(after, name))

    saved = change(work, before.id, become_the_other)

    after.id, after.created_at, after.updated_at = saved.id, saved.created_at, saved.updated_at
    assert facts(look(work, before.id)) == facts(after)
    delete_whatever_its_state(work, before.id)


def test_an_image_is_found_by_those_who_see_it_only(work: Work) -> None:
    private = an_image(visibility=Visibility.PRIVATE)
    keep(work, private)

    assert sees(work, a_caller(OWNER), private.id)
    assert sees(work, ADMIN, private.id)
    assert not sees(work, a_caller("a-stranger"), private.id)
    assert not sees(work, a_caller(None), private.id)


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.COMMUNITY])
def test_an_open_image_is_found_by_everyone(work: Work, visibility: Visibility) -> None:
    image = an_image(visibility=visibility)
    keep(work, image)

    assert sees(work, a_caller("a-stranger"), image.id)
    assert sees(work, a_caller(None), image.id)


def test_a_shared_image_is_found_by_its_members_whatever_they_answered(work: Work) -> None:
    image = an_image(visibility=Visibility.SHARED)
    keep(work, image, a_member(image.id, "a-friend"))

    assert sees(work, a_caller("a-friend"), image.id)
    assert not sees(work, a_caller("a-stranger"), image.id)
    assert not sees(work, a_caller(None), image.id)


def test_members_lose_sight_of_an_image_that_is_shared_no_more(work: Work) -> None:
    image = an_image(visibility=Visibility.SHARED)
    keep(work, image, a_member(image.id, "a-friend"))

    change(work, image.id, lambda it: it.set_attribute("visibility", "private", LIMITS))

    assert not sees(work, a_caller("a-friend"), image.id)


def test_a_dormant_membership_revives_when_the_image_is_shared_again(work: Work) -> None:
    image = an_image(visibility=Visibility.PRIVATE)
    keep(work, image, a_member(image.id, "a-friend"))

    change(work, image.id, lambda it: it.set_attribute("visibility", "shared", LIMITS))

    assert sees(work, a_caller("a-friend"), image.id)


@pytest.mark.parametrize(
    "image_id", ["", "no-such-image", "x" * 37, "x" * 5000, "a\0b", "é😀", "' OR 1=1 --"]
)
def test_an_id_that_names_nothing_is_not_found(work: Work, image_id: str) -> None:
    assert not sees(work, ADMIN, image_id)


def test_ids_are_matched_by_case(work: Work) -> None:
    image = an_image(id="ABCDEFAB-0000-4000-8000-000000000001")
    keep(work, image)

    assert not sees(work, ADMIN, image.id.lower())


def test_ids_that_differ_by_case_name_two_images(work: Work) -> None:
    upper = an_image(id="ABCDEFAB-0000-4000-8000-000000000001", name="upper")
    lower = an_image(id=upper.id.lower(), name="lower")

    keep(work, upper, lower)

    assert [look(work, upper.id).name, look(work, lower.id).name] == ["upper", "lower"]


def test_an_id_is_not_given_twice(work: Work) -> None:
    image = an_image()
    keep(work, image)

    with pytest.raises(Duplicate):
        keep(work, an_image(id=image.id))


def test_the_id_of_a_deleted_image_is_not_given_again(work: Work) -> None:
    image = an_image()
    keep(work, image)
    delete(work, image.id)

    with pytest.raises(Duplicate):
        keep(work, an_image(id=image.id))


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "a\0b"},
        {"tags": ["a\0b"]},
        {"properties": {"a\0b": "c"}},
        {"properties": {"a": "b\0c"}},
        {"owner": "a\0b"},
    ],
)
def test_a_nul_character_is_refused_as_invalid(work: Work, facts: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        keep(work, an_image(**facts))


def test_what_is_handed_out_is_a_copy(work: Work) -> None:
    image = an_image(properties={"os": "linux"}, tags=["a"])
    keep(work, image)

    seen = look(work, image.id)
    seen.name = "changed"
    seen.properties["os"] = "changed"
    seen.tags.append("changed")

    again = look(work, image.id)
    assert (again.name, again.properties, again.tags) == (None, {"os": "linux"}, ["a"])


def test_what_is_added_may_be_changed_afterwards_without_effect(work: Work) -> None:
    image = an_image()
    keep(work, image)

    image.properties["added"] = "later"

    assert look(work, image.id).properties == {}


def test_an_image_is_handed_out_without_events(work: Work) -> None:
    image = an_image()
    image.set_property("os", "linux")
    keep(work, image)

    assert look(work, image.id).events == []


def test_saving_leaves_the_events_for_the_use_case_to_tell(work: Work) -> None:
    image = an_image()
    keep(work, image)

    saved = change(work, image.id, lambda it: it.set_property("os", "linux"))

    assert len(saved.take_events()) == 1


def test_every_save_moves_the_update_time_on(work: Work) -> None:
    image = an_image()
    keep(work, image)
    times = [
        change(work, image.id, lambda it: it.set_property("n", "same")).updated_at for _ in range(5)
    ]

    assert [THEN, *times] == sorted({THEN, *times})


def test_a_save_tells_the_update_time_that_others_then_see(work: Work) -> None:
    image = an_image()
    keep(work, image)

    saved = change(work, image.id, lambda it: it.set_property("os", "linux"))

    assert look(work, image.id).updated_at == saved.updated_at


def test_the_update_time_moves_on_even_from_the_future(work: Work) -> None:
    future = datetime.now(UTC).replace(microsecond=123_456) + timedelta(days=365)
    image = an_image(updated_at=future)
    keep(work, image)

    saved = change(work, image.id, lambda it: it.set_property("os", "linux"))

    assert saved.updated_at > future


def test_the_creation_time_does_not_move(work: Work) -> None:
    image = an_image()
    keep(work, image)

    change(work, image.id, lambda it: it.set_property("os", "linux"))

    assert look(work, image.id).created_at == THEN


def test_an_image_can_be_saved_twice_in_one_unit(work: Work) -> None:
    image = an_image()
    keep(work, image)

    with work() as unit:
        mine = unit.images.get(image.id, seen_by=ADMIN)
        mine.set_property("first", "1")
        unit.images.save(mine)
        mine.set_property("second", "2")
        mine.remove_property("first")
        unit.images.save(mine)
        unit.commit()

    assert look(work, image.id).properties == {"second": "2"}


def test_an_image_can_be_saved_in_the_unit_that_added_it(work: Work) -> None:
    image = an_image()

    with work() as unit:
        unit.images.add(image)
        image.begin_upload()
        unit.images.save(image)
        unit.commit()

    assert look(work, image.id).status is Status.SAVING


def test_a_unit_sees_its_own_changes(work: Work) -> None:
    image = an_image()

    with work() as unit:
        unit.images.add(image)
        assert unit.images.get(image.id, seen_by=ADMIN).id == image.id


def test_a_removed_property_may_come_back_with_another_value(work: Work) -> None:
    image = an_image(properties={"os": "linux", "kept": "1"})
    keep(work, image)

    change(work, image.id, lambda it: it.remove_property("os"))
    assert look(work, image.id).properties == {"kept": "1"}
    change(work, image.id, lambda it: it.set_property("os", "plan9"))
    assert look(work, image.id).properties == {"os": "plan9", "kept": "1"}


def test_a_removed_tag_may_come_back(work: Work) -> None:
    image = an_image(tags=["a", "b"])
    keep(work, image)

    change(work, image.id, lambda it: it.remove_tag("a"))
    assert look(work, image.id).tags == ["b"]
    change(work, image.id, lambda it: it.add_tag("a", LIMITS))
    assert sorted(look(work, image.id).tags) == ["a", "b"]


def test_properties_and_tags_are_told_apart_by_case_accent_and_trailing_space(work: Work) -> None:
    distinct = ["e", "E", "é", "e ", "e\u0301"]
    image = an_image(properties={name: name for name in distinct}, tags=distinct)
    keep(work, image)

    kept = look(work, image.id)

    assert kept.properties == {name: name for name in distinct}
    assert sorted(kept.tags) == sorted(distinct)


def test_locations_get_numbers_of_their_own(work: Work) -> None:
    image = an_image(Status.ACTIVE, locations=[a_location("file:///1"), a_location("file:///2")])
    keep(work, image)

    numbers = [location.id for location in look(work, image.id).locations]

    assert None not in numbers
    assert len(set(numbers)) == 2


def test_a_new_location_has_its_number_once_it_is_saved(work: Work) -> None:
    image = an_image(Status.ACTIVE)
    keep(work, image)

    saved = change(work, image.id, lambda it: it.locations.append(a_location("file:///images/2")))

    kept = look(work, image.id).locations
    assert [it.id for it in saved.locations] == [it.id for it in kept]
    assert None not in [it.id for it in kept]


def test_a_location_keeps_its_number_when_others_come(work: Work) -> None:
    image = an_image(Status.ACTIVE)
    keep(work, image)
    number = look(work, image.id).locations[0].id

    change(work, image.id, lambda it: it.locations.append(a_location("file:///images/2")))

    assert look(work, image.id).locations[0].id == number


# ---------------------------------------------------------------------- deletion


def test_a_deleted_image_is_found_by_nobody(work: Work) -> None:
    image = an_image(visibility=Visibility.PUBLIC)
    keep(work, image)

    delete(work, image.id)

    assert not sees(work, ADMIN, image.id)
    assert not sees(work, a_caller(OWNER), image.id)


def test_an_image_pending_deletion_is_found_by_nobody(work: Work) -> None:
    image = an_image(Status.ACTIVE, visibility=Visibility.PUBLIC)
    keep(work, image)

    change(work, image.id, lambda it: it.begin_deletion())

    assert not sees(work, ADMIN, image.id)
    assert not sees(work, a_caller(OWNER), image.id)


def test_housekeeping_finds_images_that_are_importing(work: Work) -> None:
    image, other = an_image(), an_image()
    keep(work, image)
    keep(work, other)
    change(work, image.id, lambda it: it.begin_import([], copy=False))
    with work(read_only=True) as unit:
        found = unit.images.importing(datetime.now(UTC) + timedelta(days=1))
        assert unit.images.importing(datetime(2000, 1, 1, tzinfo=UTC)) == []
    assert [it for it in found if it in (image.id, other.id)] == [image.id]


def test_housekeeping_finds_an_image_pending_deletion_with_its_locations(work: Work) -> None:
    image = an_image(Status.ACTIVE)
    keep(work, image)
    change(work, image.id, lambda it: it.begin_deletion())

    with work() as unit:
        gone = unit.images.get_gone(image.id)

    assert gone is not None
    assert (gone.status, gone.locations) == (Status.PENDING_DELETE, image.locations)


def test_housekeeping_finds_a_deleted_image_without_its_parts(work: Work) -> None:
    image = an_image(Status.ACTIVE, properties={"os": "linux"}, tags=["a"])
    keep(work, image)
    delete(work, image.id)

    with work() as unit:
        gone = unit.images.get_gone(image.id)

    assert gone is not None
    assert gone.status is Status.DELETED
    assert (gone.properties, gone.tags, gone.locations) == ({}, [], [])


def test_housekeeping_finds_a_living_image_too(work: Work) -> None:
    image = an_image(visibility=Visibility.PRIVATE, tags=["a"])
    keep(work, image)

    with work() as unit:
        found = unit.images.get_gone(image.id)

    assert found is not None
    assert facts(found) == facts(image)


def test_housekeeping_finds_nothing_where_there_never_was_an_image(work: Work) -> None:
    with work() as unit:
        assert unit.images.get_gone("no-such-image") is None


def test_what_housekeeping_finds_can_be_saved(work: Work) -> None:
    image = an_image(Status.ACTIVE)
    keep(work, image)
    change(work, image.id, lambda it: it.begin_deletion())

    with work() as unit:
        gone = unit.images.get_gone(image.id)
        assert gone is not None
        gone.finish_deletion()
        unit.images.save(gone)
        unit.commit()

    with work() as unit:
        gone = unit.images.get_gone(image.id)
        assert gone is not None
        assert gone.status is Status.DELETED


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.DEACTIVATED])
def test_a_restored_image_is_what_it_was(work: Work, status: Status) -> None:
    image = an_image(status, properties={"os": "linux"}, tags=["a", "b"], name="mine")
    keep(work, image)
    change(work, image.id, lambda it: it.begin_deletion())

    restore(work, image.id, status)

    restored = look(work, image.id)
    image.updated_at = restored.updated_at
    assert facts(restored) == facts(image)


def past(work: Work, image_id: str, number: int | None) -> Location | None:
    """Return a location that an image had."""
    assert number is not None
    with work(read_only=True) as unit:
        return unit.images.past_location(image_id, number)


def test_a_location_that_an_image_had_is_found_by_its_number(work: Work) -> None:
    taken, kept = a_location("file:///a/1"), a_location("file:///b/1")
    image, other = an_image(Status.ACTIVE, locations=[taken, kept]), an_image()
    keep(work, image, other)
    taken, kept = look(work, image.id).locations
    assert past(work, image.id, taken.id) is None

    change(work, image.id, lambda it: it.remove_location("0"))

    found = past(work, image.id, taken.id)
    assert (found, found and found.id) == (taken, taken.id)
    assert past(work, image.id, kept.id) is None
    assert past(work, other.id, taken.id) is None
    delete(work, image.id)
    assert past(work, image.id, taken.id) == taken


@pytest.mark.parametrize("others", [False, True])
def test_a_location_that_is_put_back_is_where_it_was(work: Work, others: bool) -> None:
    places = [a_location(f"file:///{name}/1") for name in "abcd"]
    image = an_image(Status.ACTIVE, locations=places, name="before")
    keep(work, image)
    before = look(work, image.id)

    def remove(it: Image) -> None:
        it.remove_location("2")
        it.remove_location("0")
        it.name = "after"

    change(work, image.id, remove)
    if others:
        change(work, image.id, lambda it: it.put_back([before.locations[2], before.locations[0]]))
    else:
        change(work, image.id, lambda it: it.revert(before, frozenset()))

    found = look(work, image.id)
    assert found.locations == places
    assert found.name == ("after" if others else "before")


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PENDING_DELETE])
def test_an_image_survives_its_deletion_without_the_locations_whose_data_is_gone(
    work: Work, status: Status
) -> None:
    lost, kept = a_location("file:///a/1"), a_location("file:///b/1")
    image = an_image(Status.ACTIVE, locations=[lost, kept])
    keep(work, image)
    change(work, image.id, lambda it: it.begin_deletion())

    with work() as unit:
        gone = unit.images.get_gone(image.id)
        assert gone is not None
        gone.survive_deletion(status, {lost.object})
        unit.images.save(gone)
        unit.commit()
    if status is Status.PENDING_DELETE:
        restore(work, image.id, Status.ACTIVE)

    assert look(work, image.id).locations == [kept]


def test_a_restored_image_has_its_members_still(work: Work) -> None:
    image = an_image(Status.ACTIVE, visibility=Visibility.SHARED)
    keep(work, image, a_member(image.id, "a-friend"))
    change(work, image.id, lambda it: it.begin_deletion())

    restore(work, image.id, Status.ACTIVE)

    assert sees(work, a_caller("a-friend"), image.id)


def test_what_waits_for_its_data_to_go_is_found_oldest_first(work: Work) -> None:
    first, second, deleted = an_image(Status.ACTIVE), an_image(Status.ACTIVE), an_image()
    keep(work, first)
    keep(work, second)
    keep(work, deleted)
    delete(work, deleted.id)
    change(work, first.id, lambda it: it.begin_deletion())
    change(work, second.id, lambda it: it.begin_deletion())

    with work(read_only=True) as unit:
        pending = unit.images.pending_deletion(datetime.now(UTC) + timedelta(days=1))
        assert unit.images.pending_deletion(datetime(2000, 1, 1, tzinfo=UTC)) == []

    assert [it for it in pending if it in (first.id, second.id, deleted.id)] == [
        first.id,
        second.id,
    ]


def restore(work: Work, image_id: str, status: Status) -> None:
    """Take a deletion back, as after a store that refused."""
    with work() as unit:
        image = unit.images.get_gone(image_id)
        assert image is not None
        image.restore(status)
        unit.images.save(image)
        unit.commit()


def test_a_deleted_image_has_no_members(work: Work) -> None:
    image = an_image()
    keep(work, image, a_member(image.id))

    delete(work, image.id)

    with work(read_only=True) as unit:
        assert list(unit.members.list(image.id)) == []


def test_a_lookup_for_update_of_what_is_not_there_says_so(work: Work) -> None:
    with work() as unit, pytest.raises(ImageNotFound):
        unit.images.get("no-such-image", seen_by=ADMIN, for_update=True)

"""Attributes, custom properties, tags and locations of an image, and their limits."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import THEN, a_location, an_image
from tintype.domain.errors import (
    Forbidden,
    Invalid,
    PropertyConflict,
    QuotaExceeded,
    ReadOnlyAttribute,
    ReservedName,
    TagNotFound,
)
from tintype.domain.events import ImageUpdated
from tintype.domain.image import BASE, Image, check_property_name
from tintype.domain.limits import CONTAINER_FORMATS, DISK_FORMATS, Limits
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.tag import check_tag, distinct_tags
from tintype.domain.visibility import Visibility

LIMITS = Limits()
NO_LIMITS = Limits(image_property_quota=-1, image_tag_quota=-1, image_location_quota=-1)
UNLIMITED = -1

tags = st.lists(st.text(max_size=255))
names = st.text(min_size=1, max_size=255).filter(
    lambda name: name not in ("location", "deleted", "deleted_at")
)

# ---------------------------------------------------------------------- tags


@given(tags)
def test_tags_are_kept_once_each_in_order_of_first_appearance(tags: list[str]) -> None:
    expected: list[str] = []
    for tag in tags:
        if tag not in expected:
            expected.append(tag)

    assert distinct_tags(tags, UNLIMITED) == expected


@given(tags, st.integers(0, 5))
def test_distinct_tags_count_against_the_quota(tags: list[str], quota: int) -> None:
    if len(set(tags)) <= quota:
        assert set(distinct_tags(tags, quota)) == set(tags)
    else:
        with pytest.raises(QuotaExceeded):
            distinct_tags(tags, quota)


@given(st.text(min_size=256))
def test_long_tags_are_refused(tag: str) -> None:
    with pytest.raises(Invalid):
        check_tag(tag)


@given(st.text(max_size=255))
def test_every_short_text_is_a_tag(tag: str) -> None:
    check_tag(tag)


def test_tags_may_be_255_characters_long() -> None:
    assert distinct_tags(["é" * 255], 1) == ["é" * 255]
    with pytest.raises(Invalid):
        distinct_tags(["é" * 256], 1)


@given(tags, st.text(max_size=255))
def test_adding_a_tag_twice_is_as_good_as_once(tags: list[str], tag: str) -> None:
    image = an_image()
    image.set_tags(tags, NO_LIMITS)

    image.add_tag(tag, NO_LIMITS)
    once = list(image.tags)
    image.add_tag(tag, NO_LIMITS)

    assert image.tags == once
    assert image.tags.count(tag) == 1


@given(tags.filter(bool))
def test_a_tag_taken_away_is_not_there_and_the_others_are(tags: list[str]) -> None:
    image = an_image()
    image.set_tags(tags, NO_LIMITS)

    image.remove_tag(tags[0])

    assert set(image.tags) == set(tags) - {tags[0]}


def test_a_tag_that_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(TagNotFound):
        an_image(tags=["a"]).remove_tag("b")


def test_a_tag_beyond_the_quota_is_not_added() -> None:
    image = an_image(tags=["a"])

    with pytest.raises(QuotaExceeded):
        image.add_tag("b", Limits(image_tag_quota=1))


def test_a_tag_that_is_there_is_no_error_even_at_the_quota() -> None:
    image = an_image(tags=["a", "b"])

    image.add_tag("a", Limits(image_tag_quota=1))

    assert (image.tags, image.events) == (["a", "b"], [])


# ---------------------------------------------------------------------- custom properties


@given(names.filter(lambda name: not name.startswith("os_glance")))
def test_most_names_may_be_used_for_properties(name: str) -> None:
    check_property_name(name)


@given(st.text(string.ascii_letters + "_"))
def test_names_of_the_system_are_reserved(rest: str) -> None:
    with pytest.raises(ReservedName):
        check_property_name("os_glance" + rest)


@pytest.mark.parametrize("name", ["location", "deleted", "deleted_at"])
def test_names_of_old_attributes_are_reserved(name: str) -> None:
    with pytest.raises(ReservedName):
        check_property_name(name)


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_names_of_no_or_too_many_characters_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_property_name(name)


@given(names.filter(lambda name: not name.startswith("os_glance")), st.text())
def test_a_property_has_the_value_it_was_given_last(name: str, value: str) -> None:
    image = an_image(properties={"other": "kept"})
    image.set_property(name, "before")
    image.set_property(name, value)

    assert image.properties == {"other": "kept"} | {name: value}


def test_a_property_may_be_taken_away() -> None:
    image = an_image(properties={"os": "linux", "bits": "64"})

    image.remove_property("os")

    assert image.properties == {"bits": "64"}


def test_a_property_that_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(PropertyConflict):
        an_image().remove_property("os")


def test_a_property_of_the_system_cannot_be_taken_away() -> None:
    image = an_image(properties={"os_glance_import_task": "1"})

    with pytest.raises(ReservedName):
        image.remove_property("os_glance_import_task")


@given(st.integers(0, 6), st.integers(0, 6), st.integers(-1, 6))
def test_properties_of_callers_count_against_the_quota(own: int, system: int, quota: int) -> None:
    properties = {f"own{number}": "" for number in range(own)}
    properties |= {f"os_glance_{number}": "" for number in range(system)}
    image = an_image(properties=properties)
    limits = Limits(image_property_quota=quota)

    if quota < 0 or own <= quota:
        image.check_property_quota(limits)
    else:
        with pytest.raises(QuotaExceeded):
            image.check_property_quota(limits)


# ---------------------------------------------------------------------- attributes


def create(attributes: dict[str, Any], **more: Any) -> Image:
    """Create an image as a request does."""
    asked: dict[str, Any] = {"properties": {}, "limits": LIMITS} | more
    return Image.create("an-id", THEN, owner="me", attributes=attributes, **asked)


@pytest.mark.parametrize(
    "name",
    [
        *("id", "status", "size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value"),
        *("created_at", "updated_at", "direct_url", "self", "file", "schema", "stores"),
    ],
)
def test_attributes_of_the_service_are_read_only(name: str) -> None:
    with pytest.raises(ReadOnlyAttribute):
        an_image().set_attribute(name, "anything", LIMITS)


@pytest.mark.parametrize("name", ["id", "name", "tags", "locations", "stores", "os_hidden"])
def test_base_attributes_are_known_as_such(name: str) -> None:
    assert name in BASE


@pytest.mark.parametrize("name", ["os_distro", "Name", "location", ""])
def test_other_names_are_no_base_attributes(name: str) -> None:
    assert name not in BASE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", "é" * 255),
        ("owner", None),
        ("owner", "somebody"),
        ("visibility", Visibility.PRIVATE),
        ("os_hidden", True),
        ("protected", True),
        ("min_disk", 0),
        ("min_ram", (1 << 31) - 1),
        ("disk_format", "qcow2"),
        ("disk_format", None),
        ("container_format", "ova"),
        ("tags", ["a", "b"]),
    ],
)
def test_attributes_have_the_value_they_were_given(name: str, value: object) -> None:
    image = an_image()

    image.set_attribute(name, value, LIMITS)

    assert getattr(image, name) == value
    assert [type(event) for event in image.events] == [ImageUpdated]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "x" * 256),
        ("owner", "x" * 256),
        ("min_disk", -1),
        ("min_disk", 1 << 31),
        ("min_ram", -1),
        ("min_ram", 1 << 31),
        ("disk_format", "no-such-format"),
        ("disk_format", "RAW"),
        ("disk_format", ""),
        ("container_format", "no-such-format"),
        ("tags", ["x" * 256]),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(Invalid):
        an_image().set_attribute(name, value, LIMITS)


def test_an_unknown_visibility_is_refused_as_invalid() -> None:
    with pytest.raises(Invalid):
        an_image().set_attribute("visibility", "no-such-visibility", LIMITS)


@pytest.mark.parametrize("name", ["disk_format", "container_format"])
@pytest.mark.parametrize("status", sorted(set(Status) - {Status.QUEUED, Status.IMPORTING}))
def test_formats_are_fixed_once_data_has_come(name: str, status: Status) -> None:
    image = an_image(status)

    with pytest.raises(Forbidden):
        image.set_attribute(name, getattr(image, name), LIMITS)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.IMPORTING])
def test_formats_may_change_before(status: Status) -> None:
    image = an_image(status)

    image.set_attribute("disk_format", "iso", LIMITS)

    assert image.disk_format == "iso"


@pytest.mark.parametrize("disk_format", DISK_FORMATS)
@pytest.mark.parametrize("container_format", CONTAINER_FORMATS)
def test_every_pair_of_usual_formats_is_allowed(disk_format: str, container_format: str) -> None:
    image = create({"disk_format": disk_format, "container_format": container_format})

    assert (image.disk_format, image.container_format) == (disk_format, container_format)


def test_the_operator_says_which_formats_there_are() -> None:
    limits = Limits(disk_formats=("ours",))

    assert create({"disk_format": "ours"}, limits=limits).disk_format == "ours"
    with pytest.raises(Invalid):
        create({"disk_format": "raw"}, limits=limits)


def test_an_image_may_be_created_for_another_owner() -> None:
    assert create({}).owner == "me"
    assert create({"owner": "somebody"}).owner == "somebody"
    assert create({"owner": None}).owner is None


def test_an_image_is_not_created_with_more_properties_than_allowed() -> None:
    with pytest.raises(QuotaExceeded):
        create({}, properties={"a": "", "b": ""}, limits=Limits(image_property_quota=1))


def test_an_image_is_not_created_with_more_tags_than_allowed() -> None:
    with pytest.raises(QuotaExceeded):
        create({}, tags=["a", "b"], limits=Limits(image_tag_quota=1))


def test_an_image_is_not_created_with_reserved_properties() -> None:
    with pytest.raises(ReservedName):
        create({}, properties={"os_glance_import_task": "1"})


# ---------------------------------------------------------------------- locations


def test_a_location_names_its_store() -> None:
    assert a_location(store="files").store == "files"


@pytest.mark.parametrize("metadata", [{}, {"store": 7}, {"store": ["files"]}, {"backend": "files"}])
def test_a_location_without_a_named_store_has_none(metadata: dict[str, Any]) -> None:
    assert Location("file:///1", metadata).store is None


def test_locations_are_the_same_whatever_their_number() -> None:
    saved, unsaved = Location("file:///1", {"store": "s"}, id=1), a_location("file:///1", store="s")

    assert saved == unsaved

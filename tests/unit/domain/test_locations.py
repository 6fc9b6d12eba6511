"""The list of places where the data of an image is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import an_image
from tintype.domain.errors import (
    BadLocation,
    FormatsMissing,
    LastLocation,
    QuotaExceeded,
    WrongDigest,
)
from tintype.domain.limits import Limits
from tintype.domain.location import (
    Location,
    place_for,
    place_of,
    rearranged,
    with_location,
)
from tintype.domain.status import Status
from tintype.domain.validation import ValidationData

lists = st.lists(st.integers(1, 99), unique=True, max_size=6).map(
    lambda numbers: [Location(f"memory://x/{number}", {}, number) for number in numbers]
)
NEW = Location("memory://x/new")


@given(there=lists, place=st.none() | st.integers(0, 9))
def test_a_location_is_put_in_and_the_others_stay_in_order(
    there: list[Location], place: int | None
) -> None:
    found = with_location(there, NEW, place, -1)
    at = len(there) if place is None else min(place, len(there))

    assert found.index(NEW) == at
    assert [it for it in found if it != NEW] == there
    # Recorded anew are the new one and what comes after it, so that numbers follow the order.
    assert [it.id is None for it in found] == [number >= at for number in range(len(found))]


@given(there=lists, order=st.randoms())
def test_any_order_can_be_had_of_the_same_places(there: list[Location], order: object) -> None:
    wanted = [replace(it, id=None) for it in there]
    order.shuffle(wanted)  # type: ignore[attr-defined]
    if wanted:
        assert rearranged(there, wanted, 0 if len(there) > 3 else -1) == wanted


def test_the_same_order_writes_nothing_anew() -> None:
    there = [Location("a", {}, 1), Location("b", {}, 2)]
    found = rearranged(there, [replace(it, id=None) for it in there], 5)
    assert [it.id for it in found] == [1, 2]


def test_a_list_that_is_over_a_quota_lowered_since_can_be_rearranged() -> None:
    there = [Location("a"), Location("b")]
    assert rearranged(there, there[::-1], 1) == there[::-1]
    with pytest.raises(QuotaExceeded):
        with_location(there, NEW, None, 2)


def test_nothing_is_no_replacement() -> None:
    with pytest.raises(LastLocation):
        rearranged([NEW], [], 5)


@pytest.mark.parametrize(("text", "place"), [("0", 0), ("1", 1), ("-", 1), ("01", 1)])
def test_a_place_is_a_number_or_the_last(text: str, place: int) -> None:
    assert place_of(text, [NEW, NEW]) == place


@pytest.mark.parametrize("text", ["2", "-1", "", "x", "1.0", "²", "9" * 5000])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadLocation):
        place_of(text, [NEW, NEW])


def test_the_last_of_none_is_no_place() -> None:
    with pytest.raises(BadLocation):
        place_of("-", [])


@pytest.mark.parametrize(("text", "place"), [("0", 0), ("7", 7), ("-", None)])
def test_a_new_place_is_a_number_or_the_end(text: str, place: int | None) -> None:
    assert place_for(text) == place


@given(text=st.text())
def test_any_text_is_a_place_or_refused(text: str) -> None:
    try:
        place_for(text)
    except BadLocation:
        return


def test_an_image_without_formats_cannot_have_data() -> None:
    with pytest.raises(FormatsMissing):
        an_image(container_format=None).appear(3)


def test_a_queued_image_forgets_where_its_data_was_said_to_be() -> None:
    image = an_image(locations=[Location("http://x/bad", {})])
    image.add_location(NEW, 5, Limits())
    assert image.locations == [NEW]


def test_an_active_image_without_digests_takes_no_word_for_them() -> None:
    image = an_image(Status.ACTIVE, checksum=None, os_hash_algo=None, os_hash_value=None)
    with pytest.raises(WrongDigest):
        image.validate(ValidationData("sha512", "ab" * 64), "sha512")


@pytest.mark.parametrize(
    ("url", "scheme"), [("HTTP://x", "http"), ("a:b", ""), ("", ""), ("://x", "")]
)
def test_a_scheme_stands_before_the_slashes(url: str, scheme: str) -> None:
    assert Location(url).scheme == scheme

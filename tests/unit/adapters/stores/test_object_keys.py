"""Which keys an object may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.stores.object_keys import check_key, is_key
from tintype.domain.errors import Invalid


@given(st.uuids())
def test_an_image_id_is_a_key(image_id: object) -> None:
    assert is_key(str(image_id))


@pytest.mark.parametrize("key", ["a.uc", "a.qcow2", "A b", "ä", "a..b", "%2e%2e", "a" * 200])
def test_names_that_staging_and_operators_use_are_keys(key: str) -> None:
    assert is_key(key)


@given(st.text(), st.sampled_from("/\0?#"), st.text())
def test_a_separator_is_in_no_key(before: str, separator: str, after: str) -> None:
    assert not is_key(before + separator + after)


@given(st.text())
def test_no_key_begins_with_a_dot(rest: str) -> None:
    assert not is_key("." + rest)


def test_two_hundred_bytes_are_enough_for_a_key() -> None:
    assert not is_key("ä" * 101)


def test_a_refusal_says_what_a_key_may_be() -> None:
    with pytest.raises(Invalid, match="at most 200 bytes"):
        check_key("")

"""Names of files that are not finished."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tintype.adapters.stores.filesystem.naming import unfinished_name, unfinished_pattern
from tintype.adapters.stores.object_keys import is_key

keys = st.text(st.sampled_from("ab.0f*part"), min_size=1, max_size=30).filter(is_key)


@given(keys)
def test_an_unfinished_file_is_known_by_its_key(key: str) -> None:
    assert unfinished_pattern(key).fullmatch(unfinished_name(key))


@given(keys, keys)
def test_an_unfinished_file_is_not_taken_for_another_keys(key: str, other: str) -> None:
    assume(key != other)
    assert not unfinished_pattern(other).fullmatch(unfinished_name(key))


@given(keys, st.binary(min_size=8, max_size=8))
def test_a_key_that_looks_like_the_end_of_a_name_is_no_trap(key: str, token: bytes) -> None:
    longer = f"{key}.{token.hex()}.part"
    assert not unfinished_pattern(key).fullmatch(unfinished_name(longer))


@given(keys)
def test_no_unfinished_file_has_the_name_of_an_object(key: str) -> None:
    assert not is_key(unfinished_name(key))

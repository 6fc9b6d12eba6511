"""The order of lists and the comparisons of filters."""

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.domain.image_query import SORT_KEYS, Comparison, ImageQuery, SortKey, sort_keys

asked_keys = st.lists(
    st.builds(SortKey, st.sampled_from(SORT_KEYS), st.booleans()),
    unique_by=lambda key: key.name,
).map(tuple)
single_directions = st.sampled_from([None, True, False])


@given(asked_keys, single_directions)
def test_the_keys_asked_for_come_first_as_asked(
    asked: tuple[SortKey, ...], single: bool | None
) -> None:
    assert sort_keys(asked, single)[: len(asked)] == asked


@given(asked_keys, single_directions)
def test_the_order_is_total_and_names_no_key_twice(
    asked: tuple[SortKey, ...], single: bool | None
) -> None:
    names = [key.name for key in sort_keys(asked, single)]

    assert len(names) == len(set(names))
    assert {"created_at", "id"} <= set(names)


@given(asked_keys, single_directions)
def test_nothing_but_tie_breakers_is_added_the_time_before_the_id(
    asked: tuple[SortKey, ...], single: bool | None
) -> None:
    added = [key.name for key in sort_keys(asked, single)[len(asked) :]]

    present = {key.name for key in asked}
    assert added == [name for name in ("created_at", "id") if name not in present]


@given(asked_keys, st.booleans())
def test_tie_breakers_take_the_one_direction_that_was_given(
    asked: tuple[SortKey, ...], single: bool
) -> None:
    assert {key.descending for key in sort_keys(asked, single)[len(asked) :]} <= {single}


@given(asked_keys)
def test_tie_breakers_descend_where_no_one_direction_was_given(
    asked: tuple[SortKey, ...],
) -> None:
    assert {key.descending for key in sort_keys(asked, None)[len(asked) :]} <= {True}


def test_by_default_the_newest_comes_first() -> None:
    expected = (SortKey("created_at", True), SortKey("id", True))

    assert ImageQuery(limit=1).sort == expected


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@pytest.mark.parametrize("name", OPERATORS)
@given(left=st.integers(0, 3), right=st.integers(0, 3))
def test_numbers_compare_as_numbers(name: str, left: int, right: int) -> None:
    assert Comparison(name).holds(left, right) is OPERATORS[name](left, right)


@given(st.sampled_from("abc"), st.lists(st.sampled_from("abc")).map(tuple))
def test_in_asks_for_one_of_several(left: str, values: tuple[str, ...]) -> None:
    assert Comparison.IN.holds(left, values) is (left in set(values))


def test_every_comparison_is_tried_here() -> None:
    assert {it.value for it in Comparison} == {*OPERATORS, "in"}

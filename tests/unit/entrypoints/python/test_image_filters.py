"""Reading filters of the database functions."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tintype.domain.image_query import Comparison
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.image_filters import read_filters, split_values

PLAIN = st.text(st.characters(exclude_characters='",'))
QUOTED = st.text(st.characters(exclude_characters='"\\'))


def written(value: str) -> str:
    """Return a value as it stands in a list of values."""
    return f'"{value}"'


@settings(deadline=None)
@given(st.lists(PLAIN | QUOTED.map(written), min_size=1))
def test_values_come_back_as_they_were_written(items: list[str]) -> None:
    assert split_values("name", ",".join(items)) == tuple(item.strip('"') for item in items)


@settings(deadline=None)
@given(QUOTED, QUOTED)
def test_an_escaped_quote_never_closes(left: str, right: str) -> None:
    both = split_values("name", rf'"{left}\"{right}"')

    assert both == (rf"{left}\"{right}", f'{left}"{right}')


@settings(deadline=None)
@given(st.text(alphabet='a,"\\ ', max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        values = split_values("name", text)
    except exceptions.InvalidParameterValue:
        assert '"' in text
    else:
        assert len(values) >= 1
        assert '"' in text or values == tuple(text.split(","))


VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.floats()
NAMES = st.text() | st.sampled_from(
    [
        *("name", "size", "size_min", "size_max", "created_at", "updated_at", "deleted_at"),
        *("status", "id", "owner", "protected", "os_hidden", "checksum", "deleted"),
        *("changes-since", "visibility", "foo_min", "disk_format", "min_ram"),
    ]
)


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES))
def test_any_filters_are_read_or_invalid(filters: dict[str, Any]) -> None:
    before = dict(filters)
    try:
        found = read_filters(filters)
    except exceptions.Invalid:
        return
    finally:
        assert {**filters} == before or any(value != value for value in before.values())
    assert all(isinstance(value, str) for _, value in found["properties"])
    assert all(isinstance(condition.comparison, Comparison) for condition in found["conditions"])


@pytest.mark.parametrize(
    "text", ['"a', 'a"', 'a"b"', '"a"b', '"a","b', 'a,b"', '"a""b"', r'"a\"', '"a"\n']
)
def test_quotes_stand_around_whole_values(text: str) -> None:
    with pytest.raises(exceptions.InvalidParameterValue):
        read_filters({"name": f"in:{text}"})


@pytest.mark.parametrize("name", ["size_min", "size_max", "foo_min", "name_max", "created_at_min"])
def test_bounds_are_integers_of_columns_of_integers(name: str) -> None:
    value = "blah" if name.startswith("size") else 1

    with pytest.raises(exceptions.InvalidFilterRangeValue):
        read_filters({name: value})


@pytest.mark.parametrize("value", ["gt:2020-13-01", "eq:", "gt:", ""])
def test_what_is_no_time_is_refused(value: str) -> None:
    with pytest.raises(exceptions.InvalidParameterValue):
        read_filters({"created_at": value})

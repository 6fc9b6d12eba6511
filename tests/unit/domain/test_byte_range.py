"""Which bytes a range means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.domain.byte_range import ByteRange, Span
from tintype.domain.errors import RangeNotSatisfiable

positions = st.integers(0, 12)
ends = st.none() | positions
DATA = bytes(range(10))


def asked(first: int | None, last: int | None, *, exact: bool = False) -> ByteRange:
    """Return the range with some text."""
    return ByteRange(first, last, "bytes=…", exact)


@given(positions, ends, st.integers(0, 10))
def test_a_range_means_the_bytes_between_its_ends_or_is_refused(
    first: int, last: int | None, size: int
) -> None:
    data = DATA[:size]
    expected = data[first:] if last is None else data[first : last + 1]

    if expected:
        offset, length = asked(first, last).within(size)
        assert data[offset : offset + length] == expected
    else:
        with pytest.raises(RangeNotSatisfiable):
            asked(first, last).within(size)


@given(st.integers(1, 12), st.integers(1, 10))
def test_a_suffix_means_the_last_bytes(wanted: int, size: int) -> None:
    offset, length = asked(None, wanted).within(size)

    assert DATA[:size][offset : offset + length] == DATA[:size][-wanted:]


def test_a_suffix_of_no_bytes_means_the_whole() -> None:
    assert asked(None, 0).within(10) == Span(0, 10)


@pytest.mark.parametrize(("first", "last"), [(0, 10), (5, 11), (10, 10), (10, None), (5, 4)])
def test_an_exact_range_is_not_clipped(first: int, last: int | None) -> None:
    with pytest.raises(RangeNotSatisfiable):
        asked(first, last, exact=True).within(10)


def test_an_exact_range_within_the_data_is_served() -> None:
    assert asked(2, 9, exact=True).within(10) == Span(2, 8)


def test_a_refusal_tells_the_size_of_the_data() -> None:
    with pytest.raises(RangeNotSatisfiable) as refusal:
        asked(10, None).within(10)

    assert refusal.value.size == 10

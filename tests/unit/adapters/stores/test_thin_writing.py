"""Which parts of a piece are written, and which are left to be holes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.stores.filesystem.write_handle import ZEROS, empty_runs

BLOCK = len(ZEROS)

patterns = st.lists(st.booleans(), max_size=8)


def a_piece(pattern: list[bool], tail: int) -> bytes:
    blocks = b"".join(bytes(BLOCK) if empty else b"\1" * BLOCK for empty in pattern)
    return blocks + bytes(tail)


@given(patterns, st.integers(0, BLOCK))
def test_the_runs_are_the_piece(pattern: list[bool], tail: int) -> None:
    piece = a_piece(pattern, tail)
    assert b"".join(run for run, _ in empty_runs(memoryview(piece))) == piece


@given(patterns, st.integers(0, BLOCK))
def test_a_run_is_called_empty_if_it_is(pattern: list[bool], tail: int) -> None:
    for run, empty in empty_runs(memoryview(a_piece(pattern, tail))):
        assert empty == (not any(run))


@given(patterns)
def test_runs_are_as_long_as_can_be(pattern: list[bool]) -> None:
    kinds = [empty for _, empty in empty_runs(memoryview(a_piece(pattern, 0)))]
    assert all(one != other for one, other in pairwise(kinds))

"""Calls of a file system that is not waited for for ever."""

import logging
from collections.abc import Iterator
from functools import partial
from threading import Event, current_thread

import pytest

from tests.unit.adapters.stores.guard.fickle import until
from tintype.adapters.stores.filesystem.timed_calls import TimedCalls
from tintype.domain.errors import DataNotFound, StoreUnavailable


def timed(timeout_s: float = 0.05, threads: int = 4, threshold: int = 75) -> TimedCalls:
    return TimedCalls("shelf", timeout_s, threads, threshold)


@pytest.fixture
def answer() -> Iterator[Event]:
    """An answer that does not come before the test is over, or wants it."""
    event = Event()
    yield event
    event.set()


def hang(calls: TimedCalls, answer: Event) -> None:
    with pytest.raises(StoreUnavailable):
        calls(answer.wait)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.message for each in caplog.records if each.levelno == logging.WARNING]


def test_a_call_that_returns_in_time_is_as_good_as_without_a_limit() -> None:
    assert timed(10)(lambda: 5) == 5


@pytest.mark.parametrize("error", [DataNotFound("a", "shelf"), TimeoutError("its own")])
def test_what_a_call_raises_in_time_is_raised(error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        timed(10)(fail)
    assert caught.value is error


def test_a_call_that_does_not_return_makes_the_store_unavailable(answer: Event) -> None:
    with pytest.raises(StoreUnavailable, match=r"Store shelf .* does not answer .* 0\.05 seconds"):
        timed()(answer.wait)


def test_without_a_limit_nobody_else_waits() -> None:
    assert timed(0)(current_thread) is current_thread()


def test_a_thread_that_hangs_does_not_keep_the_process_from_ending() -> None:
    assert timed(10)(current_thread).daemon


def test_what_comes_too_late_is_let_go_of(answer: Event) -> None:
    came: list[bool] = []
    with pytest.raises(StoreUnavailable):
        timed()(answer.wait, late=came.append)
    answer.set()
    until(lambda: came == [True])


def test_when_all_threads_hang_no_other_is_begun(answer: Event) -> None:
    calls, begun = timed(threads=2), list[int]()
    for _ in range(2):
        hang(calls, answer)
    with pytest.raises(StoreUnavailable):
        calls(partial(begun.append, 1))
    assert begun == []


def test_a_thread_that_came_back_is_used_again(answer: Event) -> None:
    calls = timed(threads=1)
    hang(calls, answer)
    answer.set()
    until(lambda: calls.hanging == 0)
    assert calls(lambda: 5) == 5


@pytest.mark.parametrize(
    ("threads", "threshold", "quiet"), [(4, 75, 2), (10, 75, 7), (3, 0, 0), (2, 100, 1)]
)
def test_as_many_calls_that_hang_as_the_threshold_says_are_worth_a_warning(
    answer: Event, caplog: pytest.LogCaptureFixture, threads: int, threshold: int, quiet: int
) -> None:
    calls = timed(0.01, threads, threshold)
    for _ in range(quiet):
        hang(calls, answer)
    assert warnings(caplog) == []
    hang(calls, answer)
    (said,) = warnings(caplog)
    assert f"{quiet + 1} of the {threads} threads of store shelf" in said


def test_calls_that_came_back_are_not_counted_any_more(
    answer: Event, caplog: pytest.LogCaptureFixture
) -> None:
    calls = timed(0.01, threads=2, threshold=100)
    came_back = Event()
    hang(calls, came_back)
    came_back.set()
    until(lambda: calls.hanging == 0)
    hang(calls, answer)
    assert warnings(caplog) == []

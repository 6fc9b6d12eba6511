"""The life of a task, and whose it is."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_lease, a_task
from tintype.domain.errors import WrongTaskStatus
from tintype.domain.import_lock import is_expired
from tintype.domain.task import MOVES, Task, TaskStatus, TaskType

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

TAKE_UP: Callable[[Task], None] = lambda task: task.take_up(THEN + DAY)  # noqa: E731
SUCCEED: Callable[[Task], None] = lambda task: task.succeed({"a": 1}, THEN, DAY)  # noqa: E731
FAIL: Callable[[Task], None] = lambda task: task.fail("why", THEN, DAY)  # noqa: E731
PUT_BACK: Callable[[Task], None] = lambda task: task.put_back(THEN)  # noqa: E731


def test_a_new_task_is_the_callers_and_waits() -> None:
    caller = a_caller(user_id="u" * 99)
    task = Task.create("t", TaskType.IMPORT, THEN, caller, "req-" + "1" * 64, image_id="i")

    assert (task.status, task.owner, task.image_id) == (TaskStatus.PENDING, OWNER, "i")
    assert (task.message, task.result, task.expires_at, task.attempts) == ("", None, None, 0)
    # The columns of the field are that long.
    assert (task.user_id, task.request_id) == ("u" * 64, "req-" + "1" * 60)


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (TaskStatus.PENDING, TAKE_UP, TaskStatus.PROCESSING),
        (TaskStatus.PENDING, FAIL, TaskStatus.FAILURE),
        (TaskStatus.PENDING, SUCCEED, None),
        (TaskStatus.PENDING, PUT_BACK, None),
        (TaskStatus.PROCESSING, TAKE_UP, TaskStatus.PROCESSING),
        (TaskStatus.PROCESSING, SUCCEED, TaskStatus.SUCCESS),
        (TaskStatus.PROCESSING, FAIL, TaskStatus.FAILURE),
        (TaskStatus.PROCESSING, PUT_BACK, TaskStatus.PROCESSING),
        *((end, step, None) for end in ("success", "failure") for step in (TAKE_UP, SUCCEED)),
        *((end, step, None) for end in ("success", "failure") for step in (FAIL, PUT_BACK)),
    ],
)
def test_what_may_follow_a_status(
    before: str, step: Callable[[Task], None], after: TaskStatus | None
) -> None:
    task = a_task(status=TaskStatus(before), attempts=1)

    if after is None:
        with pytest.raises(WrongTaskStatus):
            step(task)
        assert task.status == before
    else:
        step(task)
        assert task.status is after


def test_nothing_follows_an_end() -> None:
    assert {status for status in TaskStatus if not MOVES[status]} == {
        TaskStatus.SUCCESS,
        TaskStatus.FAILURE,
    }
    assert a_task(status=TaskStatus.FAILURE).ended
    assert not a_task().ended


def test_a_task_that_ended_can_be_looked_at_for_a_while() -> None:
    good, bad = a_task(status=TaskStatus.PROCESSING), a_task()

    good.succeed({"image_id": "i"}, THEN + DAY, 2 * DAY, "a note")
    bad.fail("no space", THEN + DAY, 2 * DAY)

    assert good.expires_at == bad.expires_at == THEN + 3 * DAY
    assert (good.result, good.message) == ({"image_id": "i"}, "a note")
    assert (bad.result, bad.message) == (None, "no space")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("to http://far/a\0b", "to http://far/a?b"),
        ("of \ud800", "of ?"),
        ("x" * 900 + "y" * 900 + " does not pass filtering", 1003),
    ],
)
def test_a_cause_that_came_from_afar_can_be_kept(told: str, kept: str | int) -> None:
    task = a_task()

    task.fail(told, THEN, DAY)

    if isinstance(kept, str):
        assert task.message == kept
    else:
        assert len(task.message) == kept
        assert task.message.endswith("does not pass filtering")


def test_attempts_count_unless_they_were_put_back() -> None:
    task = a_task()
    task.take_up(THEN)
    task.take_up(THEN)
    task.put_back(THEN)
    assert task.attempts == 1


@pytest.mark.parametrize(
    ("owner", "project", "seen"),
    [(OWNER, OWNER, True), (OWNER, "another", False), (OWNER, None, False), (None, None, True)],
)
def test_who_sees_a_task(owner: str | None, project: str | None, seen: bool) -> None:
    assert a_task(owner=owner).seen_by(a_caller(project)) is seen


def test_an_administrator_sees_every_task() -> None:
    assert a_task().seen_by(ADMIN)


@pytest.mark.parametrize(
    ("status", "minutes", "expired"),
    [
        *((TaskStatus.PENDING, 120, False), (TaskStatus.PENDING, 121, True)),
        *((TaskStatus.PROCESSING, 60, False), (TaskStatus.PROCESSING, 61, True)),
        *((TaskStatus.SUCCESS, 60, False), (TaskStatus.SUCCESS, 61, True)),
        *((TaskStatus.FAILURE, 60, False), (TaskStatus.FAILURE, 61, True)),
    ],
)
def test_when_the_lock_of_a_task_without_a_lease_expires(
    status: TaskStatus, minutes: int, expired: bool
) -> None:
    task = a_task(status=status)
    assert is_expired(task, None, THEN + minutes * MINUTE) is expired


def test_the_lock_of_a_task_that_is_looked_after_does_not_expire() -> None:
    assert not is_expired(a_task(), a_lease(), THEN + 10 * DAY)


def test_the_lock_of_a_task_that_is_gone_has_expired() -> None:
    assert is_expired(None, None, THEN)

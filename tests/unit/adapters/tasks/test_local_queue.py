"""The queue within a process: so many at a time, nothing lost to a bug, a quick end."""

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.service import wait_until
from tintype.adapters.tasks.local_queue import LocalQueue, Work

PATIENCE_S = 30


@pytest.fixture
def queue() -> Iterator[Callable[[Work, int], LocalQueue]]:
    """Return what makes queues, which are stopped at the end."""
    made: list[LocalQueue] = []

    def make(work: Work, threads: int = 2) -> LocalQueue:
        made.append(LocalQueue(work, threads))
        return made[-1]

    yield make
    for each in made:
        each.stop(PATIENCE_S)


Make = Callable[..., LocalQueue]


def test_every_task_is_worked_on(queue: Make) -> None:
    done: list[str] = []
    tasks = queue(lambda task_id, halt: done.append(task_id))

    for number in range(20):
        tasks.submit(str(number))

    wait_until(lambda: len(done) == 20, "all tasks are done")
    assert sorted(done, key=int) == [str(number) for number in range(20)]


def test_no_more_tasks_are_worked_on_at_once_than_there_are_threads(queue: Make) -> None:
    at_work: list[str] = []
    go_on = threading.Event()

    def work(task_id: str, halt: threading.Event) -> None:
        at_work.append(task_id)
        assert go_on.wait(PATIENCE_S)

    tasks = queue(work, 2)
    for number in range(5):
        tasks.submit(str(number))

    wait_until(lambda: len(at_work) == 2, "two are at work")
    assert at_work == ["0", "1"]
    go_on.set()
    wait_until(lambda: len(at_work) == 5, "the others follow")


def test_a_bug_in_one_task_does_not_keep_others_from_being_worked_on(queue: Make) -> None:
    done: list[str] = []

    def work(task_id: str, halt: threading.Event) -> None:
        if task_id == "bad":
            raise ZeroDivisionError
        done.append(task_id)

    tasks = queue(work, 1)
    for task_id in ("bad", "good"):
        tasks.submit(task_id)

    wait_until(lambda: done == ["good"], "the good one is done")


def test_stopping_lets_every_task_be_handed_back_also_those_that_wait(queue: Make) -> None:
    handed_back: list[str] = []
    begun = threading.Event()

    def work(task_id: str, halt: threading.Event) -> None:
        begun.set()
        assert halt.wait(PATIENCE_S)
        handed_back.append(task_id)

    tasks = queue(work, 1)
    for number in range(3):
        tasks.submit(str(number))
    assert begun.wait(PATIENCE_S)

    tasks.stop(PATIENCE_S)

    assert handed_back == ["0", "1", "2"]


def test_stopping_waits_no_longer_than_it_is_told_to(queue: Make) -> None:
    go_on = threading.Event()
    begun = threading.Event()

    def work(task_id: str, halt: threading.Event) -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)

    tasks = queue(work, 1)
    tasks.submit("deaf")
    assert begun.wait(PATIENCE_S)

    tasks.stop(0)

    assert not go_on.is_set()
    go_on.set()


def test_a_queue_that_got_nothing_has_no_threads() -> None:
    before = threading.active_count()
    LocalQueue(lambda task_id, halt: None, 8).stop(0)
    assert threading.active_count() == before

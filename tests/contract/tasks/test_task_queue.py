"""What every queue of tasks does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.tasks.queues import QUEUES, THREADS, Served
from tests.contract.tasks.recorder import Recorder
from tests.service import wait_until


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "notes")


@pytest.fixture(params=QUEUES)
def served(request: pytest.FixtureRequest, tmp_path: Path, recorder: Recorder) -> Iterator[Served]:
    served = QUEUES[request.param](recorder, tmp_path)
    yield served
    served.stop()


def test_tasks_are_worked_on_until_the_end_even_if_some_fail(
    served: Served, recorder: Recorder
) -> None:
    served.serve()
    tasks = [f"fail-{number}" if number % 3 == 0 else f"task-{number}" for number in range(20)]
    for task_id in tasks:
        served.queue.submit(task_id)
    wait_until(lambda: len(recorder.notes("begun")) == len(tasks), "all were begun")
    good = {task_id for task_id in tasks if task_id.startswith("task-")}
    wait_until(lambda: set(recorder.notes("done")) == good, "the good ones were done")


def test_work_is_told_to_halt_when_its_process_is_to_end_and_the_rest_waits(
    served: Served, recorder: Recorder
) -> None:
    served.serve()
    for number in range(THREADS):
        served.queue.submit(f"wait-{number}")
    wait_until(lambda: len(recorder.notes("begun")) == THREADS, "both have begun")
    served.stop()
    assert sorted(recorder.notes("halted")) == ["wait-0", "wait-1"]


def test_what_a_lasting_queue_holds_waits_for_somebody_to_work_on_it(
    served: Served, recorder: Recorder
) -> None:
    if not served.queue.lasting:
        pytest.skip("ends with its process")
    served.queue.submit("task-before")
    served.serve()
    wait_until(lambda: recorder.notes("done") == ["task-before"], "it was worked on")

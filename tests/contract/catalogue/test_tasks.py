"""What every catalogue promises about tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import ADMIN, OWNER, THEN, a_caller, a_task
from tests.contract.catalogue.steps import keep
from tintype.domain.caller import Caller
from tintype.domain.errors import BadMarker, Duplicate, Invalid, TaskNotFound
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.task import Progress, Task, TaskStatus
from tintype.domain.task_query import SORT_KEYS, TaskQuery

DAY = timedelta(days=1)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_OFF = datetime(2999, 1, 1, tzinfo=UTC)
STRANGER = a_caller("a-stranger")


def task_of(work: Work, task_id: str) -> Task:
    """Return a task."""
    with work(read_only=True) as unit:
        return unit.tasks.get(task_id)


def listed(work: Work, caller: Caller = ADMIN, **query: Any) -> list[str]:
    """Return the ids on one page, in order."""
    with work(read_only=True) as unit:
        found = unit.tasks.list(TaskQuery(**{"limit": 100, **query}), seen_by=caller)
    return [task.id for task in found]


def of_image(work: Work, image_id: str, caller: Caller = ADMIN) -> list[str]:
    """Return the ids of the tasks of an image, in order."""
    with work(read_only=True) as unit:
        return [task.id for task in unit.tasks.of_image(image_id, seen_by=caller)]


def facts(task: Task) -> tuple[Any, ...]:
    """Return all that two equal tasks have in common."""
    names = (name for name in Task.__dataclass_fields__)
    return tuple(getattr(task, name) for name in names)


FULL = {
    "input": {"image_id": "i", "nested": [1, None, "Ω 😀"]},
    "image_id": "i",
    "user_id": "u",
    "request_id": "req-1",
    "secrets": {"url": "http://user:password@host/"},
    "message": "Copied 3 MiB",
    "progress": {"files": Progress(3, 7), "ceph": Progress(1, None)},
    "result": {"image_id": "i"},
    "expires_at": FAR_OFF,
    "attempts": 2,
    "status": TaskStatus.SUCCESS,
}


@pytest.mark.parametrize("task", [a_task(), a_task(**FULL), a_task(owner=None)])
def test_a_task_comes_back_as_it_was_added(work: Work, task: Task) -> None:
    keep(work, task)

    assert facts(task_of(work, task.id)) == facts(task)


def test_what_became_of_a_task_comes_back(work: Work) -> None:
    added = a_task(secrets={"url": "s3://"})
    keep(work, added)
    with work() as unit:
        task = unit.tasks.get(added.id, for_update=True)
        task.take_up(THEN + DAY)
        task.progress["files"] = Progress(1, 2)
        task.succeed({"image_id": "i"}, datetime.now(UTC), DAY, "with a note")
        unit.tasks.save(task)
        unit.commit()

    assert facts(task_of(work, added.id)) == facts(task)


def test_a_task_that_was_not_committed_never_was(work: Work) -> None:
    task = a_task()
    with work() as unit:
        unit.tasks.add(task)

    with pytest.raises(TaskNotFound):
        task_of(work, task.id)


@pytest.mark.parametrize("task_id", ["no-such-task", "x" * 99, "n\0l"])
def test_a_task_that_never_was_is_not_found(work: Work, task_id: str) -> None:
    with pytest.raises(TaskNotFound):
        task_of(work, task_id)


def test_an_id_serves_once(work: Work) -> None:
    task = a_task()
    keep(work, task)

    with pytest.raises(Duplicate):
        keep(work, a_task(id=task.id))


def test_a_message_with_a_nul_cannot_be_kept(work: Work) -> None:
    with pytest.raises(Invalid):
        keep(work, a_task(message="n\0l"))


def test_tasks_handed_out_are_copies(work: Work) -> None:
    task = a_task(progress={"files": Progress(1, 2)})
    keep(work, task)

    task_of(work, task.id).progress["files"] = Progress(2, 2)

    assert task_of(work, task.id).progress == {"files": Progress(1, 2)}


# ---------------------------------------------------------------------- the end


def test_a_task_that_has_outlived_itself_is_not_found_whether_or_not_it_was_removed(
    work: Work,
) -> None:
    task = a_task(status=TaskStatus.FAILURE, expires_at=LONG_AGO, image_id="i")
    keep(work, task)

    with pytest.raises(TaskNotFound):
        task_of(work, task.id)
    assert listed(work) == []
    assert of_image(work, "i") == []


def test_the_expired_tasks_of_all_owners_are_removed_and_no_others(work: Work) -> None:
    keep(
        work,
        *(a_task(owner=owner, expires_at=LONG_AGO) for owner in (OWNER, "another", None)),
        *(kept := [a_task(expires_at=FAR_OFF), a_task()]),
    )

    with work() as unit:
        removed = unit.tasks.remove_expired(LONG_AGO)
        again = unit.tasks.remove_expired(LONG_AGO)
        unit.commit()

    assert (removed, again) == (3, 0)
    assert set(listed(work)) == {task.id for task in kept}


# ---------------------------------------------------------------------- lists


def test_a_list_leaves_out_what_is_large(work: Work) -> None:
    keep(work, a_task(**FULL))

    with work(read_only=True) as unit:
        (task,) = unit.tasks.list(TaskQuery(limit=1), seen_by=ADMIN)

    assert (task.input, task.result, task.message, task.progress) == (None, None, "", {})
    assert (task.status, task.expires_at, task.image_id) == (TaskStatus.SUCCESS, FAR_OFF, "i")


def test_the_newest_task_is_listed_first(work: Work) -> None:
    tasks = [a_task(created_at=THEN + days * DAY) for days in (2, 1, 3)]
    keep(work, *tasks)

    assert listed(work) == [tasks[2].id, tasks[0].id, tasks[1].id]


def test_a_project_lists_its_own_tasks_and_an_administrator_all(work: Work) -> None:
    mine, other, nobodys = a_task(), a_task(owner="another"), a_task(owner=None)
    keep(work, mine, other, nobodys)

    assert listed(work, a_caller()) == [mine.id]
    assert listed(work, a_caller(None)) == [nobodys.id]
    assert set(listed(work)) == {mine.id, other.id, nobodys.id}


@pytest.mark.parametrize(
    "filters",
    [
        {"id": "the-one"},
        {"type": "import"},
        {"status": "failure"},
        {"owner": "another"},
        {"image_id": "i"},
        {"request_id": "r"},
        {"user_id": "u"},
        {"created_at": THEN + DAY},
        {"updated_at": THEN + DAY},
        {"expires_at": FAR_OFF},
        {"type": "import", "image_id": "i"},
    ],
    ids=str,
)
def test_a_filter_keeps_what_equals(work: Work, filters: dict[str, Any]) -> None:
    the_one = a_task(
        **{"id": "the-one", "type": "import", "status": TaskStatus.FAILURE, "owner": "another"},
        **{"image_id": "i", "request_id": "r", "user_id": "u"},
        **{"created_at": THEN + DAY, "updated_at": THEN + DAY, "expires_at": FAR_OFF},
    )
    keep(work, a_task(), the_one, a_task(image_id="j", type="import"))
    if filters == {"type": "import"}:
        filters = {"type": "import", "image_id": "i"}

    assert listed(work, filters=filters) == ["the-one"]


def test_a_filter_that_no_text_equals_finds_nothing(work: Work) -> None:
    keep(work, a_task())

    assert listed(work, filters={"owner": "n\0l"}) == []


@pytest.mark.parametrize("descending", [True, False], ids=["descending", "ascending"])
@pytest.mark.parametrize("sort_key", SORT_KEYS)
def test_pages_show_every_task_once_and_in_order(
    work: Work, sort_key: str, descending: bool
) -> None:
    values: list[dict[str, Any]] = [
        {},
        {"type": "import", "owner": "a", "image_id": "a", "request_id": "a", "user_id": "a"},
        {"image_id": "b", "created_at": THEN + DAY, "updated_at": THEN + DAY},
        {"status": TaskStatus.SUCCESS, "expires_at": FAR_OFF},
        {"status": TaskStatus.FAILURE, "expires_at": FAR_OFF + DAY, "user_id": "b"},
        {},
    ]
    tasks = [a_task(**facts) for facts in values]
    keep(work, *tasks)
    whole = listed(work, sort_key=sort_key, descending=descending)

    pages: list[str] = []
    for _ in tasks:
        marker = pages[-1] if pages else None
        order: dict[str, Any] = {"sort_key": sort_key, "descending": descending}
        pages += listed(work, limit=2, marker=marker, **order)

    assert pages == whole
    assert sorted(whole) == sorted(task.id for task in tasks)
    sorted_by = {task.id: getattr(task, sort_key) for task in tasks}
    unset = [sorted_by[task_id] is None for task_id in whole]
    assert unset == sorted(unset, reverse=not descending)
    given = [sorted_by[task_id] for task_id in whole if sorted_by[task_id] is not None]
    assert given == sorted(given, reverse=descending)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_page_of_nothing_is_empty(work: Work, limit: int) -> None:
    keep(work, a_task())

    assert listed(work, limit=limit) == []


def test_a_marker_that_names_no_task_is_refused(work: Work) -> None:
    with pytest.raises(BadMarker):
        listed(work, marker="no-such-task")


def test_a_marker_that_is_another_projects_is_refused(work: Work) -> None:
    task = a_task()
    keep(work, task)

    with pytest.raises(BadMarker):
        listed(work, STRANGER, marker=task.id)


# ---------------------------------------------------------------------- the tasks of an image


def test_the_tasks_of_an_image_come_whole_and_the_oldest_first(work: Work) -> None:
    young, old = a_task(image_id="i", created_at=THEN + DAY), a_task(**FULL)
    keep(work, young, old, a_task(image_id="j"), a_task())

    with work(read_only=True) as unit:
        found = unit.tasks.of_image("i", seen_by=ADMIN)

    assert [facts(task) for task in found] == [facts(old), facts(young)]


def test_who_sees_which_tasks_of_an_image(work: Work) -> None:
    own, foreign, nobodys = (
        a_task(image_id="i", owner=owner, created_at=THEN + days * DAY)
        for days, owner in enumerate((OWNER, "operators", None))
    )
    keep(work, own, foreign, nobodys)

    assert of_image(work, "i", a_caller()) == [own.id, nobodys.id]
    assert of_image(work, "i", STRANGER) == [nobodys.id]
    assert of_image(work, "i", ADMIN) == [own.id, foreign.id, nobodys.id]

"""Tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.records.making import ADMIN, NOBODY, OTHER, OWNER, THEN, ids
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

FUTURE = datetime(2999, 1, 1)
PAST = datetime(2001, 1, 1)
HEAD = {
    *("id", "type", "status", "owner", "expires_at", "created_at", "updated_at"),
    *("deleted_at", "deleted", "image_id", "request_id", "user_id"),
}
CURIOUS = db.Context(project_id="owner", show_deleted=True)


def a_task(**values: Any) -> dict[str, Any]:
    """Record a task of OWNER's."""
    return db.task_create(
        OWNER, {"type": "import", "status": "pending", "owner": "owner", **values}
    )


def test_a_task_is_as_it_was_given() -> None:
    given = {
        **{"id": "an-id", "type": "api_image_import", "status": "success", "owner": "owner"},
        **{"expires_at": FUTURE, "created_at": THEN, "updated_at": THEN, "deleted": False},
        **{"image_id": "i", "request_id": "r", "user_id": "u", "message": "done"},
        **{"input": {"a": [1, None, "Ω"]}, "result": "plain", "deleted_at": None},
    }

    made = db.task_create(OWNER, given)

    assert made == given == db.task_get(OWNER, "an-id")
    assert set(made) == HEAD | {"input", "result", "message"}


def test_id_and_times_are_made() -> None:
    task = a_task()

    assert len(task["id"]) == 36
    assert task["created_at"] == task["updated_at"]
    assert (task["deleted"], task["input"], task["message"]) == (False, None, None)


def test_any_json_value_and_any_text_comes_back_equal() -> None:
    values: list[Any] = [
        {},
        [],
        "text",
        '{"a": 1}',
        "null",
        0,
        False,
        None,
        1.5,
        {"a": {"b": "😀"}},
    ]
    for value in values:
        task = a_task(input=value, result=value)
        assert (task["input"], task["result"]) == (value, value)
        after = db.task_update(OWNER, task["id"], {"result": [value]})
        assert (after["input"], after["result"]) == (value, [value])


def test_an_update_changes_what_it_names() -> None:
    task = a_task(message="x")
    values = {
        **{"status": "processing", "message": "y", "id": "another", "nonsense": 1},
        **{"created_at": THEN, "deleted": True, "deleted_at": THEN},
    }

    after = db.task_update(OWNER, task["id"], values)

    changed = {"status": "processing", "message": "y", "updated_at": after["updated_at"]}
    assert after == task | changed == db.task_get(OWNER, task["id"])
    assert after["updated_at"] > task["updated_at"]


def test_who_sees_a_task() -> None:
    mine, nobodys = a_task()["id"], a_task(owner=None)

    assert nobodys["owner"] is None
    for context, seen in ((ADMIN, True), (OWNER, True), (OTHER, False), (NOBODY, False)):
        assert db.task_get(context, nobodys["id"])["id"] == nobodys["id"]
        if seen:
            assert db.task_get(context, mine)["id"] == mine
        else:
            for refused in (db.task_get, db.task_delete):
                with pytest.raises(exceptions.Forbidden):
                    refused(context, mine)
            with pytest.raises(exceptions.Forbidden):
                db.task_update(context, mine, {})


def test_an_unknown_task_is_not_found() -> None:
    for task_id in ("unknown", "t" * 37):
        with pytest.raises(exceptions.TaskNotFound, match=task_id):
            db.task_get(ADMIN, task_id)
    with pytest.raises(exceptions.TaskNotFound):
        db.task_update(ADMIN, "unknown", {})
    with pytest.raises(exceptions.TaskNotFound):
        db.task_delete(ADMIN, "unknown")


def test_a_deleted_task_shows_to_who_asks() -> None:
    task = a_task()

    gone = db.task_delete(OWNER, task["id"])

    assert (gone["deleted"], isinstance(gone["deleted_at"], datetime)) == (True, True)
    with pytest.raises(exceptions.TaskNotFound):
        db.task_get(OWNER, task["id"])
    assert db.task_get(OWNER, task["id"], force_show_deleted=True) == gone
    assert db.task_get(CURIOUS, task["id"]) == db.task_get(ADMIN, task["id"]) == gone


def test_a_task_counts_as_deleted_once_it_expired() -> None:
    expired, lasting = a_task(expires_at=PAST), a_task(expires_at=FUTURE)

    with pytest.raises(exceptions.TaskNotFound):
        db.task_get(OWNER, expired["id"])
    shown = db.task_get(OWNER, expired["id"], force_show_deleted=True)
    assert (shown["deleted"], shown["deleted_at"]) == (True, PAST)
    assert ids(db.task_get_all(OWNER, filters={"deleted": False})) == [lasting["id"]]
    assert ids(db.task_get_all(OWNER, filters={"deleted": True})) == [expired["id"]]
    both = {task["id"]: task["deleted"] for task in db.task_get_all(OWNER)}
    assert both == {expired["id"]: True, lasting["id"]: False}


def test_a_list_has_the_callers_own_without_what_is_long() -> None:
    mine = a_task(input={"a": 1})["id"]
    theirs = a_task(owner="other")["id"]
    nobodys = a_task(owner=None)["id"]

    assert ids(db.task_get_all(OWNER)) == [mine]
    assert set(db.task_get_all(OWNER)[0]) == HEAD
    assert ids(db.task_get_all(NOBODY)) == [nobodys]
    assert ids(db.task_get_all(ADMIN)) == [nobodys, theirs, mine]
    assert ids(db.task_get_all(ADMIN, admin_as_user=True)) == [nobodys, theirs, mine]


def test_a_list_is_filtered_by_columns() -> None:
    a = a_task(type="import", status="pending", image_id="i")["id"]
    b = a_task(type="export", status="failure")["id"]

    assert ids(db.task_get_all(OWNER, filters={"type": "import"})) == [a]
    assert ids(db.task_get_all(OWNER, filters={"status": "failure", "type": "export"})) == [b]
    assert ids(db.task_get_all(OWNER, filters={"image_id": None})) == [b]
    assert ids(db.task_get_all(OWNER, filters={"owner": "other"})) == []
    assert ids(db.task_get_all(OWNER, filters={"id": 17})) == []


def test_a_filter_by_nobody_finds_the_tasks_without_an_owner() -> None:
    nobodys = a_task(owner=None)
    a_task()

    for nobody in (None, ""):
        assert ids(db.task_get_all(ADMIN, filters={"owner": nobody})) == [nobodys["id"]]
    assert nobodys["owner"] is None


def test_pages_lose_and_repeat_nothing() -> None:
    for number in range(7):
        times = {"created_at": THEN + timedelta(seconds=number // 3), "updated_at": THEN}
        expiry = FUTURE if number % 2 else None
        a_task(type="ab"[number % 2], expires_at=expiry, **times)
    for key in ("created_at", "type", "expires_at", "updated_at", "image_id", "id"):
        for direction in ("asc", "desc"):
            order: dict[str, Any] = {"sort_key": key, "sort_dir": direction}
            whole = ids(db.task_get_all(OWNER, **order))
            pages: list[str] = []
            while page := db.task_get_all(
                OWNER, marker=pages[-1] if pages else None, limit=2, **order
            ):
                pages += ids(page)
            assert pages == whole, order
            assert len(whole) == 7


def test_a_page_may_begin_after_a_deleted_task() -> None:
    first = a_task(created_at=THEN)["id"]
    second = a_task(created_at=THEN + timedelta(seconds=1))["id"]
    db.task_delete(OWNER, second)

    assert ids(db.task_get_all(OWNER, marker=second)) == [first]


def test_markers_and_orders_that_cannot_be_are_refused() -> None:
    theirs = a_task(owner="other")["id"]

    with pytest.raises(exceptions.TaskNotFound):
        db.task_get_all(OWNER, marker="unknown")
    with pytest.raises(exceptions.Forbidden):
        db.task_get_all(OWNER, marker=theirs)
    with pytest.raises(exceptions.InvalidSortKey):
        db.task_get_all(OWNER, sort_key="input")
    with pytest.raises(exceptions.Invalid):
        db.task_get_all(OWNER, sort_dir="up")
    with pytest.raises(exceptions.InvalidParameterValue):
        db.task_get_all(OWNER, filters={"bogus": 1})


def test_the_tasks_of_an_image_come_whole_and_oldest_first() -> None:
    late = a_task(image_id="i", created_at=THEN + timedelta(seconds=1), input={"a": 1})
    early = a_task(image_id="i", created_at=THEN, expires_at=FUTURE)
    a_task(image_id="i", expires_at=PAST)
    a_task(image_id="another")
    deleted = a_task(image_id="i", created_at=THEN + timedelta(seconds=2))["id"]
    db.task_delete(OWNER, deleted)
    theirs = a_task(image_id="i", owner="other", created_at=THEN + timedelta(seconds=3))["id"]

    assert db.tasks_get_by_image(OWNER, "i") == [early, late]
    assert ids(db.tasks_get_by_image(CURIOUS, "i")) == [early["id"], late["id"], deleted]
    assert ids(db.tasks_get_by_image(ADMIN, "i"))[-1] == theirs
    assert db.tasks_get_by_image(ADMIN, "unknown") == []


def test_tasks_that_cannot_be_are_refused() -> None:
    task = a_task(id="taken", expires_at=FUTURE.replace(tzinfo=UTC))

    with pytest.raises(exceptions.Duplicate):
        a_task(id="taken")
    for values in ({"type": None}, {"status": None}, {"type": "t" * 31}, {"message": "nul\0"}):
        with pytest.raises(exceptions.Invalid):
            a_task(**values)
    assert db.task_get_all(ADMIN) == [{name: task[name] for name in task if name in HEAD}]
    assert task["expires_at"] == FUTURE

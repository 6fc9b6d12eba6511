"""Tasks (import-and-tasks §17)."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.builders import THEN, a_task
from tests.service import wait_until
from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    OWNER,
    READER,
    Headers,
    Service,
    each,
)
from tintype.domain.task import Progress, Task, TaskStatus

LATER = THEN.replace(year=2999)
STUB = {"id", "type", "status", "owner", "created_at", "updated_at", "self", "schema"}
OLD_IMPORT: dict[str, Any] = {
    "type": "import",
    "input": {
        "import_from": "http://user:secret@192.0.2.1/disk",
        "import_from_format": "raw",
        "image_properties": {},
    },
}


@pytest.fixture
def service(own_service: Service) -> Service:
    """An application of its own: here tasks are worked on."""
    return own_service


def has(service: Service, **facts: Any) -> Task:
    """Put a task on record."""
    task = a_task(**facts)
    with service.container.work()() as work:
        work.tasks.add(task)
        work.commit()
    return task


@pytest.fixture
def operator(service: Service) -> Service:
    """The service, asked by an administrator."""
    return service.seen_by(ADMIN)


def post(service: Service, **body: Any) -> Any:
    """Ask for a task."""
    return service.send("POST", "/v2/tasks", body)


def without(name: str) -> dict[str, Any]:
    """Return the body of an old import whose input lacks something."""
    given = {key: value for key, value in OLD_IMPORT["input"].items() if key != name}
    return {"type": "import", "input": given}


def importing_from(url: Any) -> dict[str, Any]:
    """Return the body of an old import from there."""
    return {"type": "import", "input": {**OLD_IMPORT["input"], "import_from": url}}


@each(
    {
        "a list": (lambda s: s.seen_by(ADMIN).get("/v2/tasks"), 200),
        "a task": (lambda s: s.seen_by(ADMIN).get(f"/v2/tasks/{has(s).id}"), 200),
        "an unknown task": (lambda s: s.seen_by(ADMIN).get(f"/v2/tasks/{NO_SUCH_ID}"), 404),
        "an odd id": (lambda s: s.seen_by(ADMIN).get("/v2/tasks/" + "x" * 99), 404),
        "one that has expired": (
            lambda s: s.seen_by(ADMIN).get(f"/v2/tasks/{has(s, expires_at=THEN).id}"),
            404,
        ),
        "a list, by a member": (lambda s: s.get("/v2/tasks"), 403),
        "a task, by its owner": (lambda s: s.get(f"/v2/tasks/{has(s, owner='owner').id}"), 403),
        "a new one, by a member": (lambda s: post(s, **OLD_IMPORT), 403),
        "a deletion": (lambda s: s.seen_by(ADMIN).ask("DELETE", f"/v2/tasks/{has(s).id}"), 405),
        "a change": (lambda s: s.seen_by(ADMIN).ask("PATCH", f"/v2/tasks/{has(s).id}"), 405),
        "a body where none belongs": (
            lambda s: s.seen_by(ADMIN).ask("GET", f"/v2/tasks/{has(s).id}", b"{}"),
            400,
        ),
        "a filter by status": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?status=failure"), 200),
        "a filter by an odd status": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?status=x"), 400),
        "a filter by type": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?type=import"), 200),
        "a filter by another type": (
            lambda s: s.seen_by(ADMIN).get("/v2/tasks?type=location_import"),
            400,
        ),
        "a filter by owner": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?owner=x"), 200),
        "a filter by an odd time": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?created_at=x"), 400),
        "an unknown filter": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?colour=red"), 400),
        "an odd limit": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?limit=x"), 400),
        "a negative limit": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?limit=-1"), 400),
        "an odd marker": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?marker=x"), 400),
        "an unknown marker": (lambda s: s.seen_by(ADMIN).get(f"/v2/tasks?marker={uuid4()}"), 400),
        "an odd sort key": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?sort_key=input"), 400),
        "an odd direction": (lambda s: s.seen_by(ADMIN).get("/v2/tasks?sort_dir=up"), 400),
        "a new import": (lambda s: post(s.seen_by(ADMIN), **OLD_IMPORT), 201),
        "a new one of another type": (
            lambda s: post(s.seen_by(ADMIN), type="api_image_import", input={}),
            201,
        ),
        "no type": (lambda s: post(s.seen_by(ADMIN), input={}), 400),
        "an odd type": (lambda s: post(s.seen_by(ADMIN), type="x", input={}), 400),
        "a type that is no text": (lambda s: post(s.seen_by(ADMIN), type=1, input={}), 400),
        "no input": (lambda s: post(s.seen_by(ADMIN), type="api_image_import"), 400),
        "an input that is no object": (
            lambda s: post(s.seen_by(ADMIN), type="api_image_import", input="x"),
            400,
        ),
        "an empty import": (lambda s: post(s.seen_by(ADMIN), type="import", input={}), 400),
        "no source": (lambda s: post(s.seen_by(ADMIN), **without("import_from")), 400),
        "no format": (lambda s: post(s.seen_by(ADMIN), **without("import_from_format")), 400),
        "an input too deep to be shown": (
            lambda s: s.seen_by(ADMIN).ask(
                *("POST", "/v2/tasks"),
                b'{"type": "api_image_import", "input": {"a":' + b"[" * 99 + b"]" * 99 + b"}}",
            ),
            400,
        ),
        "an input as deep as can be shown": (
            lambda s: s.seen_by(ADMIN).ask(
                *("POST", "/v2/tasks"),
                b'{"type": "api_image_import", "input": {"a":' + b"[" * 98 + b"]" * 98 + b"}}",
            ),
            201,
        ),
        "no properties": (lambda s: post(s.seen_by(ADMIN), **without("image_properties")), 400),
        "a source that is a file": (
            lambda s: post(s.seen_by(ADMIN), **importing_from("file:///etc/passwd")),
            400,
        ),
        "a source on this host": (
            lambda s: post(s.seen_by(ADMIN), **importing_from("http://127.0.0.1/")),
            400,
        ),
        "a source that is no text": (lambda s: post(s.seen_by(ADMIN), **importing_from(1)), 400),
        "no object": (lambda s: s.seen_by(ADMIN).send("POST", "/v2/tasks", []), 400),
        "no body": (lambda s: s.seen_by(ADMIN).ask("POST", "/v2/tasks"), 400),
    }
)
def test_what_a_call_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_a_deletion_is_told_what_there_is(operator: Service) -> None:
    answer = operator.ask("DELETE", f"/v2/tasks/{has(operator).id}")
    assert answer.headers["Allow"] == "GET"


def test_a_list_has_stubs(operator: Service) -> None:
    task = has(operator, input={"a": 1}, image_id="i", message="m")

    assert operator.get("/v2/tasks").json == {
        "tasks": [
            {
                "id": task.id,
                "type": "location_import",
                "status": "pending",
                "owner": task.owner,
                "created_at": "2024-05-17T12:30:15Z",
                "updated_at": "2024-05-17T12:30:15Z",
                "self": f"/v2/tasks/{task.id}",
                "schema": "/v2/schemas/task",
            }
        ],
        "first": "/v2/tasks",
        "schema": "/v2/schemas/tasks",
    }


def test_a_stub_says_when_a_task_that_ended_goes(operator: Service) -> None:
    has(operator, status=TaskStatus.FAILURE, expires_at=LATER)

    (stub,) = operator.get("/v2/tasks").json["tasks"]

    assert set(stub) == {*STUB, "expires_at"}
    assert stub["expires_at"] == "2999-05-17T12:30:15Z"


def test_pages_are_linked(operator: Service) -> None:
    ids = [has(operator, created_at=THEN + timedelta(days=days)).id for days in range(3)]

    first = operator.get("/v2/tasks?limit=2&sort_dir=asc").json
    second = operator.get(first["next"]).json

    assert first["first"] == "/v2/tasks?limit=2&sort_dir=asc"
    assert [task["id"] for task in first["tasks"] + second["tasks"]] == ids
    assert "next" not in second


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=failure", ["b"]),
        ("type=import", ["b"]),
        ("owner=somebody", ["b"]),
        ("image_id=i", ["b"]),
        ("created_at=2024-05-18T12:30:15.250000Z", ["b"]),
        ("owner=nobody", []),
        ("deleted=true", ["b", "a"]),
        ("limit=0", []),
    ],
)
def test_a_list_shows_what_fits(operator: Service, query: str, expected: list[str]) -> None:
    has(operator, id="a")
    has(
        operator,
        **{"id": "b", "type": "import", "owner": "somebody", "image_id": "i"},
        **{"status": TaskStatus.FAILURE, "created_at": THEN + timedelta(days=1)},
    )

    assert [task["id"] for task in operator.get(f"/v2/tasks?{query}").json["tasks"]] == expected


def test_a_task_is_shown_whole(operator: Service) -> None:
    task = has(
        operator,
        **{"input": {"a": 1}, "result": {"b": 2}, "message": "m", "image_id": "i"},
        **{"user_id": "u", "request_id": "r", "expires_at": LATER},
        progress={"files": Progress(1, 2, 3), "web": Progress(1, None)},
        secrets={"url": "http://secret"},
    )

    shown = operator.get(f"/v2/tasks/{task.id}")

    assert {name: value for name, value in shown.json.items() if name not in STUB} == {
        **{"input": {"a": 1}, "result": {"b": 2}, "message": "m", "image_id": "i"},
        **{"user_id": "u", "request_id": "r", "expires_at": "2999-05-17T12:30:15Z"},
        "progress": {
            "files": {"bytes_done": 1, "bytes_total": 2, "percent": 50, "bytes_per_second": 3},
            "web": {
                **{"bytes_done": 1, "bytes_total": None},
                **{"percent": None, "bytes_per_second": None},
            },
        },
    }
    assert b"secret" not in shown.body


def test_a_task_that_has_come_to_nothing_yet_says_so(operator: Service) -> None:
    shown = operator.get(f"/v2/tasks/{has(operator).id}").json

    assert set(shown) == {*STUB, "input", "result", "message"}
    assert (shown["result"], shown["message"]) == (None, "")


def test_a_new_task_is_shown_where_it_is(operator: Service) -> None:
    answer = post(operator, **OLD_IMPORT)

    shown = answer.json
    assert answer.headers["Location"].endswith(f"/v2/tasks/{shown['id']}")
    assert answer.headers["Location"].startswith("http://")
    assert (shown["type"], shown["status"]) == ("import", "pending")
    assert not {"image_id", "expires_at"} & set(shown)
    assert b"secret" not in answer.body


@pytest.mark.parametrize("kind", ["api_image_import", "location_import"])
def test_a_task_that_starts_from_an_image_soon_says_so(operator: Service, kind: str) -> None:
    task_id = post(operator, type=kind, input={}).json["id"]

    def shown() -> Any:
        return operator.get(f"/v2/tasks/{task_id}").json

    wait_until(lambda: shown()["status"] == "failure", "the task has ended")
    assert "start from an image" in shown()["message"]


def test_a_member_sees_its_own_tasks_only_where_a_policy_lets_it_look(
    tmp_path: Any,
) -> None:
    (tmp_path / "policy.yaml").write_text('"tasks_api_access": ""\n')
    service = Service.configured(tmp_path)
    own, foreign = has(service, owner="owner"), has(service, owner="other")

    assert [task["id"] for task in service.get("/v2/tasks").json["tasks"]] == [own.id]
    assert service.get(f"/v2/tasks/{own.id}").status == 200
    assert service.get(f"/v2/tasks/{foreign.id}").status == 403


@pytest.mark.parametrize(
    ("visibility", "status"), [("public", 403), ("community", 201), ("private", 201)]
)
def test_members_make_by_tasks_no_images_that_they_cannot_make_otherwise(
    tmp_path: Any, visibility: str, status: int
) -> None:
    (tmp_path / "policy.yaml").write_text('"tasks_api_access": ""\n')
    service = Service.configured(tmp_path)
    given = {**OLD_IMPORT["input"], "image_properties": {"visibility": visibility}}

    assert post(service, type="import", input=given).status == status


# ---------------------------------------------------------------------- the tasks of an image


@each(
    {
        "the owner": (lambda s: s.get(f"/v2/images/{s.an_image()}/tasks"), 200),
        "a reader": (lambda s: s.seen_by(READER).get(f"/v2/images/{s.an_image()}/tasks"), 200),
        "a stranger": (lambda s: s.seen_by(OTHER).get(f"/v2/images/{s.an_image()}/tasks"), 404),
        "an unknown image": (lambda s: s.get(f"/v2/images/{NO_SUCH_ID}/tasks"), 404),
        "a body": (lambda s: s.ask("GET", f"/v2/images/{s.an_image()}/tasks", b"{}"), 400),
        "another verb": (lambda s: s.ask("POST", f"/v2/images/{s.an_image()}/tasks"), 404),
    }
)
def test_who_is_shown_the_tasks_of_an_image(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_tasks_of_an_image_have_the_form_of_rows(service: Service) -> None:
    image_id = service.an_image()
    task = has(service, owner="owner", image_id=image_id, input={"a": 1})

    assert service.get(f"/v2/images/{image_id}/tasks").json == {
        "tasks": [
            {
                "id": task.id,
                "type": "location_import",
                "status": "pending",
                "owner": "owner",
                "expires_at": None,
                "created_at": "2024-05-17T12:30:15.250000",
                "updated_at": "2024-05-17T12:30:15.250000",
                "deleted_at": None,
                "deleted": False,
                "image_id": image_id,
                "request_id": None,
                "user_id": None,
                "input": {"a": 1},
                "result": None,
                "message": "",
            }
        ]
    }


def test_tasks_of_others_are_shown_to_administrators_only(service: Service) -> None:
    image_id = service.an_image()
    for owner in ("owner", "operators"):
        has(service, owner=owner, image_id=image_id)

    def owners(caller: Any) -> list[str]:
        answer = service.seen_by(caller).get(f"/v2/images/{image_id}/tasks")
        return [task["owner"] for task in answer.json["tasks"]]

    assert owners(OWNER) == ["owner"]
    assert owners(READER) == ["owner"]
    assert sorted(owners(ADMIN)) == ["operators", "owner"]


# ---------------------------------------------------------------------- schemas


def test_the_schema_says_what_tasks_there_are(service: Service) -> None:
    document = service.get("/v2/schemas/task").json

    properties = document["properties"]
    assert document["name"] == "task"
    assert properties["type"]["enum"] == ["import", "api_image_import", "location_import"]
    assert properties["status"]["enum"] == ["pending", "processing", "success", "failure"]
    assert set(properties) == {
        *STUB,
        *("input", "result", "message", "image_id", "request_id", "user_id", "expires_at"),
    }
    assert service.get("/v2/schemas/tasks").json["properties"]["tasks"]["items"] == document


def test_a_request_id_is_that_of_the_answer(operator: Service) -> None:
    answer = post(operator, **OLD_IMPORT)
    assert answer.json["request_id"] == answer.headers["x-openstack-request-id"]
    assert re.fullmatch(r"req-[0-9a-f-]{36}", answer.json["request_id"])


# ---------------------------------------------------------------------- calling off, and again


def importing(service: Service) -> str:
    """Ask for an import that nobody works on; return its task."""
    service.container.task_queue().stop(0)
    image_id = service.an_image()
    body = {"method": {"name": "web-download", "uri": "http://192.0.2.1/disk"}}
    answer = service.send("POST", f"/v2/images/{image_id}/import", body)
    assert answer.status == 202
    return answer.headers["OpenStack-image-import-task-id"]


@pytest.mark.parametrize(
    ("caller", "status"),
    [(OWNER, 202), (ADMIN, 202), (READER, 403), (OTHER, 404)],
    ids=["who began it", "an administrator", "a reader of the project", "somebody else"],
)
def test_who_may_cancel(service: Service, caller: Headers, status: int) -> None:
    task_id = importing(service)
    assert service.seen_by(caller).ask("POST", f"/v2/tasks/{task_id}/cancel").status == status


def test_a_task_that_is_cancelled_says_so(service: Service) -> None:
    task_id = importing(service)
    answer = service.ask("POST", f"/v2/tasks/{task_id}/cancel")
    assert (answer.json["id"], answer.json["message"]) == (task_id, "The task was cancelled.")


def test_what_has_ended_is_not_cancelled(service: Service) -> None:
    task = has(service, owner="owner", status=TaskStatus.SUCCESS, expires_at=LATER)
    assert service.ask("POST", f"/v2/tasks/{task.id}/cancel").status == 409
    assert service.ask("POST", f"/v2/tasks/{NO_SUCH_ID}/cancel").status == 404


def test_what_failed_is_sent_again_under_another_id(service: Service) -> None:
    service.container.task_queue().stop(0)
    image_id = service.an_image()
    body = {"method": {"name": "web-download", "uri": "http://192.0.2.1/disk"}, "more": 1}
    given = {"image_id": image_id, "import_req": body, "backend": ["more"]}
    failed = has(
        service,
        **{"owner": "owner", "status": TaskStatus.FAILURE, "expires_at": LATER},
        **{"type": "api_image_import", "image_id": image_id, "input": given},
    )
    assert service.seen_by(OTHER).ask("POST", f"/v2/tasks/{failed.id}/retry").status == 404
    answer = service.ask("POST", f"/v2/tasks/{failed.id}/retry")
    assert (answer.status, answer.json["input"]["backend"]) == (202, ["more"])
    assert answer.headers["OpenStack-image-import-task-id"] == answer.json["id"] != failed.id
    assert service.ask("POST", f"/v2/tasks/{failed.id}/retry").status == 409


def test_what_nobody_could_send_again_is_refused(service: Service) -> None:
    facts: dict[str, Any] = {"owner": "owner", "expires_at": LATER}
    old = has(service, type="import", status=TaskStatus.FAILURE, **facts)
    done = has(service, type="api_image_import", status=TaskStatus.SUCCESS, **facts)
    assert service.ask("POST", f"/v2/tasks/{old.id}/retry").status == 400
    assert service.ask("POST", f"/v2/tasks/{done.id}/retry").status == 409

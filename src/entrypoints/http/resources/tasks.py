"""Work that goes on after its request was answered."""

from dataclasses import dataclass
from typing import Any, ClassVar

import falcon
from falcon import Request, Response

from tintype.application.tasks.create import CreateTask
from tintype.application.tasks.find import ListTasks, ListTasksOfImage, ShowTask
from tintype.application.tasks.steer import CancelTask, RetryTask
from tintype.domain.ports.fellow_workers import PassedOn
from tintype.domain.task import TaskType
from tintype.entrypoints.http import json, passed_on
from tintype.entrypoints.http.openapi.operation import CHANGED, Described, Operation, json_of
from tintype.entrypoints.http.schemas import task as schemas
from tintype.entrypoints.http.schemas.member import load
from tintype.entrypoints.http.schemas.query import Paging, link, parse_query_string


@dataclass(frozen=True)
class Tasks:
    """`/v2/tasks`"""

    described: ClassVar[Described] = {
        "GET": Operation("List tasks", {200: json_of("Tasks")}, (403, 404)),
        "POST": Operation(
            "Create a task",
            {201: json_of("Task")},
            (403, 404),
            body=json_of("NewTask"),
            headers=("Location",),
        ),
    }

    create: CreateTask
    find: ListTasks
    paging: Paging

    def on_get(self, req: Request, resp: Response) -> None:
        """List tasks (import-and-tasks §17)."""
        pairs = parse_query_string(req.query_string)
        query = schemas.load_task_query(pairs, self.paging)
        page = self.find(req.context.caller, query)
        body: dict[str, Any] = {
            "tasks": [schemas.dump_stub(task) for task in page.tasks],
            "first": link(pairs, path=schemas.PATH),
            "schema": "/v2/schemas/tasks",
        }
        if page.next_marker is not None:
            body["next"] = link(pairs, page.next_marker, query.limit, path=schemas.PATH)
        json.answer(resp, body)

    def on_post(self, req: Request, resp: Response) -> None:
        """Create a task (import-and-tasks §17)."""
        body = load(schemas.NEW_TASK, json.read(req))
        kind = TaskType(body["type"])
        task = self.create(req.context.caller, kind, body["input"], req.context.request_id)
        resp.status = falcon.HTTP_201
        resp.location = f"{req.prefix}{schemas.PATH}/{task.id}"
        json.answer(resp, schemas.dump(task))


@dataclass(frozen=True)
class OneTask:
    """`/v2/tasks/{task_id}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Show a task", {200: json_of("Task")}, (403, 404)),
    }

    show: ShowTask

    def on_get(self, req: Request, resp: Response, task_id: str) -> None:
        """Show a task (import-and-tasks §17)."""
        json.refuse_body(req)
        json.answer(resp, schemas.dump(self.show(req.context.caller, task_id)))


@dataclass(frozen=True)
class CancelledTask:
    """`/v2/tasks/{task_id}/cancel`"""

    described: ClassVar[Described] = {
        "POST": Operation("Let a task come to nothing", {202: json_of("Task")}, CHANGED),
    }

    cancel: CancelTask

    def on_post(self, req: Request, resp: Response, task_id: str) -> None:
        """Call a task off; it ends a moment later."""
        json.refuse_body(req)
        json.answer(resp, schemas.dump(self.cancel(req.context.caller, task_id)))
        resp.status = falcon.HTTP_202


@dataclass(frozen=True)
class RetriedTask:
    """`/v2/tasks/{task_id}/retry`"""

    described: ClassVar[Described] = {
        "POST": Operation(
            "Send the request of a task again that failed",
            {202: json_of("Task")},
            (*CHANGED, 413, 502, 504),
            headers=(passed_on.TASK_HEADER,),
        ),
    }

    retry: RetryTask

    def on_post(self, req: Request, resp: Response, task_id: str) -> None:
        """Send a request again; the answer is its new task."""
        json.refuse_body(req)
        begun = self.retry(req.context.caller, task_id, req.context.request_id)
        if isinstance(begun, PassedOn):
            passed_on.answer(req, resp, begun)
            return
        resp.set_header(passed_on.TASK_HEADER, begun.id)
        json.answer(resp, schemas.dump(begun))
        resp.status = falcon.HTTP_202


@dataclass(frozen=True)
class TasksOfImage:
    """`/v2/images/{image_id}/tasks`; with other verbs the path counts as unknown."""

    described: ClassVar[Described] = {
        "GET": Operation("List the tasks of an image", {200: json_of("TasksOfImage")}, (404,)),
    }

    others_unknown: ClassVar = True

    find: ListTasksOfImage

    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """List what was and is being done with an image (images-api §12)."""
        json.refuse_body(req)
        tasks = self.find(req.context.caller, image_id)
        json.answer(resp, {"tasks": [schemas.dump_row(task) for task in tasks]})

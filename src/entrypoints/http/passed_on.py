"""Requests that go on to another worker, and its answers (contract, between workers)."""

from http import HTTPStatus

from falcon import Request, Response

from tintype.domain.ports.fellow_workers import PASSED_ON, PassedOn
from tintype.entrypoints.http.middleware import request_id

TASK_HEADER = "OpenStack-image-import-task-id"


def here(req: Request) -> bool:
    """Tell whether another worker sent the request here."""
    return req.get_header(PASSED_ON) is not None


def answer(req: Request, resp: Response, given: PassedOn) -> None:
    """Hand an answer back as it came, with the id under which the other worker knows it."""
    resp.status = f"{given.status} {given.reason}"
    if given.status != HTTPStatus.NO_CONTENT:
        resp.content_type = given.content_type or "text/html; charset=UTF-8"
        resp.data = given.body
    if given.request_id:
        req.context.request_id = given.request_id
        # Also with 401: somebody was let in here, and the id leads to what the other one logged.
        resp.set_header(request_id.HEADER, given.request_id)
    if given.task_id:
        resp.set_header(TASK_HEADER, given.task_id)

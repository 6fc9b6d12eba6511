"""The id of a request, from the client or new, in every log line and answer."""

import logging
import os
import random
from uuid import UUID

import falcon
from falcon import Request, Response

from tintype.entrypoints.http.errors import render

LOG = logging.getLogger("tintype.http")
HEADER = "X-Openstack-Request-Id"
PREFIX = "req-"


class RequestId:
    """Takes the client's request id over, or makes one (images-api §1)."""

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def process_request(self, req: Request, resp: Response) -> None:
        """Give the request its id."""
        if req.context.get("public"):
            return
        given = req.get_header(HEADER)
        if given and len(given) > self._longest:
            render(req, resp, 431, f"A request id has at most {self._longest} characters.")
            resp.complete = True
            return
        if not given:
            req.context.request_id = PREFIX + _new_id()
        else:
            req.context.request_id = given if given.startswith(PREFIX) else PREFIX + given

    def process_response(
        self, req: Request, resp: Response, resource: object, succeeded: bool
    ) -> None:
        """Tell the client the id, unless nobody was let in."""
        request_id = req.context.get("request_id")
        LOG.debug("%s %s answered %s (%s)", req.method, req.path, resp.status, request_id)
        if request_id and resp.status != falcon.HTTP_401:
            resp.set_header("x-openstack-request-id", request_id)


# A name for log lines and no secret; the kernel's randomness would cost a change of thread.
_random = random.Random()
# A server may fork after this was imported: its processes would all give the same ids.
os.register_at_fork(after_in_child=_random.seed)


def _new_id() -> str:
    return str(UUID(int=_random.getrandbits(128), version=4))

"""The bodies of requests about definitions."""

from typing import Any

from falcon import Request

from tintype.domain.errors import Invalid
from tintype.entrypoints.http import json


def read(req: Request) -> Any:
    """Return the JSON value in the body; raises as `json.read`, in the words of this API."""
    if not json.has_body(req):
        raise Invalid("Body expected in request.")
    return json.read(req)

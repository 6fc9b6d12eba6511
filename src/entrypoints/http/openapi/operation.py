"""How a resource says what it answers: one `Operation` a method, in its table `described`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
OCTETS = "application/octet-stream"
TEXT = "text/plain"

Described = Mapping[str, "Operation"]
"""The table of a resource: HTTP method to what it does."""

Parameter = Mapping[str, Any]
"""An OpenAPI parameter object."""


def header(name: str, description: str, kind: str = "string") -> Parameter:
    """Describe a request header that may be there."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": kind}}


IF_MATCH = header("If-Match", "Do it only if the image has this entity tag.")
IF_NONE_MATCH = header("If-None-Match", "Leave the body out if the image has this entity tag.")
RANGE = header("Range", "One range of bytes, such as `bytes=0-1023`.")
PREFER: Parameter = {
    "name": "prefer",
    "in": "query",
    "description": "Names of stores to read from first, with commas.",
    "schema": {"type": "string"},
}


SEEN = (403, 404)
CHANGED = (403, 404, 409)
"""Refusals that are usual where something is looked at, and where it is changed."""


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    `answers`: for each status of success what its body is, by media type: the name of a schema
    in `document.py`; nothing where there is no body. `refusals`: statuses that are answered by
    an error; those that any call may meet need not be named. `body` is of the request.
    """

    summary: str
    answers: Mapping[int, Mapping[str, str]]
    refusals: Sequence[int] = ()
    body: Mapping[str, str] = field(default_factory=dict)
    parameters: Sequence[Parameter] = ()
    headers: Sequence[str] = ()
    public: bool = False


def json_of(schema: str) -> Mapping[str, str]:
    """Say that a body is JSON of that schema."""
    return {JSON: schema}

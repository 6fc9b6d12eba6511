"""JSON in and out: UTF-8, non-ASCII unescaped, times in whole seconds."""

from typing import Any

import orjson
from falcon import Request, Response

from tintype.domain.errors import Invalid, LimitExceeded
from tintype.entrypoints.http.body import RequestBody, is_ended_by_server

MEDIA_TYPE = "application/json"
MAX_BODY = 8 << 20
"""Bytes of the largest JSON body that is read; images and patches stay far below it."""

ENCODINGS = frozenset({"chunked", "compress", "deflate", "gzip", "identity"})
"""In which a body may come (images-api §1)."""

MAX_DEPTH = 100
"""Levels of arrays and objects: what is kept has to fit into answers, which nest a few more."""

PIECE = 1 << 16

_OPTIONS = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


def dumps(value: Any) -> bytes:
    """Write a value; datetimes become `YYYY-MM-DDThh:mm:ssZ`."""
    return orjson.dumps(value, option=_OPTIONS)


def dumps_sorted(value: Any) -> bytes:
    """Write a value with the keys of its objects in order, so that equals look the same."""
    return orjson.dumps(value, option=_OPTIONS | orjson.OPT_SORT_KEYS)


def answer(resp: Response, value: Any) -> None:
    """Make a value the JSON body of a response."""
    resp.data = dumps(value)
    resp.content_type = MEDIA_TYPE


def has_body(req: Request) -> bool:
    """Tell whether a request has a body, as images-api §1 defines it.

    Where only the server knows the end of a body, one of which no byte comes is none.

    Raises:
        BrokenSource: the client left before the first byte.
    """
    if req.content_length:
        return True
    encodings = (req.get_header("Transfer-Encoding") or "").lower().split(",")
    if req.method not in ("POST", "PUT", "PATCH"):
        return False
    return any(it.strip() in ENCODINGS for it in encodings) or _has_unannounced_body(req)


def _has_unannounced_body(req: Request) -> bool:
    return is_ended_by_server(req) and not RequestBody.of(req).is_empty()


def refuse_body(req: Request) -> None:
    """Raise Invalid if a request has a body where none is allowed."""
    if has_body(req):
        raise Invalid("A body is not expected with this request.")


def read(req: Request) -> Any:
    """Return the JSON value in the body, whatever its Content-Type says.

    Raises:
        Invalid: there is none, or it is malformed.
        BrokenSource: the client left before its end.
        LimitExceeded: it is larger than any honest one.
    """
    return parse(read_bytes(req))


def parse(body: bytes) -> Any:
    """Return the JSON value that a body is; raise Invalid if it is malformed."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"Malformed JSON in request body: {error}") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Invalid(f"JSON in a request body may be nested {MAX_DEPTH} levels deep.")
    return value


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level := [it for it in level if isinstance(it, list | dict)]:
        depth += 1
        level = [part for it in level for part in (it.values() if isinstance(it, dict) else it)]
    return depth


def read_bytes(req: Request) -> bytes:
    """Return the body as it was received; `parse` makes a value of it.

    Raises:
        Invalid: there is none.
        BrokenSource: the client left before its end.
        LimitExceeded: it is larger than any honest one.
    """
    if not has_body(req):
        raise Invalid("The request must have a JSON body.")
    source = RequestBody.of(req)
    piece = memoryview(bytearray(min(req.content_length or PIECE, PIECE)))
    body = bytearray()
    while count := source.readinto(piece):
        body += piece[:count]
        if len(body) > MAX_BODY:
            raise LimitExceeded(f"A JSON body has at most {MAX_BODY} bytes.")
    return bytes(body)

"""Errors as answers: one table from what was wrong to its status, one form for its sentence."""

import html
import logging
from typing import Any

import falcon
from falcon import Request, Response

from tintype.domain.errors import (
    BadConfiguration,
    CatalogueUnavailable,
    Conflict,
    DataKept,
    Forbidden,
    FormatMismatch,
    IdentityUnavailable,
    ImageGone,
    Invalid,
    LimitExceeded,
    LimitsMisconfigured,
    LimitsUnavailable,
    NoData,
    NotFound,
    PreconditionFailed,
    QueueUnavailable,
    RangeNotSatisfiable,
    StoreNotWritable,
    StoreSuspended,
    StoreUnavailable,
    TintypeError,
    Unauthenticated,
    WorkerGarbled,
    WorkerSilent,
)
from tintype.entrypoints.http import json

LOG = logging.getLogger("tintype.http")

STATUS: dict[type[TintypeError], int] = {
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    NoData: 204,
    Conflict: 409,
    ImageGone: 410,
    StoreNotWritable: 410,
    PreconditionFailed: 412,
    LimitExceeded: 413,
    FormatMismatch: 415,
    RangeNotSatisfiable: 416,
    StoreUnavailable: 503,
    CatalogueUnavailable: 503,
    IdentityUnavailable: 503,
    LimitsUnavailable: 503,
    LimitsMisconfigured: 500,
    DataKept: 500,
    QueueUnavailable: 503,
    WorkerGarbled: 502,
    WorkerSilent: 504,
    BadConfiguration: 500,
}
"""The status of each kind of error and of those below it that have no row of their own."""

_JSON, _PLAIN, _HTML = "application/json", "text/plain", "text/html"


def status_of(error: TintypeError) -> int:
    """Return the status with which an error is answered."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def refuse(req: Request, resp: Response, error: TintypeError, params: dict[str, Any]) -> None:
    """Answer a domain error with its status and sentence."""
    status = status_of(error)
    if status == 204:
        resp.status = falcon.HTTP_204
        return
    if isinstance(error, RangeNotSatisfiable) and error.size is not None:
        resp.set_header("Content-Range", f"bytes */{error.size}")
    if isinstance(error, StoreSuspended):
        resp.set_header("Retry-After", str(error.retry_after_s))
    render(req, resp, status, str(error))


def refuse_http(
    req: Request, resp: Response, error: falcon.HTTPError, params: dict[str, Any]
) -> None:
    """Answer an error of the framework's own in the same form."""
    if error.headers:
        resp.set_headers(error.headers)
    render(req, resp, error.status_code, error.description or error.title or "")


def fail(req: Request, resp: Response, error: Exception, params: dict[str, Any]) -> None:
    """Answer what nobody foresaw: the log has the details, the caller none."""
    LOG.error("Unexpected failure of %s %s", req.method, req.path, exc_info=error)
    render(req, resp, 500, "The server has an error and cannot answer this request.")


def render(req: Request, resp: Response, status: int, message: str) -> None:
    """Write an error in the form that the caller prefers (images-api §1, error body)."""
    line = falcon.code_to_http_status(status)
    title = line.partition(" ")[2]
    resp.status = line
    preferred = _preferred(req.get_header("Accept"))
    resp.content_type = preferred if preferred == _JSON else f"{preferred}; charset=utf-8"
    if preferred == _JSON:
        resp.data = json.dumps({"error": {"code": status, "title": title, "message": message}})
    elif preferred == _HTML:
        told = html.escape(message, quote=False)
        page = (
            f"<html><head><title>{status} {title}</title></head>"
            f"<body><h1>{status} {title}</h1>{told}</body></html>"
        )
        resp.data = page.encode()
    else:
        resp.data = f"{status} {title}\n\n{message}\n\n   ".encode()


def _preferred(accept: str | None) -> str:
    if not accept or accept.strip() in ("", "*/*", _JSON):
        return _JSON
    try:
        best = falcon.mediatypes.best_match([_JSON, _PLAIN, _HTML], accept)
    except (ValueError, falcon.InvalidMediaRange, falcon.InvalidMediaType):
        return _PLAIN
    return best or _PLAIN

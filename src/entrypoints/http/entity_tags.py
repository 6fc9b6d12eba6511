"""Entity tags: what an answer showed, in a few characters (RFC 9110 §8.8 and §13).

A tag is a digest of the body. So it changes with whatever a caller is shown, by whomever it
was changed, and callers who are shown different things get different tags. See decision 0010.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import falcon
from falcon import Request, Response

from tintype.application.images.condition import Unchanged
from tintype.domain.image import Image
from tintype.entrypoints.http import json

LENGTH = 32
PACKED = "-gzip"
"""Ends the tag of a packed answer: other bytes have another strong tag (RFC 9110 §8.8.3.3)."""

Shown = dict[str, Any]


def answer(resp: Response, shown: Shown) -> None:
    """Make an image the body of a response, with its tag."""
    body = _write(shown)
    resp.data = body
    resp.content_type = json.MEDIA_TYPE
    resp.set_header("ETag", f'"{_digest(body)}"')


def answer_unchanged(req: Request, resp: Response) -> None:
    """Leave the body of an answer out if the client says that it has it (`If-None-Match`)."""
    known = req.if_none_match
    if known is None:
        return
    tag = str(resp.get_header("ETag")).strip('"')
    for each in known:
        if each == "*" or _plain(each) == tag:
            resp.status = falcon.HTTP_304
            resp.data = None
            resp.content_type = None
            resp.set_header("ETag", f'"{tag if each == "*" else str(each)}"')
            return


def unchanged(req: Request, show: Callable[[Image], Shown]) -> Unchanged | None:
    """Return what `If-Match` asks of an image, as `show` shows it; None if it asks nothing.

    `*` asks for no more than that there is one. A weak tag promises too little to match.
    """
    known = req.if_match
    if known is None or "*" in known:
        return None
    expected = {_plain(tag) for tag in known if isinstance(tag, falcon.ETag) and not tag.is_weak}
    return lambda image: _digest(_write(show(image))) in expected


def mark_packed(resp: Response) -> None:
    """Tell the tag of an answer that was packed from that of the answer as it was."""
    tag = resp.get_header("ETag")
    if tag is not None:
        resp.set_header("ETag", f'{tag[:-1]}{PACKED}"')


def _write(shown: Shown) -> bytes:
    # The same image must look the same, whatever order a database gives its parts in.
    shown["tags"] = sorted(shown["tags"])
    return json.dumps_sorted(shown)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:LENGTH]


def _plain(tag: str) -> str:
    return tag.removesuffix(PACKED)

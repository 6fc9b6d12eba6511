"""The data of an image."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.image_data import Download, DownloadImageData, UploadImageData
from tintype.domain.byte_range import ByteRange
from tintype.domain.errors import Invalid
from tintype.domain.ports.storage_driver import ReadStream
from tintype.entrypoints.http import json
from tintype.entrypoints.http.body import RequestBody
from tintype.entrypoints.http.openapi.operation import (
    OCTETS,
    PREFER,
    RANGE,
    Described,
    Operation,
    header,
)
from tintype.entrypoints.http.schemas.query import parse_query_string

SIZE_HEADER = "x-openstack-image-size"
STORE_HEADER = "x-image-meta-store"
_ONE_RANGE = r"\s*(\d*)\s*-\s*(\d*)\s*"
_RANGE = re.compile(f"bytes={_ONE_RANGE}", re.ASCII)
_SEVERAL = re.compile(f"bytes={_ONE_RANGE}(,{_ONE_RANGE})+", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes\s+(\d+)-(\d+)/(\d+|\*)", re.ASCII)
_DIGITS = 30
"""More than any size has; int() refuses thousands of them."""


@dataclass(frozen=True)
class ImageFile:
    """`/v2/images/{image_id}/file`"""

    described: ClassVar[Described] = {
        "PUT": Operation(
            "Upload the data of an image",
            {204: {}},
            (403, 404, 409, 410, 413, 415),
            body={OCTETS: "Data"},
            parameters=(
                header(SIZE_HEADER, "Bytes to come, if Content-Length does not say.", "integer"),
                header(STORE_HEADER, "The store to put them into."),
            ),
        ),
        "GET": Operation(
            "Download the data of an image",
            {200: {OCTETS: "Data"}, 204: {}, 206: {OCTETS: "Data"}},
            (403, 404, 416),
            parameters=(RANGE, PREFER),
            headers=("Accept-Ranges", "Content-MD5", "Content-Range"),
        ),
    }

    upload: UploadImageData
    download: DownloadImageData
    multiple_stores: bool

    def on_put(self, req: Request, resp: Response, image_id: str) -> None:
        """Take the data of an image (images-api §8.1)."""
        require_octets(req)
        self.upload(
            req.context.caller,
            image_id,
            RequestBody.of(req),
            size=announced_size(req),
            store=req.get_header(STORE_HEADER) if self.multiple_stores else None,
        )
        resp.status = falcon.HTTP_204

    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """Hand the data of an image out, or a part of it (images-api §8.2)."""
        json.refuse_body(req)
        byte_range = wanted_range(req)
        prefer = wanted_stores(req)
        download = self.download(req.context.caller, image_id, byte_range, prefer)
        announce(resp, download, partial=byte_range is not None)
        stream = download.stream
        # A real file goes to the server whole, which lets the kernel send it.
        resp.stream = stream if hasattr(stream, "fileno") else Pieces(stream)


class Pieces:
    """A stream without a file behind it, given out piece by piece."""

    def __init__(self, stream: ReadStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        """Let go of the stream, also when the reader has left."""
        self._stream.close()


def announce(resp: Response, download: Download, *, partial: bool) -> None:
    """Write the head of an answer with data (images-api §8.2)."""
    resp.content_type = OCTETS
    resp.set_header("Accept-Ranges", "bytes")
    if download.image.checksum:
        resp.set_header("Content-MD5", download.image.checksum)
    first, length = download.span
    if partial:
        resp.status = falcon.HTTP_206
        resp.set_header("Content-Range", f"bytes {first}-{first + length - 1}/{download.size}")
    resp.content_length = length


def require_octets(req: Request) -> None:
    """Answer 415 unless the body is said to be plain bytes."""
    media_type = (req.content_type or "").partition(";")[0].strip().lower()
    if media_type != OCTETS:
        raise falcon.HTTPUnsupportedMediaType(
            description=f"Image data must be of type {OCTETS}, not '{media_type}'."
        )


def announced_size(req: Request) -> int | None:
    """Return how many bytes the client says it will send; None if it does not.

    A header of 0 says nothing (import-and-tasks §15).

    Raises:
        Invalid: it says so in words that are no number, or says two numbers.
    """
    text = req.get_header(SIZE_HEADER)
    length = req.content_length
    if text is None:
        return length
    if not re.fullmatch(r"\d{1,30}", text.strip(), re.ASCII):
        raise Invalid(f"{SIZE_HEADER} must be a number of bytes, not '{text}'.")
    size = int(text) or length
    if length not in (None, size):
        raise Invalid(f"{SIZE_HEADER} says {size} bytes and Content-Length {length}: send one.")
    return size


def wanted_stores(req: Request) -> list[str]:
    """Return the names of the stores that the data should come from, empty ones left out."""
    if not req.query_string:
        return []
    pairs = parse_query_string(req.query_string)
    names = (name for key, text in pairs if key == "prefer" for name in text.split(","))
    return [name.strip() for name in names if name.strip()]


def wanted_range(req: Request) -> ByteRange | None:
    """Return the part of the data that is asked for; None for all of it."""
    text = req.get_header("Range")
    if text is not None:
        return parse_range(text)
    text = req.get_header("Content-Range")
    return None if text is None else parse_content_range(text)


def parse_range(text: str) -> ByteRange:
    """Read a header `Range` (RFC 9110 §14.2)."""
    match = _RANGE.fullmatch(text.strip())
    first, last = match.groups() if match else ("", "")
    several = _SEVERAL.fullmatch(text.strip()) is not None
    return ByteRange(_number(first), _number(last), text, several=several)


def parse_content_range(text: str) -> ByteRange:
    """Read a request header `Content-Range`, an older way of asking (images-api §8.2)."""
    match = _CONTENT_RANGE.fullmatch(text.strip())
    first, last = match.groups()[:2] if match else ("", "")
    return ByteRange(_number(first), _number(last), text, exact=True)


def _number(digits: str) -> int | None:
    significant = digits.lstrip("0")
    if len(significant) > _DIGITS:
        significant = "9" * _DIGITS
    return int(significant or 0) if digits else None

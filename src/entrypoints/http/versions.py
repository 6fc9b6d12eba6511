"""Which versions of the API there are, and how a path names one (images-api §2)."""

import re
from collections.abc import Mapping
from typing import Any

import falcon
from falcon import Request, Response

from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import Described, Operation, json_of

ALWAYS = ("2.17", "2.15", "2.9", *(f"2.{minor}" for minor in range(7, -1, -1)))
WITH_CACHE = ("2.18", "2.16", "2.14")
WITH_BACKENDS = ("2.13", "2.12", "2.11", "2.10", "2.8")
OUTSIDE = ("/healthcheck", "/openapi.json", "/docs")
DESCRIBED: Mapping[str, Described] = {
    "/": {"GET": Operation("List versions", {300: json_of("Versions")}, public=True)},
    "/versions": {"GET": Operation("List versions", {200: json_of("Versions")}, public=True)},
    "/v2": {"GET": Operation("Lead to the API", {302: {}}, headers=("Location",), public=True)},
}
"""What is answered here, whatever the method."""

_MEDIA_TYPE = re.compile(r"application/vnd\.openstack\.images-v(2(?:\.\d+)?)(?:$|[\s,;+])")


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


class Versions:
    """Sends a request to the API under whatever name of it, or tells what there is.

    What it answers itself needs no identity; `req.context.public` says so to the rest.
    """

    def __init__(
        self, *, public_endpoint: str | None, with_cache: bool, with_backends: bool
    ) -> None:
        ids = [
            *ALWAYS,
            *(WITH_CACHE if with_cache else ()),
            *(WITH_BACKENDS if with_backends else ()),
        ]
        self._ids = sorted(ids, key=_minor, reverse=True)
        self._names = frozenset({"v2", *(f"v{version}" for version in ids)})
        self._public_endpoint = public_endpoint and public_endpoint.rstrip("/")

    def process_request(self, req: Request, resp: Response) -> None:
        """Route by version; answer requests that name none."""
        path: str = req.path
        head, slash, rest = path[1:].partition("/")
        if head == "v2" and slash:
            return
        if path in OUTSIDE:
            req.context.public = True
        elif head in self._names:
            self._enter(req, resp, rest, slash)
        elif head == "versions":
            self._tell(req, resp, falcon.HTTP_200)
        elif self._named_by_media_type(req) and head:
            req.path = f"/v2{path}"
        else:
            self._tell(req, resp, falcon.HTTP_300)

    def _enter(self, req: Request, resp: Response, rest: str, slash: str) -> None:
        if slash:
            req.path = f"/v2/{rest}"
        else:
            req.context.public = True
            resp.status = falcon.HTTP_302
            resp.location = f"{self._base(req)}{req.path}/"
            resp.complete = True

    def _named_by_media_type(self, req: Request) -> bool:
        match = _MEDIA_TYPE.search(req.get_header("Accept") or "")
        return match is not None and f"v{match[1]}" in self._names

    def _base(self, req: Request) -> str:
        return self._public_endpoint or f"{req.scheme}://{req.netloc}{req.root_path}"

    def _tell(self, req: Request, resp: Response, status: str) -> None:
        req.context.public = True
        resp.status = status
        json.answer(resp, {"versions": self._entries(f"{self._base(req)}/v2/")})
        resp.complete = True

    def _entries(self, href: str) -> list[dict[str, Any]]:
        return [
            {
                "id": f"v{version}",
                "status": "CURRENT" if version == self._ids[0] else "SUPPORTED",
                "links": [{"rel": "self", "href": href}],
            }
            for version in self._ids
        ]

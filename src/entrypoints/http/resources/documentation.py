"""The description of the API, for programs and for people."""

from collections.abc import Callable
from functools import cached_property
from importlib.resources import files
from typing import Any, ClassVar

from falcon import Request, Response

from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import Described, Operation, json_of


class OpenApi:
    """`/openapi.json`"""

    described: ClassVar[Described] = {
        "GET": Operation("Describe the API", {200: json_of("OpenApi")}, public=True)
    }

    def __init__(self, describe: Callable[[], dict[str, Any]]) -> None:
        self._describe = describe

    @cached_property
    def _body(self) -> bytes:
        # Made when it is first asked for: most processes never are.
        return json.dumps(self._describe())

    def on_get(self, req: Request, resp: Response) -> None:
        """Show the document."""
        resp.data = self._body
        resp.content_type = json.MEDIA_TYPE


class Page:
    """`/docs`: the same document as a page that needs nothing else from anywhere."""

    described: ClassVar[Described] = {
        "GET": Operation("Browse the API", {200: {"text/html": "Text"}}, public=True)
    }

    @cached_property
    def _body(self) -> bytes:
        return files("tintype.entrypoints.http.openapi").joinpath("page.html").read_bytes()

    def on_get(self, req: Request, resp: Response) -> None:
        """Show the page."""
        resp.data = self._body
        resp.content_type = "text/html; charset=utf-8"

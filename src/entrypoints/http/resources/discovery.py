"""What clients find out before they begin."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import falcon
from falcon import Request, Response

from tintype.application.stores import DescribeStores, ListStores
from tintype.application.usage import ShowUsage
from tintype.domain.store import Store
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import TEXT, Described, Operation, json_of


class Document:
    """A fixed JSON document, written once."""

    def __init__(
        self, document: Any, summary: str = "Show a JSON schema", schema: str = "JsonSchema"
    ) -> None:
        self._body = json.dumps(document)
        self.described: Described = {"GET": Operation(summary, {200: json_of(schema)})}

    def on_get(self, req: Request, resp: Response) -> None:
        """Show it."""
        json.refuse_body(req)
        resp.data = self._body
        resp.content_type = json.MEDIA_TYPE


def import_methods(methods: tuple[str, ...]) -> Document:
    """Return the document of `/v2/info/import` (images-api §12)."""
    return Document(
        {
            "import-methods": {
                "description": "Import methods available.",
                "type": "array",
                "value": list(methods),
            }
        },
        "List import methods",
        "ImportMethods",
    )


@dataclass(frozen=True)
class StoresInfo:
    """`/v2/info/stores`"""

    described: ClassVar[Described] = {
        "GET": Operation("List stores", {200: json_of("Stores")}, (404,))
    }

    find: ListStores

    def on_get(self, req: Request, resp: Response) -> None:
        """List the stores that data can be put into (images-api §12)."""
        json.refuse_body(req)
        json.answer(resp, {"stores": [_dump(store) for store in self.find()]})


@dataclass(frozen=True)
class StoresDetail:
    """`/v2/info/stores/detail`"""

    described: ClassVar[Described] = {
        "GET": Operation("Tell how stores are set up", {200: json_of("StoresDetail")}, (403, 404))
    }

    describe: DescribeStores

    def on_get(self, req: Request, resp: Response) -> None:
        """Tell how the stores are set up (images-api §12)."""
        json.refuse_body(req)
        stores = [_dump_detail(store) for store in self.describe(req.context.caller)]
        json.answer(resp, {"stores": stores})


def _dump(store: Store) -> dict[str, Any]:
    shown = {"id": store.id}
    if store.description is not None:
        shown["description"] = store.description
    if store.default:
        shown["default"] = "true"
    if store.read_only:
        shown["read-only"] = "true"
    return shown


def _dump_detail(store: Store) -> dict[str, Any]:
    health = {"condition": store.health.condition.value}
    if store.health.reason is not None:
        health["reason"] = store.health.reason
    about = {"type": store.type, "weight": store.weight, "properties": dict(store.properties)}
    now = {"capabilities": list(store.capabilities), "health": health}
    return _dump(store) | about | now


@dataclass(frozen=True)
class UsageInfo:
    """`/v2/info/usage`; with other verbs the path counts as unknown (images-api §1)."""

    described: ClassVar[Described] = {
        "GET": Operation("Show what a project has and may have", {200: json_of("Usage")})
    }

    others_unknown: ClassVar = True

    show: ShowUsage

    def on_get(self, req: Request, resp: Response) -> None:
        """Show what the caller's project has and may have (images-api §12)."""
        standings = self.show(req.context.caller)
        usage = {resource.value: standing._asdict() for resource, standing in standings.items()}
        json.answer(resp, {"usage": usage})


@dataclass(frozen=True)
class Healthcheck:
    """`/healthcheck`, for load balancers; 503 while an operator has taken the node out."""

    described: ClassVar[Described] = dict.fromkeys(
        ("GET", "HEAD"),
        Operation(
            "Say whether the node is in service",
            {200: {TEXT: "Text"}, 503: {TEXT: "Text"}},
            public=True,
        ),
    )

    disabled_by: str | None
    exists: Callable[[str], bool] = os.path.exists

    def on_get(self, req: Request, resp: Response) -> None:
        """Answer that the node is in service."""
        resp.content_type = "text/plain"
        if self.disabled_by and self.exists(self.disabled_by):
            resp.status = falcon.HTTP_503
            resp.data = b"DISABLED BY FILE"
        else:
            resp.data = b"OK"

    on_head = on_get

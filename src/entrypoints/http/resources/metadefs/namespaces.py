"""Namespaces."""

from dataclasses import dataclass
from typing import Any, ClassVar

import falcon
from falcon import Request, Response

from tintype.application.metadefs.namespaces import (
    CreateNamespace,
    DeleteNamespace,
    ListNamespaces,
    ReplaceNamespace,
    ShowNamespace,
)
from tintype.domain.metadef.namespace import Definitions
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import CHANGED, SEEN, Described, Operation, json_of
from tintype.entrypoints.http.resources.metadefs.body import read
from tintype.entrypoints.http.schemas.metadef.bodies import load_namespace
from tintype.entrypoints.http.schemas.metadef.dump import ROOT, dump_namespace
from tintype.entrypoints.http.schemas.metadef.query import load_namespace_query
from tintype.entrypoints.http.schemas.query import Paging, link, parse_query_string


@dataclass(frozen=True)
class Namespaces:
    """`/v2/metadefs/namespaces`"""

    described: ClassVar[Described] = {
        "GET": Operation("List namespaces", {200: json_of("Namespaces")}, SEEN),
        "POST": Operation(
            "Create a namespace",
            {201: json_of("Namespace")},
            CHANGED,
            body=json_of("Namespace"),
            headers=("Location",),
        ),
    }

    create: CreateNamespace
    find: ListNamespaces
    paging: Paging

    def on_get(self, req: Request, resp: Response) -> None:
        """List namespaces (metadefs §3)."""
        json.refuse_body(req)
        pairs = parse_query_string(req.query_string)
        query = load_namespace_query(pairs, self.paging)
        page = self.find(req.context.caller, query)
        body: dict[str, Any] = {
            "namespaces": [dump_namespace(found) for found in page.namespaces],
            "first": link(pairs, path=ROOT),
            "schema": "/v2/schemas/metadefs/namespaces",
        }
        if page.next_marker is not None:
            body["next"] = link(pairs, page.next_marker, query.limit, path=ROOT)
        json.answer(resp, body)

    def on_post(self, req: Request, resp: Response) -> None:
        """Create a namespace with what it holds."""
        created = self.create(req.context.caller, *load_namespace(read(req)))
        resp.status = falcon.HTTP_201
        resp.location = f"{req.prefix}{ROOT}/{created.namespace.name}"
        json.answer(resp, dump_namespace(created))


@dataclass(frozen=True)
class OneNamespace:
    """`/v2/metadefs/namespaces/{namespace}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Show a namespace", {200: json_of("Namespace")}, SEEN),
        "PUT": Operation(
            "Replace a namespace", {200: json_of("Namespace")}, CHANGED, body=json_of("Namespace")
        ),
        "DELETE": Operation("Remove a namespace", {204: {}}, CHANGED),
    }

    show: ShowNamespace
    replace: ReplaceNamespace
    delete: DeleteNamespace

    def on_get(self, req: Request, resp: Response, namespace: str) -> None:
        """Show a namespace with what it holds."""
        json.refuse_body(req)
        asked = dict(parse_query_string(req.query_string))
        found = self.show(req.context.caller, namespace, asked.get("resource_type"))
        json.answer(resp, dump_namespace(found))

    def on_put(self, req: Request, resp: Response, namespace: str) -> None:
        """Replace the fields of a namespace; what it holds is neither read nor shown."""
        values, _ = load_namespace(read(req))
        replaced = self.replace(req.context.caller, namespace, values)
        json.answer(resp, dump_namespace(Definitions(replaced)))

    def on_delete(self, req: Request, resp: Response, namespace: str) -> None:
        """Delete a namespace with what it holds."""
        json.refuse_body(req)
        self.delete(req.context.caller, namespace)
        resp.status = falcon.HTTP_204

"""Properties of namespaces."""

from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.metadefs.parts import (
    AddPart,
    ClearParts,
    ListParts,
    RemovePart,
    ReplacePart,
    ShowPart,
)
from tintype.application.metadefs.resource_types import ShowPropertyOf
from tintype.domain.metadef.part import Property
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import CHANGED, SEEN, Described, Operation, json_of
from tintype.entrypoints.http.resources.metadefs.body import read
from tintype.entrypoints.http.schemas.metadef.bodies import PROPERTY, load
from tintype.entrypoints.http.schemas.metadef.dump import dump_properties, dump_property
from tintype.entrypoints.http.schemas.metadef.query import load_part_query
from tintype.entrypoints.http.schemas.query import parse_query_string


@dataclass(frozen=True)
class Properties:
    """`/v2/metadefs/namespaces/{namespace}/properties`"""

    described: ClassVar[Described] = {
        "GET": Operation("List properties", {200: json_of("MetadefProperties")}, SEEN),
        "POST": Operation(
            "Add a property",
            {201: json_of("MetadefProperty")},
            CHANGED,
            body=json_of("MetadefProperty"),
        ),
        "DELETE": Operation("Remove all properties", {204: {}}, CHANGED),
    }

    find: ListParts[Property]
    add: AddPart[Property]
    clear: ClearParts[Property]

    def on_get(self, req: Request, resp: Response, namespace: str) -> None:
        """List properties."""
        json.refuse_body(req)
        query = load_part_query(parse_query_string(req.query_string))
        found = self.find(req.context.caller, namespace, query)
        json.answer(resp, {"properties": dump_properties(found)})

    def on_post(self, req: Request, resp: Response, namespace: str) -> None:
        """Add a property."""
        added = self.add(req.context.caller, namespace, load(PROPERTY, read(req)))
        resp.status = falcon.HTTP_201
        json.answer(resp, dump_property(added))

    def on_delete(self, req: Request, resp: Response, namespace: str) -> None:
        """Remove all properties."""
        json.refuse_body(req)
        self.clear(req.context.caller, namespace)
        resp.status = falcon.HTTP_204


@dataclass(frozen=True)
class OneProperty:
    """`/v2/metadefs/namespaces/{namespace}/properties/{name}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Show a property", {200: json_of("MetadefProperty")}, SEEN),
        "PUT": Operation(
            "Replace a property",
            {200: json_of("MetadefProperty")},
            CHANGED,
            body=json_of("MetadefProperty"),
        ),
        "DELETE": Operation("Remove a property", {204: {}}, CHANGED),
    }

    show: ShowPart[Property]
    show_of: ShowPropertyOf
    replace: ReplacePart[Property]
    remove: RemovePart[Property]

    def on_get(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Show a property, by its own name or by that which a type of resource writes."""
        json.refuse_body(req)
        asked = dict(parse_query_string(req.query_string)).get("resource_type")
        if asked is None:
            found = self.show(req.context.caller, namespace, name)
        else:
            found = self.show_of(req.context.caller, namespace, name, asked)
        json.answer(resp, dump_property(found))

    def on_put(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Replace a property."""
        values = load(PROPERTY, read(req))
        json.answer(resp, dump_property(self.replace(req.context.caller, namespace, name, values)))

    def on_delete(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Remove a property."""
        json.refuse_body(req)
        self.remove(req.context.caller, namespace, name)
        resp.status = falcon.HTTP_204

"""Objects of namespaces."""

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
from tintype.domain.metadef.part import Object
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import CHANGED, SEEN, Described, Operation, json_of
from tintype.entrypoints.http.resources.metadefs.body import read
from tintype.entrypoints.http.schemas.metadef.bodies import OBJECT, load
from tintype.entrypoints.http.schemas.metadef.dump import dump_object
from tintype.entrypoints.http.schemas.metadef.query import load_part_query
from tintype.entrypoints.http.schemas.query import parse_query_string


@dataclass(frozen=True)
class Objects:
    """`/v2/metadefs/namespaces/{namespace}/objects`"""

    described: ClassVar[Described] = {
        "GET": Operation("List objects", {200: json_of("MetadefObjects")}, SEEN),
        "POST": Operation(
            "Add an object", {201: json_of("MetadefObject")}, CHANGED, body=json_of("MetadefObject")
        ),
        "DELETE": Operation("Remove all objects", {204: {}}, CHANGED),
    }

    find: ListParts[Object]
    add: AddPart[Object]
    clear: ClearParts[Object]

    def on_get(self, req: Request, resp: Response, namespace: str) -> None:
        """List objects; the link lacks its leading slash, and clients are used to that."""
        json.refuse_body(req)
        query = load_part_query(parse_query_string(req.query_string))
        found = self.find(req.context.caller, namespace, query)
        objects = [dump_object(part, namespace) for part in found]
        json.answer(resp, {"objects": objects, "schema": "v2/schemas/metadefs/objects"})

    def on_post(self, req: Request, resp: Response, namespace: str) -> None:
        """Add an object."""
        added = self.add(req.context.caller, namespace, load(OBJECT, read(req)))
        resp.status = falcon.HTTP_201
        json.answer(resp, dump_object(added, namespace))

    def on_delete(self, req: Request, resp: Response, namespace: str) -> None:
        """Remove all objects."""
        json.refuse_body(req)
        self.clear(req.context.caller, namespace)
        resp.status = falcon.HTTP_204


@dataclass(frozen=True)
class OneObject:
    """`/v2/metadefs/namespaces/{namespace}/objects/{name}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Show an object", {200: json_of("MetadefObject")}, SEEN),
        "PUT": Operation(
            "Replace an object",
            {200: json_of("MetadefObject")},
            CHANGED,
            body=json_of("MetadefObject"),
        ),
        "DELETE": Operation("Remove an object", {204: {}}, CHANGED),
    }

    show: ShowPart[Object]
    replace: ReplacePart[Object]
    remove: RemovePart[Object]

    def on_get(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Show an object."""
        json.refuse_body(req)
        found = self.show(req.context.caller, namespace, name)
        json.answer(resp, dump_object(found, namespace))

    def on_put(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Replace an object."""
        replaced = self.replace(req.context.caller, namespace, name, load(OBJECT, read(req)))
        json.answer(resp, dump_object(replaced, namespace))

    def on_delete(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Remove an object."""
        json.refuse_body(req)
        self.remove(req.context.caller, namespace, name)
        resp.status = falcon.HTTP_204

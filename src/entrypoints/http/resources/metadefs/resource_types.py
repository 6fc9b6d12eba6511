"""Types of resources, and the ties of namespaces to them."""

from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.metadefs.parts import AddPart, ListParts, RemovePart
from tintype.application.metadefs.resource_types import ListResourceTypes
from tintype.domain.metadef.part import Association
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import CHANGED, SEEN, Described, Operation, json_of
from tintype.entrypoints.http.resources.metadefs.body import read
from tintype.entrypoints.http.schemas.metadef.bodies import ASSOCIATION, load
from tintype.entrypoints.http.schemas.metadef.dump import dump_association, dump_resource_type
from tintype.entrypoints.http.schemas.metadef.query import load_part_query
from tintype.entrypoints.http.schemas.query import parse_query_string


@dataclass(frozen=True)
class ResourceTypes:
    """`/v2/metadefs/resource_types`"""

    described: ClassVar[Described] = {
        "GET": Operation("List types of resources", {200: json_of("ResourceTypes")}, SEEN),
    }

    find: ListResourceTypes

    def on_get(self, req: Request, resp: Response) -> None:
        """List the types of resources."""
        json.refuse_body(req)
        types = [dump_resource_type(found) for found in self.find(req.context.caller)]
        json.answer(resp, {"resource_types": types})


@dataclass(frozen=True)
class Associations:
    """`/v2/metadefs/namespaces/{namespace}/resource_types`"""

    described: ClassVar[Described] = {
        "GET": Operation("List associations", {200: json_of("Associations")}, SEEN),
        "POST": Operation(
            "Associate with a type of resources",
            {201: json_of("Association")},
            CHANGED,
            body=json_of("Association"),
        ),
    }

    find: ListParts[Association]
    add: AddPart[Association]

    def on_get(self, req: Request, resp: Response, namespace: str) -> None:
        """List the types that a namespace is associated with."""
        json.refuse_body(req)
        query = load_part_query(parse_query_string(req.query_string))
        found = self.find(req.context.caller, namespace, query)
        ties = [dump_association(tie) for tie in found]
        json.answer(resp, {"resource_type_associations": ties})

    def on_post(self, req: Request, resp: Response, namespace: str) -> None:
        """Associate a namespace with a type, which comes to be if it is new."""
        added = self.add(req.context.caller, namespace, load(ASSOCIATION, read(req)))
        resp.status = falcon.HTTP_201
        json.answer(resp, dump_association(added))


@dataclass(frozen=True)
class OneAssociation:
    """`/v2/metadefs/namespaces/{namespace}/resource_types/{name}`"""

    described: ClassVar[Described] = {
        "DELETE": Operation("End an association", {204: {}}, CHANGED),
    }

    remove: RemovePart[Association]

    def on_delete(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """End an association; the type stays."""
        json.refuse_body(req)
        self.remove(req.context.caller, namespace, name)
        resp.status = falcon.HTTP_204

"""Tags of namespaces."""

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
from tintype.application.metadefs.tags import SetTags
from tintype.domain.metadef.part import Tag
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import (
    CHANGED,
    SEEN,
    Described,
    Operation,
    header,
    json_of,
)
from tintype.entrypoints.http.resources.metadefs.body import read
from tintype.entrypoints.http.schemas.metadef.bodies import TAG, TAGS, load
from tintype.entrypoints.http.schemas.metadef.dump import dump_tag, dump_tags
from tintype.entrypoints.http.schemas.metadef.query import load_tag_query
from tintype.entrypoints.http.schemas.query import parse_query_string


@dataclass(frozen=True)
class Tags:
    """`/v2/metadefs/namespaces/{namespace}/tags`"""

    described: ClassVar[Described] = {
        "GET": Operation("List tags", {200: json_of("MetadefTags")}, SEEN),
        "POST": Operation(
            "Replace all tags, or add more",
            {201: json_of("MetadefTags")},
            CHANGED,
            body=json_of("MetadefTags"),
            parameters=(header("X-OpenStack-Append", "`true`: leave the others."),),
        ),
        "DELETE": Operation("Remove all tags", {204: {}}, CHANGED),
    }

    find: ListParts[Tag]
    replace: SetTags
    clear: ClearParts[Tag]

    def on_get(self, req: Request, resp: Response, namespace: str) -> None:
        """List tags."""
        json.refuse_body(req)
        query = load_tag_query(parse_query_string(req.query_string))
        found = self.find(req.context.caller, namespace, query)
        json.answer(resp, {"tags": dump_tags(found)})

    def on_post(self, req: Request, resp: Response, namespace: str) -> None:
        """Put tags in place of all others, or beside them if a header says so."""
        names = [tag["name"] for tag in load(TAGS, read(req))["tags"]]
        append = (req.get_header("X-Openstack-Append") or "").strip().lower() == "true"
        tags = self.replace(req.context.caller, namespace, names, append=append)
        resp.status = falcon.HTTP_201
        json.answer(resp, {"tags": dump_tags(tags)})

    def on_delete(self, req: Request, resp: Response, namespace: str) -> None:
        """Remove all tags."""
        json.refuse_body(req)
        self.clear(req.context.caller, namespace)
        resp.status = falcon.HTTP_204


@dataclass(frozen=True)
class OneTag:
    """`/v2/metadefs/namespaces/{namespace}/tags/{name}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Show a tag", {200: json_of("MetadefTag")}, SEEN),
        "POST": Operation("Add a tag", {201: json_of("MetadefTag")}, CHANGED),
        "PUT": Operation(
            "Rename a tag", {200: json_of("MetadefTag")}, CHANGED, body=json_of("MetadefTag")
        ),
        "DELETE": Operation("Remove a tag", {204: {}}, CHANGED),
    }

    show: ShowPart[Tag]
    add: AddPart[Tag]
    replace: ReplacePart[Tag]
    remove: RemovePart[Tag]

    def on_get(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Show a tag."""
        json.refuse_body(req)
        json.answer(resp, dump_tag(self.show(req.context.caller, namespace, name)))

    def on_post(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Add a tag; its name is in the path, and a body would say nothing more."""
        added = self.add(req.context.caller, namespace, {"name": name})
        resp.status = falcon.HTTP_201
        json.answer(resp, dump_tag(added))

    def on_put(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Rename a tag."""
        values = load(TAG, read(req))
        json.answer(resp, dump_tag(self.replace(req.context.caller, namespace, name, values)))

    def on_delete(self, req: Request, resp: Response, namespace: str, name: str) -> None:
        """Remove a tag."""
        json.refuse_body(req)
        self.remove(req.context.caller, namespace, name)
        resp.status = falcon.HTTP_204

"""The projects that images are shared with."""

from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.sharing import (
    AddMember,
    AnswerOffer,
    ListMembers,
    RemoveMember,
    ShowMember,
)
from tintype.domain.member import MemberStatus
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import Described, Operation, json_of
from tintype.entrypoints.http.schemas import member as schemas


@dataclass(frozen=True)
class Members:
    """`/v2/images/{image_id}/members`"""

    described: ClassVar[Described] = {
        "GET": Operation("List members", {200: json_of("Members")}, (403, 404)),
        "POST": Operation(
            "Offer an image to a project",
            {200: json_of("Member")},
            (403, 404, 409, 413),
            body=json_of("NewMember"),
        ),
    }

    add: AddMember
    find: ListMembers

    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """List members (images-api §10)."""
        json.refuse_body(req)
        members = [schemas.dump(member) for member in self.find(req.context.caller, image_id)]
        json.answer(resp, {"members": members, "schema": "/v2/schemas/members"})

    def on_post(self, req: Request, resp: Response, image_id: str) -> None:
        """Offer the image to a project; answered 200, as clients expect."""
        body = schemas.load(schemas.NEW_MEMBER, json.read(req))
        member = self.add(req.context.caller, image_id, body["member"])
        json.answer(resp, schemas.dump(member))


@dataclass(frozen=True)
class OneMember:
    """`/v2/images/{image_id}/members/{member_id}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Show a member", {200: json_of("Member")}, (404,)),
        "PUT": Operation(
            "Answer an offer",
            {200: json_of("Member")},
            (403, 404, 409, 413),
            body=json_of("MemberAnswer"),
        ),
        "DELETE": Operation("Stop sharing with a project", {204: {}}, (403, 404, 409)),
    }

    show: ShowMember
    reply: AnswerOffer
    remove: RemoveMember

    def on_get(self, req: Request, resp: Response, image_id: str, member_id: str) -> None:
        """Show one member (images-api §10)."""
        json.refuse_body(req)
        json.answer(resp, schemas.dump(self.show(req.context.caller, image_id, member_id)))

    def on_put(self, req: Request, resp: Response, image_id: str, member_id: str) -> None:
        """Answer an offer (images-api §10)."""
        status = MemberStatus(schemas.load(schemas.ANSWER, json.read(req))["status"])
        member = self.reply(req.context.caller, image_id, member_id, status)
        json.answer(resp, schemas.dump(member))

    def on_delete(self, req: Request, resp: Response, image_id: str, member_id: str) -> None:
        """Stop sharing with a project (images-api §10)."""
        json.refuse_body(req)
        self.remove(req.context.caller, image_id, member_id)
        resp.status = falcon.HTTP_204

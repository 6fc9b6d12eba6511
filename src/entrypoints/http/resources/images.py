"""Images as records."""

from dataclasses import dataclass
from typing import Any, ClassVar

import falcon
from falcon import Request, Response

from tintype.application.images.create import CreateImage
from tintype.application.images.delete import DeleteImage
from tintype.application.images.find import ListImages, ShowImage
from tintype.application.images.switch import SwitchData
from tintype.application.images.tag import TagImage
from tintype.application.images.update import UpdateImage
from tintype.domain.ports.stores import Stores
from tintype.entrypoints.http import entity_tags, json, passed_on
from tintype.entrypoints.http.openapi.operation import (
    IF_MATCH,
    IF_NONE_MATCH,
    Described,
    Operation,
    json_of,
)
from tintype.entrypoints.http.schemas.image import ImageSchema
from tintype.entrypoints.http.schemas.image_dump import ImageDumper
from tintype.entrypoints.http.schemas.patch import V20, V21, load_patch
from tintype.entrypoints.http.schemas.query import (
    PARAMETERS,
    Paging,
    link,
    load_image_query,
    parse_query_string,
)


@dataclass(frozen=True)
class Images:
    """`/v2/images`"""

    described: ClassVar[Described] = {
        "GET": Operation("List images", {200: json_of("Images")}, (403,), parameters=PARAMETERS),
        "POST": Operation(
            "Create an image",
            {201: json_of("Image")},
            (403, 409, 413),
            body=json_of("NewImage"),
            headers=(
                *("ETag", "Location"),
                *("OpenStack-image-import-methods", "OpenStack-image-store-ids"),
            ),
        ),
    }

    create: CreateImage
    find: ListImages
    schema: ImageSchema
    dump: ImageDumper
    paging: Paging
    stores: Stores
    import_methods: tuple[str, ...]

    def on_get(self, req: Request, resp: Response) -> None:
        """List images (images-api §7)."""
        pairs = parse_query_string(req.query_string)
        query = load_image_query(pairs, self.paging)
        caller = req.context.caller
        page = self.find(caller, query)
        body: dict[str, Any] = {
            "images": [self.dump(image, caller) for image in page.images],
            "first": link(pairs),
            "schema": "/v2/schemas/images",
        }
        if page.next_marker is not None:
            body["next"] = link(pairs, page.next_marker, query.limit)
        json.answer(resp, body)

    def on_post(self, req: Request, resp: Response) -> None:
        """Create an image (images-api §4.1)."""
        body = self.schema.load_new(json.read(req))
        caller = req.context.caller
        image_id, tags = body.pop("id", None), body.pop("tags", ())
        attributes = {name: value for name, value in body.items() if name in self.schema.fields}
        properties = {name: value for name, value in body.items() if name not in attributes}
        image = self.create(caller, attributes, properties, tags, image_id)
        resp.status = falcon.HTTP_201
        resp.location = f"{req.prefix}/v2/images/{image.id}"
        if self.import_methods:
            resp.set_header("OpenStack-image-import-methods", ",".join(self.import_methods))
        if self.stores.multiple:
            names = ",".join(store.id for store in self.stores.list())
            resp.set_header("OpenStack-image-store-ids", names)
        entity_tags.answer(resp, self.dump(image, caller))


@dataclass(frozen=True)
class OneImage:
    """`/v2/images/{image_id}`"""

    described: ClassVar[Described] = {
        "GET": Operation(
            "Show an image",
            {200: json_of("Image"), 304: {}},
            (404,),
            parameters=(IF_NONE_MATCH,),
            headers=("ETag",),
        ),
        "PATCH": Operation(
            "Change an image",
            {200: json_of("Image")},
            (403, 404, 409, 412, 413, 415),
            body={V21: "PatchV21", V20: "PatchV20"},
            parameters=(IF_MATCH,),
            headers=("ETag",),
        ),
        "DELETE": Operation(
            "Delete an image and its data", {204: {}}, (403, 404, 409, 412), parameters=(IF_MATCH,)
        ),
    }

    show: ShowImage
    update: UpdateImage
    delete: DeleteImage
    schema: ImageSchema
    dump: ImageDumper

    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """Show an image (images-api §4.2)."""
        json.refuse_body(req)
        caller = req.context.caller
        entity_tags.answer(resp, self.dump(self.show(caller, image_id), caller))
        entity_tags.answer_unchanged(req, resp)

    def on_patch(self, req: Request, resp: Response, image_id: str) -> None:
        """Change an image (images-api §4.3)."""
        media_type = (req.content_type or "").partition(";")[0].strip().lower()
        if media_type not in (V20, V21):
            resp.set_header("Accept-Patch", f"{V20}, {V21}")
            raise falcon.HTTPUnsupportedMediaType(
                description=f"A patch must be of type {V20} or {V21}, not '{media_type}'."
            )
        changes = load_patch(media_type, json.read(req), self.schema)
        caller = req.context.caller
        unchanged = entity_tags.unchanged(req, lambda image: self.dump(image, caller))
        image = self.update(caller, image_id, changes, unchanged=unchanged)
        entity_tags.answer(resp, self.dump(image, caller))

    def on_delete(self, req: Request, resp: Response, image_id: str) -> None:
        """Delete an image (images-api §4.4)."""
        json.refuse_body(req)
        caller = req.context.caller
        unchanged = entity_tags.unchanged(req, lambda image: self.dump(image, caller))
        elsewhere = self.delete(
            caller, image_id, unchanged=unchanged, passed_on=passed_on.here(req)
        )
        resp.status = falcon.HTTP_204
        if elsewhere is not None:
            passed_on.answer(req, resp, elsewhere)


@dataclass(frozen=True)
class Action:
    """`/v2/images/{image_id}/actions/…`"""

    described: ClassVar[Described] = {
        "POST": Operation(
            "Withhold the data of an image, or hand it out again", {204: {}}, (403, 404, 409)
        )
    }

    switch: SwitchData

    def on_post(self, req: Request, resp: Response, image_id: str) -> None:
        """Withhold the data or hand it out again (images-api §5)."""
        json.refuse_body(req)
        self.switch(req.context.caller, image_id)
        resp.status = falcon.HTTP_204


@dataclass(frozen=True)
class Tag:
    """`/v2/images/{image_id}/tags/{tag}`"""

    described: ClassVar[Described] = {
        "PUT": Operation("Put a tag on an image", {204: {}}, (403, 404, 409, 413)),
        "DELETE": Operation("Take a tag off an image", {204: {}}, (403, 404, 409)),
    }

    tag_image: TagImage

    def on_put(self, req: Request, resp: Response, image_id: str, tag: str) -> None:
        """Put a tag on (images-api §11)."""
        json.refuse_body(req)
        self.tag_image.add(req.context.caller, image_id, tag)
        resp.status = falcon.HTTP_204

    def on_delete(self, req: Request, resp: Response, image_id: str, tag: str) -> None:
        """Take a tag off (images-api §11)."""
        json.refuse_body(req)
        self.tag_image.remove(req.context.caller, image_id, tag)
        resp.status = falcon.HTTP_204

"""Data that is staged, and imports."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.image_import.stage import StageImageData
from tintype.application.image_import.start import StartImport
from tintype.domain.image_import import Method
from tintype.domain.ports.fellow_workers import PassedOn
from tintype.entrypoints.http import json, passed_on
from tintype.entrypoints.http.body import RequestBody
from tintype.entrypoints.http.openapi.operation import (
    OCTETS,
    Described,
    Operation,
    header,
    json_of,
)
from tintype.entrypoints.http.resources.image_file import (
    SIZE_HEADER,
    STORE_HEADER,
    announced_size,
    require_octets,
)
from tintype.entrypoints.http.schemas import image_import as schemas


@dataclass(frozen=True)
class StagedData:
    """`/v2/images/{image_id}/stage`"""

    described: ClassVar[Described] = {
        "PUT": Operation(
            "Stage data that is to be imported later",
            {204: {}},
            (403, 404, 409, 410, 413, 415),
            body={OCTETS: "Data"},
            parameters=(
                header(SIZE_HEADER, "Bytes to come, if Content-Length does not say.", "integer"),
            ),
        ),
    }

    stage: StageImageData
    import_methods: Collection[str]

    def on_put(self, req: Request, resp: Response, image_id: str) -> None:
        """Take data that is to be imported later (images-api §8.3)."""
        if Method.DIRECT not in self.import_methods:
            raise falcon.HTTPNotFound(description=f"{Method.DIRECT} is not enabled at this site.")
        require_octets(req)
        source = RequestBody.of(req)
        self.stage(req.context.caller, image_id, source, size=announced_size(req))
        resp.status = falcon.HTTP_204


@dataclass(frozen=True)
class ImportedImage:
    """`/v2/images/{image_id}/import`"""

    described: ClassVar[Described] = {
        "POST": Operation(
            "Take the data of an image into stores",
            {202: {}},
            (403, 404, 409, 413, 502, 504),
            body=json_of("NewImport"),
            parameters=(header(STORE_HEADER, "The store to put it into."),),
            headers=(passed_on.TASK_HEADER,),
        ),
    }

    start: StartImport

    def on_post(self, req: Request, resp: Response, image_id: str) -> None:
        """Take the data of an image into stores (import-and-tasks §3)."""
        body = json.read_bytes(req)
        request = schemas.load_import(json.parse(body), req.get_header(STORE_HEADER), body)
        begun = self.start(
            *(req.context.caller, image_id, request, req.context.request_id),
            passed_on=passed_on.here(req),
        )
        if isinstance(begun, PassedOn):
            passed_on.answer(req, resp, begun)
            return
        if begun is not None:
            resp.set_header(passed_on.TASK_HEADER, begun.id)
        resp.content_type = "text/html; charset=UTF-8"
        resp.status = falcon.HTTP_202

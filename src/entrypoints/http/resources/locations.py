"""Where the data of an image is, for other services."""

from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.location_import.fetch import FetchLocations
from tintype.application.location_import.start import StartLocationImport
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import Described, Operation, json_of
from tintype.entrypoints.http.schemas import location as schemas
from tintype.entrypoints.http.schemas.member import load


@dataclass(frozen=True)
class Locations:
    """`/v2/images/{image_id}/locations`"""

    described: ClassVar[Described] = {
        "GET": Operation("List where the data is", {200: json_of("Locations")}, (403, 404)),
        "POST": Operation(
            "Take the data from where it is",
            {202: {}},
            (403, 404, 409),
            body=json_of("NewLocation"),
        ),
    }

    start: StartLocationImport
    fetch: FetchLocations

    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """List the locations of an image (images-api §9.2)."""
        locations = self.fetch(req.context.caller, image_id)
        json.answer(resp, [schemas.dump(location) for location in locations])

    def on_post(self, req: Request, resp: Response, image_id: str) -> None:
        """Take the data of an image from where it is (images-api §9.2)."""
        body = load(schemas.NEW_LOCATION, json.read(req))
        self.start(
            req.context.caller,
            image_id,
            body["url"],
            schemas.expected_hash(body),
            req.context.request_id,
        )
        resp.status = falcon.HTTP_202

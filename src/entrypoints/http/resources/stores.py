"""The data of an image in one of several stores."""

from dataclasses import dataclass
from typing import ClassVar

import falcon
from falcon import Request, Response

from tintype.application.stores import DeleteFromStore
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import Described, Operation


@dataclass(frozen=True)
class StoredImage:
    """`/v2/stores/{store}/{image_id}`"""

    described: ClassVar[Described] = {
        "DELETE": Operation(
            "Remove the data of an image from one store", {204: {}}, (403, 404, 409)
        )
    }

    remove: DeleteFromStore

    def on_delete(self, req: Request, resp: Response, store: str, image_id: str) -> None:
        """Remove the data from the store (images-api §9.3)."""
        json.refuse_body(req)
        self.remove(req.context.caller, store, image_id)
        resp.status = falcon.HTTP_204

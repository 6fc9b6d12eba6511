"""The application: resources on their routes, and what happens to every request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import falcon

from tintype.application.cache import RefuseCache
from tintype.domain.errors import TintypeError
from tintype.domain.ports.identity import Identity
from tintype.entrypoints.http.errors import fail, refuse, refuse_http
from tintype.entrypoints.http.middleware.compression import Compression
from tintype.entrypoints.http.middleware.encoding import Encoding
from tintype.entrypoints.http.middleware.identification import Identification
from tintype.entrypoints.http.middleware.methods import Methods, unknown_path
from tintype.entrypoints.http.middleware.request_id import RequestId
from tintype.entrypoints.http.openapi.operation import Described
from tintype.entrypoints.http.resources.cache import cache_routes
from tintype.entrypoints.http.resources.discovery import (
    Document,
    Healthcheck,
    StoresDetail,
    StoresInfo,
    UsageInfo,
    import_methods,
)
from tintype.entrypoints.http.resources.documentation import OpenApi, Page
from tintype.entrypoints.http.resources.image_file import ImageFile
from tintype.entrypoints.http.resources.image_import import ImportedImage, StagedData
from tintype.entrypoints.http.resources.images import Action, Images, OneImage, Tag
from tintype.entrypoints.http.resources.locations import Locations
from tintype.entrypoints.http.resources.members import Members, OneMember
from tintype.entrypoints.http.resources.metadefs.routes import MetadefResources
from tintype.entrypoints.http.resources.stores import StoredImage
from tintype.entrypoints.http.resources.tasks import (
    CancelledTask,
    OneTask,
    RetriedTask,
    Tasks,
    TasksOfImage,
)
from tintype.entrypoints.http.schemas.image import ImageSchema
from tintype.entrypoints.http.schemas.json_schema import (
    image_document,
    images_document,
    member_document,
    members_document,
    task_document,
    tasks_document,
)
from tintype.entrypoints.http.versions import DESCRIBED, Versions

PIECE = 1 << 18
"""Bytes that a server copies at a time where it does not have the kernel send a file: small
enough to stay in the processor's cache between reading and sending."""


@dataclass(frozen=True)
class Resources:
    """Everything that has a path of its own and use cases behind it."""

    images: Images
    image: OneImage
    image_file: ImageFile
    staged_data: StagedData
    imported_image: ImportedImage
    deactivate: Action
    reactivate: Action
    tag: Tag
    members: Members
    member: OneMember
    locations: Locations
    tasks: Tasks
    task: OneTask
    cancelled_task: CancelledTask
    retried_task: RetriedTask
    tasks_of_image: TasksOfImage
    stores: StoresInfo
    usage: UsageInfo
    stored_image: StoredImage
    stores_detail: StoresDetail
    metadefs: MetadefResources
    cache: RefuseCache
    healthcheck: Healthcheck
    schema: ImageSchema
    import_methods: tuple[str, ...]

    def routes(self) -> Sequence[tuple[str, Any]]:
        """Return each path with what answers it."""
        return (
            ("/healthcheck", self.healthcheck),
            ("/v2/images", self.images),
            ("/v2/images/{image_id}", self.image),
            ("/v2/images/{image_id}/file", self.image_file),
            ("/v2/images/{image_id}/stage", self.staged_data),
            ("/v2/images/{image_id}/import", self.imported_image),
            ("/v2/images/{image_id}/actions/deactivate", self.deactivate),
            ("/v2/images/{image_id}/actions/reactivate", self.reactivate),
            ("/v2/images/{image_id}/tags/{tag}", self.tag),
            ("/v2/images/{image_id}/members", self.members),
            ("/v2/images/{image_id}/members/{member_id}", self.member),
            ("/v2/images/{image_id}/locations", self.locations),
            ("/v2/images/{image_id}/tasks", self.tasks_of_image),
            ("/v2/tasks", self.tasks),
            ("/v2/tasks/{task_id}", self.task),
            ("/v2/tasks/{task_id}/cancel", self.cancelled_task),
            ("/v2/tasks/{task_id}/retry", self.retried_task),
            ("/v2/info/import", import_methods(self.import_methods)),
            ("/v2/info/stores", self.stores),
            ("/v2/info/usage", self.usage),
            ("/v2/stores/{store}/{image_id}", self.stored_image),
            ("/v2/info/stores/detail", self.stores_detail),
            ("/v2/schemas/image", Document(image_document(self.schema))),
            ("/v2/schemas/images", Document(images_document(self.schema))),
            ("/v2/schemas/member", Document(member_document())),
            ("/v2/schemas/members", Document(members_document())),
            ("/v2/schemas/task", Document(task_document())),
            ("/v2/schemas/tasks", Document(tasks_document())),
            *self.metadefs.routes(),
            *cache_routes(self.cache),
            ("/openapi.json", OpenApi(self.describe)),
            ("/docs", Page()),
        )

    def describe(self) -> dict[str, Any]:
        """Return the OpenAPI document of all routes."""
        from tintype.entrypoints.http.openapi.document import describe  # only for who asks

        routes = [(path, getattr(resource, "described", {})) for path, resource in self.routes()]
        described: list[tuple[str, Described]] = [*DESCRIBED.items(), *routes]
        return describe(described, self.schema)


class Application(falcon.App[falcon.Request, falcon.Response]):
    """Falcon, handing streams to servers in large blocks."""

    _STREAM_BLOCK_SIZE = PIECE


def make_application(
    resources: Resources,
    versions: Versions,
    identity: Identity,
    max_request_id_length: int,
) -> Application:
    """Put the application together."""
    app = Application(
        middleware=[
            # The first ones in see the request first and its answer last: packing comes after
            # everything else is in the body; the version decides whether an identity is asked
            # for; only who was let in gets a request id.
            Compression(),
            versions,
            RequestId(max_request_id_length),
            Identification(identity),
            Encoding(),
            Methods(),
        ]
    )
    app.req_options.keep_blank_qs_values = True
    app.add_error_handler(Exception, fail)
    app.add_error_handler(falcon.HTTPError, refuse_http)
    app.add_error_handler(TintypeError, refuse)
    for path, resource in resources.routes():
        app.add_route(path, resource)
    app.add_sink(unknown_path, "/")
    return app

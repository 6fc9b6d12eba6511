"""The calls on a cache, where a service has none (images-api §13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from falcon import Request, Response

from tintype.application.cache import RefuseCache
from tintype.entrypoints.http import json
from tintype.entrypoints.http.openapi.operation import Described, Operation

MISSING = (403, 404)


@dataclass(frozen=True)
class Cache:
    """`/v2/cache`"""

    described: ClassVar[Described] = {
        "GET": Operation("List what is cached", {}, MISSING),
        "DELETE": Operation("Empty the cache", {}, MISSING),
    }

    refuse: RefuseCache

    def on_get(self, req: Request, resp: Response) -> None:
        """Refuse to list what is in it."""
        json.refuse_body(req)
        self.refuse(req.context.caller, "cache_list")

    def on_delete(self, req: Request, resp: Response) -> None:
        """Refuse to empty it."""
        self.refuse(req.context.caller, "cache_delete")


@dataclass(frozen=True)
class CachedImage:
    """`/v2/cache/{image_id}`"""

    described: ClassVar[Described] = {
        "PUT": Operation("Put an image into the cache", {}, MISSING),
        "DELETE": Operation("Drop an image from the cache", {}, MISSING),
    }

    refuse: RefuseCache

    def on_put(self, req: Request, resp: Response, image_id: str) -> None:
        """Refuse to fetch an image."""
        self.refuse(req.context.caller, "cache_image")

    def on_delete(self, req: Request, resp: Response, image_id: str) -> None:
        """Refuse to drop one."""
        self.refuse(req.context.caller, "cache_delete")


@dataclass(frozen=True)
class CacheAction:
    """`/v2/cache/clean`, `/v2/cache/prune`"""

    described: ClassVar[Described] = {
        "POST": Operation("Tidy the cache up", {}, MISSING),
    }

    refuse: RefuseCache
    rule: str

    def on_post(self, req: Request, resp: Response) -> None:
        """Refuse to tidy up."""
        self.refuse(req.context.caller, self.rule)


@dataclass(frozen=True)
class CacheNodes:
    """`/v2/cache/nodes/{image_id}`"""

    described: ClassVar[Described] = {
        "GET": Operation("Say which nodes have cached an image", {}, MISSING),
    }

    refuse: RefuseCache

    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """Refuse to say who has an image."""
        json.refuse_body(req)
        self.refuse(req.context.caller, "list_cached_nodes")


def cache_routes(refuse: RefuseCache) -> Sequence[tuple[str, Any]]:
    """Return each path with what answers it."""
    return (
        ("/v2/cache", Cache(refuse)),
        ("/v2/cache/{image_id}", CachedImage(refuse)),
        ("/v2/cache/clean", CacheAction(refuse, "cache_clean")),
        ("/v2/cache/prune", CacheAction(refuse, "cache_prune")),
        ("/v2/cache/nodes/{image_id}", CacheNodes(refuse)),
    )

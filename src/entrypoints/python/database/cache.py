"""What the caches of nodes hold (database §9). Mind the order of the arguments."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.answers import Entry
from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.errors import translated

Time = datetime | float


def node_reference_create(context: Any, node_reference_url: str) -> Entry:
    """Record a node and return it: `node_reference_id` and `node_reference_url`.

    Raises:
        Duplicate: it is recorded.
    """
    with translated():
        return Entry(bound().cache.create_node(node_reference_url))


def node_reference_get_by_url(context: Any, node_reference_url: str) -> Entry:
    """Return a node.

    Raises:
        NotFound: it is not recorded.
    """
    with translated():
        return Entry(bound().cache.node(node_reference_url))


def insert_cache_details(
    context: Any,
    node_reference_url: str,
    image_id: str,
    filesize: int,
    checksum: str | None = None,
    last_accessed: Time | None = None,
    last_modified: Time | None = None,
    hits: int | None = None,
) -> None:
    """Record an image in the cache of a node, unless it is recorded.

    Times are now, and hits none, unless they are given.

    Raises:
        NotFound: the node is not recorded.
        Invalid: a value cannot be.
    """
    with translated():
        bound().cache.insert(
            node_reference_url,
            image_id,
            size=filesize,
            checksum=checksum,
            last_accessed=_datetime("last_accessed", last_accessed),
            last_modified=_datetime("last_modified", last_modified),
            hits=hits,
        )


def get_hit_count(context: Any, image_id: str, node_reference_url: str) -> int:
    """Return how often an image was handed out from the cache of a node."""
    with translated():
        rows = bound().cache.find(node_reference_url, image_id)
    return int(rows[0]["hits"]) if rows else 0


def update_hit_count(context: Any, image_id: str, node_reference_url: str) -> None:
    """Count that an image was handed out from the cache of a node now."""
    with translated():
        bound().cache.hit(node_reference_url, image_id)


def get_cached_images(context: Any, node_reference_url: str) -> list[dict[str, Any]]:
    """Return what the cache of a node holds, with times in seconds since 1970."""
    with translated():
        return [_cached(row) for row in bound().cache.find(node_reference_url)]


def get_cached_nodes(context: Any, image_id: str) -> list[str]:
    """Return the URLs of the nodes that have the image in their caches."""
    with translated():
        return [*bound().cache.nodes_with(image_id)]


def is_image_cached_for_node(context: Any, node_reference_url: str, image_id: str) -> bool:
    """Tell whether the cache of a node has the image."""
    with translated():
        return bool(bound().cache.find(node_reference_url, image_id))


def get_least_recently_accessed(context: Any, node_reference_url: str) -> str | None:
    """Return the id of the image in the cache of a node that nobody asked for the longest."""
    with translated():
        return bound().cache.least_recently_accessed(node_reference_url)


def delete_cached_image(context: Any, image_id: str, node_reference_url: str) -> None:
    """Forget an image in the cache of a node."""
    with translated():
        bound().cache.remove(node_reference_url, image_id)


def delete_all_cached_images(context: Any, node_reference_url: str) -> None:
    """Forget all images in the cache of a node."""
    with translated():
        bound().cache.remove(node_reference_url)


def _datetime(name: str, time: Time | None) -> datetime | None:
    if time is None or isinstance(time, datetime):
        return time
    try:
        return datetime.fromtimestamp(time, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise exceptions.Invalid(
            f"{name} must be a time, or the seconds since 1970, not {time!r}."
        ) from None


def _cached(row: Mapping[str, Any]) -> dict[str, Any]:
    times = ("last_accessed", "last_modified")
    return {**row, **{name: row[name].replace(tzinfo=UTC).timestamp() for name in times}}

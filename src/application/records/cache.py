"""What the caches of nodes hold, by the database functions (database §9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tintype.application.records.times import naive_now
from tintype.application.retry import retried
from tintype.domain.errors import Duplicate, NotFound
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.records import Records, RecordWork, Row

_SHOWN = ("id", "image_id", "size", "hits", "last_accessed", "last_modified", "checksum")


@dataclass(frozen=True)
class CacheRecords:
    """Nodes by their URL, and the images in their caches."""

    work: RecordWork
    clock: Clock

    @retried
    def create_node(self, url: str) -> Row:
        """Record a node and return its row.

        Raises:
            Duplicate: it is recorded.
        """
        with self.work() as records:
            try:
                key = records.nodes.add(node_reference_url=url)
            except Duplicate as error:
                raise Duplicate(f"The node {url} is recorded already.") from error
            (node,) = records.nodes.find(node_reference_id=key)
            records.commit()
        return node

    def node(self, url: str) -> Row:
        """Return the row of a node.

        Raises:
            NotFound: it is not recorded.
        """
        with self.work(read_only=True) as records:
            return _node(records, url)

    def insert(self, url: str, image_id: str, **details: Any) -> None:
        """Record an image in the cache of a node, unless it is recorded.

        `details` are columns; times default to now and hits to none.

        Raises:
            NotFound: the node is not recorded.
        """
        now = naive_now(self.clock)
        given = {name: value for name, value in details.items() if value is not None}
        defaults = {"last_accessed": now, "last_modified": now, "hits": 0}
        self._insert(url, image_id, defaults | given)

    @retried
    def _insert(self, url: str, image_id: str, details: Row) -> None:
        with self.work() as records:
            this = {"image_id": image_id, "node_reference_id": _node(records, url)[_KEY]}
            if records.cached_images.find(**this):
                return
            try:
                records.cached_images.add(**this, **details)
            except Duplicate:
                # Another thread of the node was faster.
                return
            records.commit()

    def find(self, url: str, image_id: str | None = None) -> Sequence[Row]:
        """Return what the cache of a node holds, or holds of one image."""
        this: Row = {} if image_id is None else {"image_id": image_id}
        with self.work(read_only=True) as records:
            rows = records.cached_images.find(**this, node_reference_id=_nodes(records, url))
        return [{name: row[name] for name in _SHOWN} for row in rows]

    def nodes_with(self, image_id: str) -> Sequence[str]:
        """Return the URLs of the nodes that have the image in their caches."""
        with self.work(read_only=True) as records:
            keys = [row[_KEY] for row in records.cached_images.find(image_id=image_id)]
            found = records.nodes.find(node_reference_id=keys) if keys else []
        return [node["node_reference_url"] for node in found]

    @retried
    def hit(self, url: str, image_id: str) -> None:
        """Count that an image was handed out from the cache of a node."""
        with self.work() as records:
            this = {"image_id": image_id, "node_reference_id": _nodes(records, url)}
            records.cached_images.hit(naive_now(self.clock), **this)
            records.commit()

    def least_recently_accessed(self, url: str) -> str | None:
        """Return the id of the image that nobody asked for the longest; the first of several."""
        with self.work(read_only=True) as records:
            oldest = records.cached_images.oldest(node_reference_id=_nodes(records, url))
        return str(oldest[0]["image_id"]) if oldest else None

    @retried
    def remove(self, url: str, image_id: str | None = None) -> None:
        """Forget one image in the cache of a node, or all."""
        this = {} if image_id is None else {"image_id": image_id}
        with self.work() as records:
            records.cached_images.remove(**this, node_reference_id=_nodes(records, url))
            records.commit()


_KEY = "node_reference_id"


def _node(records: Records, url: str) -> Row:
    for node in records.nodes.find(node_reference_url=url):
        return node
    raise NotFound(f"The node {url} is not recorded.")


def _nodes(records: Records, url: str) -> list[Any]:
    return [node[_KEY] for node in records.nodes.find(node_reference_url=url)]

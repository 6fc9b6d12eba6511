"""Removing objects, and what uploads left."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tintype.adapters.stores.swift.addresses import key_of
from tintype.adapters.stores.swift.commit import MARK
from tintype.adapters.stores.swift.faults import code_of, faults
from tintype.adapters.stores.swift.segments import mark_in, parts_of
from tintype.adapters.stores.swift.service import Service

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A container, and what is in it beside objects of images. Raises what the libraries do.

    An object has the container for its `own`, or shares it with others.
    """

    service: Service
    store: str
    container: str
    own: bool = False

    def remove(self, name: str) -> bool:
        """Remove an object with its segments; say whether it was there.

        Source: stores §6.4, delete.
        """
        removed = self._remove(name)
        self.tidy()
        return removed

    def tidy(self) -> None:
        """Remove the container if it was made for one object, and that is gone."""
        if self.own:
            self.service.remove_container(self.container)

    def _remove(self, name: str) -> bool:
        found = self.service.head(self.container, name, newest=True)
        if found is None:
            return False
        if found.get("x-static-large-object", "").lower() == "true":
            self._remove_static(self.container, name)
            return True
        if not self.service.delete(self.container, name):
            return False
        if prefix := found.get("x-object-manifest"):
            self._remove_dynamic(prefix)
        return True

    def _remove_static(self, container: str, name: str) -> None:
        """Remove an object of segments, and them before it.

        Segments that have some themselves go one after the other. At once, the service would
        remove the object before what is deepest, so that nobody could find that after a failure;
        and it refuses to when there are ten times as many as a manifest has.
        """
        for part in self.service.manifests_in(container, name):
            self._remove_static(*part)
        self.service.delete_all(container, name)

    def _remove_dynamic(self, prefix: str) -> None:
        """Remove the segments of an object that is gone.

        It goes first, for without some of them it would be taken for a shorter whole.
        """
        container, _, beginning = prefix.partition("/")
        try:
            for name in self.service.names(container, beginning):
                self.service.delete(container, name)
        except faults() as error:
            LOG.warning(
                "Segments %s of an object that was deleted stay in store %s: %s",
                *(prefix, self.store, code_of(error)),
            )

    def discard(self, name: str) -> None:
        """Remove all that uploads left of an object, but for the segments that it is made of."""
        parts = list(self.service.names(self.container, parts_of(name)))
        kept = self._mark_of(name) if parts else None
        # Signs and claims first: without them nothing can be committed any more.
        for part in sorted(parts, key=lambda part: part.count("/")):
            if mark_in(part) and not _belongs(part, kept):
                self.service.delete(self.container, part)
        self.tidy()

    def unfinished(self, name: str) -> Iterator[str]:
        """Give the marks of uploads of an object that left something, but for its own."""
        parts = list(self.service.names(self.container, parts_of(name)))
        kept = self._mark_of(name) if parts else None
        left = {mark_in(part) or part for part in parts if not _belongs(part, kept)}
        yield from sorted(left)

    def _mark_of(self, name: str) -> str | None:
        found: Mapping[str, str] | None = self.service.head(self.container, name, newest=True)
        return None if found is None else found.get(MARK)

    def keys(self) -> Iterator[str]:
        """Give the key of every object, and a name for every upload that left something."""
        for name in self.service.names(self.container, delimiter="/"):
            if not name.endswith("/"):
                yield key_of(name)
                continue
            for mark in self.unfinished(name[:-1]):
                yield f".{unquote(name[:-1])}.{mark}.upload"


def _belongs(part: str, mark: str | None) -> bool:
    """Say whether a part is a segment of the upload of that mark."""
    return mark is not None and f"/{mark}/" in part

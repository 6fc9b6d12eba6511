"""Which images a query finds in memory, and in which order."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from tintype.adapters.memory.state import State
from tintype.domain.caller import Caller
from tintype.domain.errors import BadMarker
from tintype.domain.image import Image
from tintype.domain.image_query import Condition, ImageQuery, SortKey
from tintype.domain.status import GONE
from tintype.domain.visibility import Sight, Visibility


def find_visible(state: State, image_id: str, caller: Caller) -> Image | None:
    """Return the image with that id, None if it is gone or the caller may not see it."""
    image = state.images.get(image_id)
    if image is None or image.status in GONE:
        return None
    sight = image.sight(caller)
    is_seen = sight is Sight.YES or (
        sight is Sight.IF_MEMBER and _is_member(state, image, caller, status=None)
    )
    return image if is_seen else None


def _is_member(state: State, image: Image, caller: Caller, status: str | None) -> bool:
    if caller.project_id is None:
        return False
    member = state.members.get((image.id, caller.project_id))
    return member is not None and status in (None, member.status)


@dataclass(frozen=True)
class Listing:
    """One query by one caller over one state."""

    state: State
    query: ImageQuery
    caller: Caller

    def page(self) -> list[Image]:
        """Return the images of the page, in order.

        Raises:
            BadMarker: the marker names no image that the caller sees.
        """
        found: Iterator[Image] = filter(self._matches, self.state.images.values())
        if self.query.marker is not None:
            marker = find_visible(self.state, self.query.marker, self.caller)
            if marker is None:
                raise BadMarker(self.query.marker)
            found = (image for image in found if self._compare(image, marker) > 0)
        return sorted(found, key=cmp_to_key(self._compare))[: self.query.limit]

    def _matches(self, image: Image) -> bool:
        return (
            image.status not in GONE
            and image.os_hidden is self.query.os_hidden
            and self._is_offered(image)
            and self._is_asked_for(image)
            and all(tag in image.tags for tag in self.query.tags)
            and all(_holds(condition, image) for condition in self.query.conditions)
            and self.query.properties.items() <= image.properties.items()
        )

    def _is_offered(self, image: Image) -> bool:
        """Tell whether the image may stand in lists of the caller (images-api §6).

        Unlike by id, an image without owner has to be public or community, and one that is
        shared with the caller must have been answered as the query says.
        """
        if self.caller.is_admin or self.caller.owns(image.owner):
            return True
        if image.visibility is Visibility.SHARED:
            return _is_member(self.state, image, self.caller, self.query.member_status)
        return image.visibility in (Visibility.PUBLIC, Visibility.COMMUNITY)

    def _is_asked_for(self, image: Image) -> bool:
        if self.query.visibility is not None:
            return image.visibility is self.query.visibility
        return (
            self.query.any_visibility
            or image.visibility is not Visibility.COMMUNITY
            or self.caller.owns(image.owner)
        )

    def _compare(self, left: Image, right: Image) -> int:
        for key in self.query.sort:
            mine, other = _sort_value(left, key), _sort_value(right, key)
            if mine != other:
                return 1 if (mine > other) is not key.descending else -1
        return 0


def _sort_value(image: Image, key: SortKey) -> Any:
    value = getattr(image, key.name)
    if value is None:
        return 0 if key.name == "size" else ""
    return value


def _holds(condition: Condition, image: Image) -> bool:
    value = getattr(image, condition.attribute)
    return value is not None and condition.comparison.holds(value, condition.value)

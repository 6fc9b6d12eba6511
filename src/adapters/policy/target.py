"""What a policy may look at: the image, by the names that policies know."""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from operator import attrgetter
from typing import Any

from tintype.domain.caller import Caller
from tintype.domain.image import Image

_PLAIN = (
    *("id", "name", "status", "visibility", "owner", "disk_format", "container_format"),
    *("min_disk", "min_ram", "protected", "os_hidden", "size", "virtual_size"),
    *("checksum", "os_hash_algo", "os_hash_value", "created_at", "updated_at"),
)
ATTRIBUTES = {name: name for name in _PLAIN} | {"image_id": "id", "project_id": "owner"}
"""From the names in policies to those of the image; locations are none of a policy's business."""

MEMBER = frozenset({"member", "member_id"})
PROJECTS = MEMBER | {"owner", "project_id"}

ABSENT = object()
"""Stands for the value of a custom property that an image lacks."""


class ImageTarget(Mapping[str, Any]):
    """An image as policies see it; nothing is read before it is looked up.

    A policy compares texts, and to it the lack of a project is the text "None". Before a
    caller that might match that, projects that are not set are not there: null never equals
    null (access-control §1).
    """

    __slots__ = ("_caller", "_image", "_nobody_matches")

    def __init__(self, image: Image, caller: Caller) -> None:
        self._image = image
        self._caller = caller
        self._nobody_matches = str(caller.project_id) == "None"

    def __getitem__(self, key: str) -> Any:
        attribute = ATTRIBUTES.get(key)
        if attribute is not None:
            value = getattr(self._image, attribute)
        elif key in MEMBER:
            value = self._image.member_for(self._caller)
        elif key == "tags":
            value = tuple(self._image.tags)
        else:
            value = self._image.properties[key]
        if value is None and self._nobody_matches and key in PROJECTS:
            raise KeyError(key)
        return value.value if isinstance(value, Enum) else value

    def _names(self) -> Iterator[str]:
        yield from ATTRIBUTES
        yield from MEMBER
        yield "tags"
        yield from self._image.properties

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._names() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class RecordingTarget(ImageTarget):
    """An image as policies see it, which remembers what was looked up, found or not."""

    __slots__ = ("looked_up",)

    def __init__(self, image: Image, caller: Caller) -> None:
        super().__init__(image, caller)
        self.looked_up: dict[str, None] = {}

    def __getitem__(self, key: str) -> Any:
        self.looked_up[key] = None
        return super().__getitem__(key)


def reader(keys: tuple[str, ...], caller: Caller) -> Callable[[Image], Any]:
    """Return what reads the values behind those keys from an image, as one hashable value.

    Images for which it returns equal values look the same to a policy that uses no other key.
    """
    if keys and all(key in ATTRIBUTES for key in keys):
        return attrgetter(*(ATTRIBUTES[key] for key in keys))
    getters = tuple(_getter(key, caller) for key in keys)
    return lambda image: tuple([get(image) for get in getters])


def _getter(key: str, caller: Caller) -> Callable[[Image], Any]:
    if key in ATTRIBUTES:
        return attrgetter(ATTRIBUTES[key])
    if key in MEMBER:
        return lambda image: image.member_for(caller)
    if key == "tags":
        return lambda image: tuple(image.tags)
    return lambda image: image.properties.get(key, ABSENT)

"""A catalogue so simple that one sees it is right: what lists are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import Comparison, Condition, ImageQuery
from tintype.domain.member import MemberStatus


@dataclass(frozen=True)
class Entry:
    """An image and the projects that it was offered to."""

    image: Image
    members: dict[str, MemberStatus] = field(default_factory=dict)
    is_deleted: bool = False


def listed(entries: Sequence[Entry], query: ImageQuery, caller: Caller) -> list[str]:
    """Return the ids of all images that the query finds, whatever its limit and marker."""
    found = [entry.image for entry in entries if _is_found(entry, query, caller)]
    # The last key first: sorting keeps the order of what is equal.
    for key in reversed(query.sort):
        found.sort(key=lambda image: _or_nothing(image, key.name), reverse=key.descending)
    return [image.id for image in found]


def _or_nothing(image: Image, name: str) -> str | int | datetime:
    """NULLs: empty string or 0 (images-api §7)."""
    value: str | int | datetime | None = getattr(image, name)
    if value is not None:
        return value
    return 0 if name == "size" else ""


def _is_found(entry: Entry, query: ImageQuery, caller: Caller) -> bool:
    image = entry.image
    return (
        not entry.is_deleted
        and image.os_hidden == query.os_hidden
        and _is_in_lists_of(entry, query, caller)
        and set(query.tags).issubset(image.tags)
        and all(image.properties.get(name) == value for name, value in query.properties.items())
        and all(_meets(image, condition) for condition in query.conditions)
    )


def _is_in_lists_of(entry: Entry, query: ImageQuery, caller: Caller) -> bool:
    """The columns "in default list" and "visibility" of images-api §6 and §7."""
    image, me = entry.image, caller.project_id
    own = me is not None and image.owner == me
    answer = entry.members.get(me) if me is not None else None
    match image.visibility.value:
        case "public":
            offered = True
        case "community":
            offered = own or query.any_visibility or query.visibility == "community"
        case "shared":
            welcome = answer is not None and query.member_status in (None, answer.value)
            offered = own or caller.is_admin or welcome
        case _:
            offered = own or caller.is_admin
    return offered and query.visibility in (None, image.visibility.value)


def _meets(image: Image, condition: Condition) -> bool:
    value = getattr(image, condition.attribute)
    if value is None:
        return False
    wanted: Any = condition.value
    match condition.comparison:
        case Comparison.EQ:
            return bool(value == wanted)
        case Comparison.NEQ:
            return bool(value != wanted)
        case Comparison.GT:
            return bool(value > wanted)
        case Comparison.GTE:
            return bool(value >= wanted)
        case Comparison.LT:
            return bool(value < wanted)
        case Comparison.LTE:
            return bool(value <= wanted)
        case Comparison.IN:
            return value in wanted

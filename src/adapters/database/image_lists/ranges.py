"""The ranges whose union is what a caller may see in a list (images-api §6)."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    false,
    literal_column,
    select,
    type_coerce,
)

from tintype.adapters.database.image_lists.question import Shape
from tintype.adapters.database.tables import image_members, images
from tintype.domain.visibility import Visibility

_visibility = type_coerce(images.c.visibility, String)
_project = bindparam("project", type_=String)
_OWN = images.c.owner == _project


def ranges(shape: Shape) -> list[ColumnElement[bool]]:
    """Return the ranges, each of which begins an index; an image may lie in two."""
    found = walked_ranges(shape)
    return [*found, shared_with_project(shape)] if shape.from_offers else found


def walked_ranges(shape: Shape) -> list[ColumnElement[bool]]:
    """Return the same without what is found by the offers to the caller."""
    found = _administrators(shape) if shape.admin else _others(shape)
    return found or [false()]


def offers() -> Select[Any]:
    """Select the images that were offered to the caller, in the status that is asked for."""
    c = image_members.c
    asked_for = bindparam("member_status", type_=String)
    return (
        select(c.image_id.label("image"))
        .where(c.member == _project, c.deleted == false(), c.status == asked_for)
        .distinct()
    )


def _administrators(shape: Shape) -> list[ColumnElement[bool]]:
    if shape.visibility is not None:
        return [_is(shape.visibility)]
    all_but_community = [_is(it) for it in Visibility if it is not Visibility.COMMUNITY]
    if shape.any_visibility:
        return [*all_but_community, _is(Visibility.COMMUNITY)]
    if shape.has_project:
        return [*all_but_community, and_(_OWN, _is(Visibility.COMMUNITY))]
    return all_but_community


def _others(shape: Shape) -> list[ColumnElement[bool]]:
    found = []
    if shape.has_project:
        found.append(_OWN if shape.visibility is None else and_(_OWN, _is(shape.visibility)))
        if shape.visibility in (None, Visibility.SHARED) and not shape.from_offers:
            found.append(shared_with_project(shape))
    if shape.visibility in (None, Visibility.PUBLIC):
        found.append(_is(Visibility.PUBLIC))
    if shape.visibility is Visibility.COMMUNITY or shape.any_visibility:
        found.append(_is(Visibility.COMMUNITY))
    return found


def shared_with_project(shape: Shape) -> ColumnElement[bool]:
    """Say that an image is shared, and offered to the caller."""
    c = image_members.c
    offered = exists().where(c.image_id == images.c.id, c.member == _project, c.deleted == false())
    if not shape.any_member_status:
        offered = offered.where(c.status == bindparam("member_status", type_=String))
    return and_(_is(Visibility.SHARED), offered)


def _is(visibility: Visibility) -> ColumnElement[bool]:
    return _visibility == literal_column(f"'{visibility.value}'")


def whatever_visibility() -> ColumnElement[bool]:
    """Name every visibility, for indexes that begin with it."""
    return _visibility.in_([literal_column(f"'{it.value}'") for it in Visibility])

"""The ranges whose union is what a caller may see in a list (images-api §6)."""

from typing import Any, NamedTuple

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

from tintype.adapters.database.exactly import equals
from tintype.adapters.database.image_lists.question import Shape
from tintype.adapters.database.indexes import SORTED_BY, STARTS
from tintype.adapters.database.tables import image_members, images
from tintype.domain.image_query import Comparison
from tintype.domain.visibility import Visibility

_visibility = type_coerce(images.c.visibility, String)
_project = bindparam("project", type_=String)
_OFFERED = equals(image_members.c.member, _project)


class Range(NamedTuple):
    """What holds for the images of a range, and the columns that its indexes begin with.

    None for one whose images are not all that an index has in one place.
    """

    condition: ColumnElement[bool]
    columns: str | None

    def where(self, condition: ColumnElement[bool]) -> "Range":
        """Return the part of it for which something else holds too."""
        return self._replace(condition=and_(self.condition, condition))


_OWN = Range(equals(images.c.owner, _project), "owner")


def ranges(shape: Shape) -> list[ColumnElement[bool]]:
    """Return the ranges, each of which begins an index; an image may lie in two."""
    found = [each.condition for each in walked_ranges(shape)]
    return [*found, shared_with_project(shape)] if shape.from_offers else found


def walked_ranges(shape: Shape) -> list[Range]:
    """Return the same without what is found by the offers to the caller."""
    found = _administrators(shape) if shape.admin else _others(shape)
    return found or [Range(false(), None)]


def offers(shape: Shape) -> Select[Any]:
    """Select the images that were offered to the caller, in the status that is asked for."""
    c = image_members.c
    found = select(c.image_id.label("image")).where(_OFFERED, c.deleted == false())
    if not shape.any_member_status:
        found = found.where(c.status == bindparam("member_status", type_=String))
    return found.distinct()


def index_along(scope: Range, shape: Shape) -> str | None:
    """Return what the name of the index says that has the page of a range in its order.

    None where another may have less to pass: that is for the database to find out.
    """
    key = shape.sort[0].name
    filtered = {filter_.attribute for filter_ in shape.filters}
    equal = {filter_.attribute for filter_ in shape.filters if filter_.comparison is Comparison.EQ}
    if scope.columns is None or "id" in {key, *filtered}:
        return None
    of_an_owner = "owner" in equal and scope.columns == "visibility"
    columns = "owner_visibility" if of_an_owner else scope.columns
    if key == "created_at":
        # With such a value in it the index has no more than what is asked for.
        values = sorted(equal.intersection(SORTED_BY))
    else:
        values = [key]
        if "created_at" in filtered:
            return None
    if not values:
        return columns
    return f"{columns}_{values[0]}" if len(values) == 1 and columns in STARTS else None


def _administrators(shape: Shape) -> list[Range]:
    if shape.visibility is not None:
        return [_is(shape.visibility)]
    all_but_community = [_is(it) for it in Visibility if it is not Visibility.COMMUNITY]
    if shape.any_visibility:
        return [*all_but_community, _is(Visibility.COMMUNITY)]
    if shape.has_project:
        return [*all_but_community, _own(Visibility.COMMUNITY)]
    return all_but_community


def _others(shape: Shape) -> list[Range]:
    found = []
    if shape.has_project:
        found.append(_OWN if shape.visibility is None else _own(shape.visibility))
        if shape.visibility in (None, Visibility.SHARED) and not shape.from_offers:
            found.append(Range(shared_with_project(shape), None))
    if shape.visibility in (None, Visibility.PUBLIC):
        found.append(_is(Visibility.PUBLIC))
    if shape.visibility is Visibility.COMMUNITY or shape.any_visibility:
        found.append(_is(Visibility.COMMUNITY))
    return found


def shared_with_project(shape: Shape) -> ColumnElement[bool]:
    """Say that an image is shared, and offered to the caller."""
    c = image_members.c
    offered = exists().where(c.image_id == images.c.id, _OFFERED, c.deleted == false())
    if not shape.any_member_status:
        offered = offered.where(c.status == bindparam("member_status", type_=String))
    return and_(_is(Visibility.SHARED).condition, offered)


def _own(visibility: Visibility) -> Range:
    return Range(and_(_OWN.condition, _is(visibility).condition), "owner_visibility")


def _is(visibility: Visibility) -> Range:
    return Range(_visibility == literal_column(f"'{visibility.value}'"), "visibility")


def whatever_visibility() -> ColumnElement[bool]:
    """Name every visibility, for indexes that begin with it."""
    return _visibility.in_([literal_column(f"'{it.value}'") for it in Visibility])

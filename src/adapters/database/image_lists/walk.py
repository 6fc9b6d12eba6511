"""Walking along ranges: the next images of each, and of all these the first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select, union

from tintype.adapters.database.image_lists.conditions import Keys
from tintype.adapters.database.image_lists.question import Shape
from tintype.adapters.database.image_lists.ranges import Range, index_along
from tintype.adapters.database.indexes import LEFT_OUT
from tintype.adapters.database.tables import images
from tintype.domain.image_query import SortKey

_NOT_OF_ALL = f"IGNORE INDEX FOR ORDER BY ({', '.join(LEFT_OUT)})"
"""MySQL would read these indexes of the field's, of all images, from one end on, as if those that
the caller sees came evenly: the newest may all be of others."""


def ids_with_keys(keys: Keys) -> Select[Any]:
    """Select the ids of images, and what these are sorted by."""
    found = [column.label(f"key_{number}") for number, (column, _) in enumerate(keys)]
    return select(images.c.id.label("image"), *found)


def first_of(parts: Sequence[Select[Any]], keys: Keys, size: Any) -> FromClause:
    """Take the first images of several selections, each of which has no more than these."""
    if len(parts) == 1:
        return parts[0].subquery("page")
    # An image may lie in two ranges; `union` drops the double.
    everything = union(
        *(select(part.subquery(f"range_{number}")) for number, part in enumerate(parts))
    ).subquery("ranges")
    sorted_by = [(everything.c[f"key_{n}"], key) for n, (_, key) in enumerate(keys)]
    return select(everything).order_by(*in_order(sorted_by)).limit(size).subquery("page")


def in_order(keys: Keys) -> list[ColumnElement[Any]]:
    """Return what a statement sorts by."""
    return [directed(column, key) for column, key in keys]


def directed(column: ColumnElement[Any], key: SortKey) -> ColumnElement[Any]:
    """Return a column in the direction of a key."""
    return column.desc() if key.descending else column.asc()


def along(scope: Range, shape: Shape) -> str:
    """Tell MySQL the index to read a range along.

    Told nothing it takes an index of more than the range, if that is shorter, or begins at the
    first of the range and passes all that comes before the marker.
    """
    columns = index_along(scope, shape)
    return f"FORCE INDEX (tintype_images_{columns})" if columns else _NOT_OF_ALL

"""Labels: tags and properties that are asked for, each of which an index has in the default order.

A page of images that have one is read along that index, as far as it leads (decision 0030).
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    bindparam,
    false,
    func,
    literal_column,
    select,
    true,
)

from tintype.adapters.database.image_lists.conditions import (
    Keys,
    comes_after,
    has,
    property_begins,
    property_is,
    tag_is,
)
from tintype.adapters.database.image_lists.question import Shape
from tintype.adapters.database.image_lists.walk import in_order
from tintype.adapters.database.indexes import ORDER_OF_PROPERTIES, ORDER_OF_TAGS
from tintype.adapters.database.label_times import TIME, properties, tags

REACH = 24
"""Images with a label that are looked at for each of a page, before another way is taken."""

LACKING = 2000
"""Rows of a label without the time, at most, that are looked at beside those in order."""

_REACH: Any = bindparam("reach", type_=BigInteger)
_BUT_ONE: Any = bindparam("reach_but_one", type_=BigInteger)
_ONE: Any = literal_column("1")


class Label(NamedTuple):
    """The table of its rows, what holds for them, and the index that has them in `order`.

    `begins` says the same as `condition`, as far as the index goes. A row that says again what
    an `older` one says can be in databases that were adopted.
    """

    table: Table
    condition: ColumnElement[bool]
    begins: ColumnElement[bool]
    order: str
    older: ColumnElement[bool] = false()

    def images(self) -> Select[Any]:
        """Select all images that have it, one of them twice if its row is there twice."""
        return select(self.table.c.image_id.label("image")).where(self.condition)

    def is_of(self, image: ColumnElement[Any]) -> ColumnElement[bool]:
        """Say that the image of an id has it, so that it is asked of each image."""
        return has(self.table, self.condition, image)


def labels(shape: Shape, dialect: str) -> list[Label]:
    """Return the tags that are asked for, and then the properties."""
    return [
        *map(_tag, range(shape.tags)),
        *(_property(number, dialect) for number in range(shape.properties)),
    ]


def _tag(number: int) -> Label:
    older = tags.alias("older")
    again = (
        select(_ONE)
        .where(older.c.image_id == tags.c.image_id, tag_is(number, older), older.c.id < tags.c.id)
        .limit(_ONE)
        .correlate(tags)
        .scalar_subquery()
    )
    return Label(tags, tag_is(number), tag_is(number), ORDER_OF_TAGS, again.is_not(None))


def _property(number: int, dialect: str) -> Label:
    is_it, begins = property_is(number, dialect), property_begins(number, dialect)
    return Label(properties, is_it, begins, ORDER_OF_PROPERTIES)


def are_in_order(shape: Shape) -> bool:
    """Tell whether the order that is asked for is that of the indexes of labels."""
    first, second, *_ = (*shape.sort, None)
    in_order = second is not None and (first.name, second.name) == ("created_at", "id")
    return in_order and first.descending == second.descending


def within_reach(label: Label, shape: Shape, dialect: str) -> FromClause:
    """Select the `time` and `image` of the next rows with a label, each image once, in order."""
    keys = _keys(label, shape)
    (time, _), (image, _) = keys
    rows = (
        _rows(label, keys, shape, dialect)
        .with_only_columns(time.label("time"), image.label("image"))
        .where(before_end(time, shape))
    )
    if dialect == "mysql":
        # It reads a selection like this one in the order of the index, as far as it is wanted; any
        # other it would make whole before.
        return rows.where(~label.older).subquery("placed")
    return rows.distinct().order_by(*in_order(keys)).limit(_REACH).subquery("placed")


def before_end(time: ColumnElement[Any], shape: Shape) -> ColumnElement[bool]:
    """Say that a time comes before that at which the reach ends.

    At that very time there may be more images than are within reach.
    """
    end = bindparam("end", type_=time.type)
    return time > end if shape.sort[0].descending else time < end


def unplaced(label: Label) -> Select[Any]:
    """Select the images with a label whose rows lack the time."""
    return label.images().where(label.table.c[TIME].is_(None))


def reaches(shape: Shape, dialect: str) -> Select[Any]:
    """Tell for each label how many rows lack the time, and the time at which the reach ends.

    Counting stops beyond what may be. There is no time if fewer rows follow.
    """
    found = []
    for number, label in enumerate(labels(shape, dialect)):
        lacking = unplaced(label).limit(literal_column(str(LACKING + 1)))
        count = select(func.count()).select_from(lacking.subquery(f"lacking_{number}"))
        keys = _keys(label, shape)
        next_ones = _rows(label, keys, shape, dialect).with_only_columns(keys[0][0])
        end = next_ones.order_by(*in_order(keys)).offset(_BUT_ONE).limit(_ONE)
        found += [count.scalar_subquery(), end.scalar_subquery()]
    return select(*found)


def _keys(label: Label, shape: Shape) -> Keys:
    columns = label.table.c
    return [*zip((columns[TIME], columns.image_id), shape.sort[:2], strict=True)]


def _rows(label: Label, keys: Keys, shape: Shape, dialect: str) -> Select[Any]:
    """Select the rows after the marker, from the time on at which the page begins.

    Those that lack the time are left out.
    """
    time, by_time = keys[0]
    begin = bindparam("begin", type_=time.type)
    return (
        select(label.table)
        .where(
            label.begins,
            time <= begin if by_time.descending else time >= begin,
            comes_after(keys, dialect) if shape.continued else true(),
        )
        .with_hint(label.table, f"FORCE INDEX ({label.order})", "mysql")
    )

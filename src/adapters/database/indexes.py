"""The indexes that lists need, beside those of the field.

Every range of a list is the beginning of an index that ends in the sort keys, so that a page
costs the same however large the catalogue is.
"""

from typing import Any

from sqlalchemy import Connection, Index, MetaData, inspect
from sqlalchemy.schema import CreateIndex, DropIndex

from tintype.adapters.database.label_times import TIME, add_columns, properties, tags
from tintype.adapters.database.tables import (
    PREFIX,
    cached_images,
    image_members,
    image_properties,
    image_tags,
    images,
    prefix,
)

SORTED_BY = ("name", "status", "container_format", "disk_format", "size", "updated_at")
"""What lists may be sorted by, besides the default order; filters by these use it too."""

STARTS = ("owner", "visibility")
"""Columns that a range is made by; behind each, an index has every order."""

_FILTERED_BY = ("protected", "virtual_size", "min_disk", "min_ram", "os_hash_algo")
"""What else they may be filtered by and the field has no index for."""

ORDER_OF_TAGS = "tintype_image_tags_order"
ORDER_OF_PROPERTIES = "tintype_image_properties_order"

LEFT_OUT = ("created_at_image_idx", "updated_at_image_idx")
"""Indexes of the field's that lists on MySQL name, and fail without."""


def additional_indexes(dialect: str) -> list[Index]:
    """Return all of them, on copies of the tables."""
    copy = MetaData()
    i = images.to_metadata(copy).c
    p, t, m = (table.to_metadata(copy).c for table in (properties, tags, image_members))
    n = cached_images.to_metadata(copy).c
    there, order = (i.deleted, i.os_hidden), (i.created_at, i.id)
    indexes = [
        Index("tintype_image_members_member", m.member, m.deleted, m.status, m.image_id),
        Index(ORDER_OF_TAGS, t.value, t.deleted, t[TIME], t.image_id),
        Index("tintype_cached_images_node", n.node_reference_id, n.last_accessed, n.id),
        Index("tintype_images_owner_visibility", i.owner, i.visibility, *there, *order),
    ]
    for start in STARTS:
        indexes.append(Index(f"tintype_images_{start}", i[start], *there, *order))
        indexes += [
            Index(f"tintype_images_{start}_{key}", i[start], *there, i[key], *order)
            for key in SORTED_BY
        ]
    indexes += [Index(f"tintype_images_{key}", i[key]) for key in _FILTERED_BY]
    indexed = p.value if dialect == "mysql" else prefix(p.value)
    of_mysql: Any = {"mysql_length": {"value": PREFIX}} if dialect == "mysql" else {}
    value = (p.name, indexed, p.deleted, p[TIME], p.image_id)
    return [*indexes, Index(ORDER_OF_PROPERTIES, *value, **of_mysql)]


def superseded_indexes() -> list[Index]:
    """Return those that earlier steps made and that nothing needs any more."""
    copy = MetaData()
    i, t, p = (table.to_metadata(copy).c for table in (images, image_tags, image_properties))
    return [
        Index("tintype_images_name", i.name),
        Index("tintype_images_created_at", i.deleted, i.os_hidden, i.created_at, i.id),
        Index("tintype_image_tags_value", t.value),
        Index("tintype_image_properties_value", p.name),
    ]


def make_indexes(connection: Connection) -> None:
    """Add what lists need and is not there yet, and drop what is superseded."""
    add_columns(connection)
    of_the_field = [index for index in images.indexes if index.name in LEFT_OUT]
    # MySQL has no IF [NOT] EXISTS here, and SQLite does not list indexes on expressions.
    known = _known(connection) if connection.dialect.name == "mysql" else None
    for index in [*of_the_field, *additional_indexes(connection.dialect.name)]:
        if known is None:
            connection.execute(CreateIndex(index, if_not_exists=True))
        elif index.name not in known:
            connection.execute(CreateIndex(index))
    for index in superseded_indexes():
        if known is None:
            connection.execute(DropIndex(index, if_exists=True))
        elif index.name in known:
            connection.execute(DropIndex(index))
    if known is not None:
        _keep_that_of_the_foreign_key(connection)


def _keep_that_of_the_foreign_key(connection: Connection) -> None:
    """Put back what MySQL made for the key of a node, and drops when another index begins so.

    Without it ours would serve the key, and nobody who goes back to Glance could drop it.
    """
    node = cached_images.to_metadata(MetaData()).c.node_reference_id
    index = Index(node.name, node)
    if index.name not in _known(connection):
        connection.execute(CreateIndex(index))


def _known(connection: Connection) -> set[str | None]:
    inspector = inspect(connection)
    tables = (images, image_properties, image_tags, image_members, cached_images)
    return {index["name"] for table in tables for index in inspector.get_indexes(table.name)}

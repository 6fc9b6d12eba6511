"""Every table, column for column as the field has them, and what Tintype adds.

Times are naive UTC; a row is soft-deleted when `deleted` is true. Source: spec database §12.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    literal_column,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import SchemaItem

field_schema = MetaData()
"""What an adopted database has already."""

additions = MetaData()
"""Tables of Tintype's own."""

# A plain DATETIME of MySQL forgets microseconds, and lists sort by them.
_time = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# SQLite numbers rows by itself only in a column declared INTEGER.
_big_key = BigInteger().with_variant(Integer(), "sqlite")

_visibilities = ("private", "public", "shared", "community")


def _table(metadata: MetaData, name: str, *parts: SchemaItem) -> Table:
    return Table(
        name,
        metadata,
        *parts,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def exact_collation(connection: Connection) -> str:
    """Return how this MySQL compares text by case and, if it can, by trailing spaces.

    `utf8mb4_bin`, which every MySQL and MariaDB has, takes "a" and "a " for the same.
    """
    dialect = connection.dialect
    if getattr(dialect, "is_mariadb", False):
        return "utf8mb4_nopad_bin"
    version = dialect.server_version_info or ()
    return "utf8mb4_0900_bin" if version >= (8, 0, 17) else "utf8mb4_bin"


def exactly_compared(metadata: MetaData, connection: Connection) -> MetaData:
    """Return the tables as this server compares text exactly."""
    if connection.dialect.name != "mysql":
        return metadata
    collation = exact_collation(connection)
    copy = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(copy).dialect_options["mysql"]["collate"] = collation
    return copy


def _times() -> tuple[Column[Any], ...]:
    return (Column("created_at", _time, nullable=False), Column("updated_at", _time))


def _soft_deletion() -> tuple[Column[Any], ...]:
    return (
        *_times(),
        Column("deleted_at", _time),
        Column("deleted", Boolean(create_constraint=False), nullable=False),
    )


def _image_id() -> Column[Any]:
    return Column("image_id", String(36), ForeignKey("images.id"), nullable=False)


def _namespace_id() -> Column[Any]:
    return Column("namespace_id", Integer, ForeignKey("metadef_namespaces.id"), nullable=False)


images = _table(
    field_schema,
    "images",
    Column("id", String(36), primary_key=True),
    Column("name", String(255)),
    Column("disk_format", String(20)),
    Column("container_format", String(20)),
    Column("size", BigInteger),
    Column("virtual_size", BigInteger),
    Column("status", String(30), nullable=False),
    Column(
        "visibility",
        Enum(*_visibilities, name="image_visibility"),
        nullable=False,
        server_default="shared",
    ),
    Column("checksum", String(32)),
    Column("os_hash_algo", String(64)),
    Column("os_hash_value", String(128)),
    Column("min_disk", Integer, nullable=False),
    Column("min_ram", Integer, nullable=False),
    Column("owner", String(255)),
    Column("protected", Boolean, nullable=False, server_default=false()),
    Column("os_hidden", Boolean, nullable=False, server_default=false()),
    *_soft_deletion(),
    Index("checksum_image_idx", "checksum"),
    Index("visibility_image_idx", "visibility"),
    Index("ix_images_deleted", "deleted"),
    Index("owner_image_idx", "owner"),
    Index("created_at_image_idx", "created_at"),
    Index("updated_at_image_idx", "updated_at"),
    Index("os_hidden_image_idx", "os_hidden"),
    Index("os_hash_value_image_idx", "os_hash_value"),
)

image_properties = _table(
    field_schema,
    "image_properties",
    Column("id", Integer, primary_key=True),
    _image_id(),
    Column("name", String(255), nullable=False),
    Column("value", Text),
    *_soft_deletion(),
    UniqueConstraint("image_id", "name", name="ix_image_properties_image_id_name"),
    Index("ix_image_properties_image_id", "image_id"),
    Index("ix_image_properties_deleted", "deleted"),
)

image_tags = _table(
    field_schema,
    "image_tags",
    Column("id", Integer, primary_key=True),
    _image_id(),
    Column("value", String(255), nullable=False),
    *_soft_deletion(),
    Index("ix_image_tags_image_id", "image_id"),
    Index("ix_image_tags_image_id_tag_value", "image_id", "value"),
)

image_locations = _table(
    field_schema,
    "image_locations",
    Column("id", Integer, primary_key=True),
    _image_id(),
    Column("value", Text, nullable=False),
    Column("meta_data", Text),
    Column("status", String(30), nullable=False, server_default="active"),
    *_soft_deletion(),
    Index("ix_image_locations_image_id", "image_id"),
    Index("ix_image_locations_deleted", "deleted"),
)

image_members = _table(
    field_schema,
    "image_members",
    Column("id", Integer, primary_key=True),
    _image_id(),
    Column("member", String(255), nullable=False),
    Column("can_share", Boolean, nullable=False),
    Column("status", String(20), nullable=False, server_default="pending"),
    *_soft_deletion(),
    UniqueConstraint(
        "image_id",
        "member",
        "deleted_at",
        name="image_members_image_id_member_deleted_at_key",
    ),
    Index("ix_image_members_deleted", "deleted"),
    Index("ix_image_members_image_id", "image_id"),
    Index("ix_image_members_image_id_member", "image_id", "member"),
)

tasks = _table(
    field_schema,
    "tasks",
    Column("id", String(36), primary_key=True),
    Column("type", String(30), nullable=False),
    Column("status", String(30), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("expires_at", _time),
    Column("image_id", String(36)),
    Column("request_id", String(64)),
    Column("user_id", String(64)),
    *_soft_deletion(),
    Index("ix_tasks_type", "type"),
    Index("ix_tasks_status", "status"),
    Index("ix_tasks_owner", "owner"),
    Index("ix_tasks_deleted", "deleted"),
    Index("ix_tasks_image_id", "image_id"),
    Index("ix_tasks_updated_at", "updated_at"),
)

task_info = _table(
    field_schema,
    "task_info",
    Column("task_id", String(36), ForeignKey("tasks.id"), primary_key=True),
    Column("input", Text),
    Column("result", Text),
    Column("message", Text),
)

node_reference = _table(
    field_schema,
    "node_reference",
    Column("node_reference_id", _big_key, primary_key=True, autoincrement=True),
    Column("node_reference_url", String(255), nullable=False),
    UniqueConstraint("node_reference_url", name="uq_node_reference_node_reference_url"),
)

cached_images = _table(
    field_schema,
    "cached_images",
    Column("id", _big_key, primary_key=True, autoincrement=True),
    Column("image_id", String(36), nullable=False),
    Column("last_accessed", _time, nullable=False),
    Column("last_modified", _time, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("checksum", String(32)),
    Column(
        "node_reference_id",
        BigInteger,
        ForeignKey("node_reference.node_reference_id"),
        nullable=False,
    ),
    UniqueConstraint(
        "image_id", "node_reference_id", name="ix_cached_images_image_id_node_reference_id"
    ),
)

metadef_namespaces = _table(
    field_schema,
    "metadef_namespaces",
    Column("id", Integer, primary_key=True),
    Column("namespace", String(80), nullable=False),
    Column("display_name", String(80)),
    Column("description", Text),
    Column("visibility", String(32)),
    Column("protected", Boolean),
    Column("owner", String(255), nullable=False),
    *_times(),
    UniqueConstraint("namespace", name="uq_metadef_namespaces_namespace"),
    Index("ix_metadef_namespaces_owner", "owner"),
)

metadef_objects = _table(
    field_schema,
    "metadef_objects",
    Column("id", Integer, primary_key=True),
    _namespace_id(),
    Column("name", String(80), nullable=False),
    Column("description", Text),
    Column("required", Text),
    Column("json_schema", Text, nullable=False),
    *_times(),
    UniqueConstraint("namespace_id", "name", name="uq_metadef_objects_namespace_id_name"),
    Index("ix_metadef_objects_name", "name"),
)

metadef_properties = _table(
    field_schema,
    "metadef_properties",
    Column("id", Integer, primary_key=True),
    _namespace_id(),
    Column("name", String(80), nullable=False),
    Column("json_schema", Text, nullable=False),
    *_times(),
    UniqueConstraint("namespace_id", "name", name="uq_metadef_properties_namespace_id_name"),
    Index("ix_metadef_properties_name", "name"),
)

metadef_tags = _table(
    field_schema,
    "metadef_tags",
    Column("id", Integer, primary_key=True),
    _namespace_id(),
    Column("name", String(80), nullable=False),
    *_times(),
    UniqueConstraint("namespace_id", "name", name="uq_metadef_tags_namespace_id_name"),
    Index("ix_metadef_tags_name", "name"),
)

metadef_resource_types = _table(
    field_schema,
    "metadef_resource_types",
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("protected", Boolean, nullable=False),
    *_times(),
    UniqueConstraint("name", name="uq_metadef_resource_types_name"),
)

metadef_namespace_resource_types = _table(
    field_schema,
    "metadef_namespace_resource_types",
    Column("resource_type_id", Integer, ForeignKey("metadef_resource_types.id"), primary_key=True),
    Column("namespace_id", Integer, ForeignKey("metadef_namespaces.id"), primary_key=True),
    Column("properties_target", String(80)),
    Column("prefix", String(80)),
    *_times(),
    Index("ix_metadef_ns_res_types_namespace_id", "namespace_id"),
)

alembic_version = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)
"""The field's own mark of its schema, kept so that it can run on ours."""


def reservation_columns() -> tuple[Column[Any], ...]:
    """Return the columns of a lease that say which bytes are set aside for whom."""
    return (
        Column("reserved_by", String(255)),
        Column("reserved_of", String(30)),
        Column("reserved_size", BigInteger),
    )


leases = _table(
    additions,
    "tintype_leases",
    Column("id", String(36), primary_key=True),
    Column("image_id", String(36), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("holder", String(255), nullable=False),
    Column("expires_at", _time, nullable=False),
    Column("store", String(255)),
    Column("restore_to", String(30)),
    *reservation_columns(),
    # Of the deletion of one location alone, the number of that.
    Column("task_id", String(36)),
    Index("tintype_leases_holder", "holder"),
    Index("tintype_leases_expires_at", "expires_at"),
    Index("tintype_leases_task_id", "task_id"),
)

projects = _table(additions, "tintype_projects", Column("id", String(255), primary_key=True))
"""One row for each project with a quota, to be locked while it is counted."""
own_tasks = _table(
    additions,
    "tintype_tasks",
    Column("task_id", String(36), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("progress", Text),
    Column("secrets", Text),
)
"""Of each task what the field's tables have no room for."""

adoption = _table(
    additions,
    "tintype_adoption",
    Column("fact", String(20), primary_key=True),
    Column("at", _time, nullable=False),
)
"""Where the database comes from, and how far it was taken over."""

purged_images = _table(
    additions,
    "tintype_purged_images",
    Column("id", String(36), primary_key=True),
    Column("at", _time, nullable=False),
)
"""Ids of images that left no other row; a stranger must not get one of them."""

PREFIX = 128
"""Characters of a property's value that are indexed: the whole may be too long for a page."""


def sortable(text: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the column with NULL as the empty string; literally, for indexes to match."""
    return func.coalesce(text, literal_column("''"), type_=String)


def prefix(value: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the part of a property's value that is indexed (not on MySQL, which has its own)."""
    return func.substr(value, literal_column("1"), literal_column(str(PREFIX)), type_=String)

"""Databases as the field's own programs leave them."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, Table, delete, insert

from tintype.adapters.database import schema, tables

REVISION = "2024_1_contract01"
NOW = datetime(2024, 5, 17, 12, 30, 15)
ROW = {"created_at": NOW, "updated_at": NOW, "deleted": False}
IMAGE = {
    **{"id": "an-image", "status": "active", "visibility": "shared", "owner": "owner"},
    **{"min_disk": 0, "min_ram": 0, "protected": False, "os_hidden": False, **ROW},
}


def make_field_database(engine: Engine, *revisions: str) -> None:
    """Make the tables as the field has them: on MySQL in utf8, times in whole seconds."""
    copy = MetaData()
    for table in tables.field_schema.sorted_tables:
        made = table.to_metadata(copy)
        made.dialect_options["mysql"]["charset"] = "utf8"
        made.dialect_options["mysql"]["collate"] = "utf8_general_ci"
        for column in made.columns:
            if isinstance(column.type, DateTime):
                column.type = DateTime()
    with engine.connect() as connection:
        copy.create_all(connection)
        tables.alembic_version.create(connection)
        for revision in revisions or (REVISION,):
            connection.execute(insert(tables.alembic_version), {"version_num": revision})


def make_adopted_database(engine: Engine) -> None:
    """Make the same, with what our own programs add."""
    make_field_database(engine)
    schema.upgrade(engine)


def make_tolerant_database(engine: Engine) -> None:
    """Make the same of one that had rows twice, and so lets there be more of them."""
    make_field_database(engine)
    leave_doubles(engine)
    schema.upgrade(engine)
    with engine.connect() as connection:
        for table in (tables.image_members, tables.image_tags, tables.images):
            connection.execute(delete(table))


def leave(engine: Engine, table: Table, *rows: dict[str, Any]) -> None:
    """Write rows as another program does."""
    with engine.connect() as connection:
        connection.execute(insert(table), [ROW | row for row in rows])


def leave_doubles(engine: Engine) -> None:
    """Leave an image with a member and a tag that are there twice."""
    leave(engine, tables.images, IMAGE)
    member = {"image_id": IMAGE["id"], "member": "other", "can_share": False, "status": "pending"}
    leave(engine, tables.image_members, member, member)
    tag = {"image_id": IMAGE["id"], "value": "x"}
    leave(engine, tables.image_tags, tag, tag)

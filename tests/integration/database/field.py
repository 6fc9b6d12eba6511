"""Databases as the field's own programs leave them."""

from sqlalchemy import DateTime, Engine, MetaData, insert

from tintype.adapters.database import tables

REVISION = "2024_1_contract01"


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

"""The schema: made from nothing, taken over, and brought up to date by many at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Index, inspect, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from tests.builders import ADMIN, a_lease, a_task, an_image
from tests.contract.catalogue.steps import keep, look
from tests.integration.database.field import REVISION, make_field_database
from tintype.adapters.database import indexes, label_times, schema, tables
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.errors import BadConfiguration
from tintype.domain.image_query import ImageQuery
from tintype.domain.lease import Purpose

OURS = {
    *("tintype_adoption", "tintype_leases", "tintype_projects", "tintype_tasks"),
    *("tintype_purged_images", "tintype_version"),
}
LIVE = ("image_members", "image_tags")
UPGRADE = (
    "import sys; from tintype.adapters.database import engine, schema; "
    "schema.upgrade(engine.make_engine(sys.argv[1]))"
)


@pytest.fixture
def blank(url: str) -> Iterator[Engine]:
    """Give a database without any table."""
    engine = make_engine(url)
    yield engine
    engine.dispose()


def columns(engine: Engine) -> dict[str, list[tuple[str, str, bool]]]:
    """Describe the columns of all tables of the field."""
    inspector = inspect(engine)
    return {
        table.name: [
            (column["name"], str(column["type"]), column["nullable"])
            for column in inspector.get_columns(table.name)
        ]
        for table in tables.field_schema.sorted_tables
    }


def field_revisions(engine: Engine) -> list[Any]:
    """Return what the field's programs would read as the state of the schema."""
    with engine.connect() as connection:
        return list(connection.scalars(select(tables.alembic_version.c.version_num)))


def test_a_blank_database_is_at_no_version(blank: Engine) -> None:
    assert schema.version(blank) == (None, schema.HEAD)


def test_a_blank_database_gets_every_table_and_the_mark_of_the_field(blank: Engine) -> None:
    schema.upgrade(blank)

    expected = {*tables.field_schema.tables, "alembic_version", *OURS}
    assert set(inspect(blank).get_table_names()) == expected
    assert field_revisions(blank) == [REVISION]
    assert schema.version(blank).up_to_date


def test_upgrading_again_changes_nothing(blank: Engine) -> None:
    schema.upgrade(blank)
    before = columns(blank)

    schema.upgrade(blank)

    assert columns(blank) == before
    assert field_revisions(blank) == [REVISION]


def test_an_upgrade_that_broke_off_between_steps_is_finished(blank: Engine) -> None:
    schema.upgrade(blank)
    with blank.connect() as connection:
        connection.execute(text("DROP TABLE tintype_leases"))
        connection.execute(text("UPDATE tintype_version SET version_num = '0001'"))

    schema.upgrade(blank)

    assert inspect(blank).has_table("tintype_leases")
    assert schema.version(blank).up_to_date


def test_leases_from_before_reservations_stay_and_have_none(blank: Engine) -> None:
    schema.upgrade(blank)
    lease = a_lease()
    keep(SqlWork(blank), lease)
    with blank.connect() as connection:
        for column in tables.reservation_columns():
            connection.execute(text(f"ALTER TABLE tintype_leases DROP COLUMN {column.name}"))
        connection.execute(text("DROP TABLE tintype_projects"))
        connection.execute(text("UPDATE tintype_version SET version_num = '0002'"))

    schema.upgrade(blank)

    with SqlWork(blank)(read_only=True) as unit:
        found = [(it.id, it.reservation) for it in unit.leases.list()]
    assert found == [(lease.id, None)]


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_a_schema_of_the_step_before_gets_the_indexes_of_today(blank: Engine) -> None:
    schema.upgrade(blank)
    with blank.connect() as connection:
        for index in indexes.superseded_indexes():
            connection.execute(CreateIndex(index))
        connection.execute(DropIndex(new_index()))
        connection.execute(text("UPDATE tintype_version SET version_num = '0003'"))

    schema.upgrade(blank)

    names = {index["name"] for index in inspect(blank).get_indexes("images")}
    assert new_index().name in names
    assert not names & {index.name for index in indexes.superseded_indexes()}


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_the_caches_of_nodes_get_an_index_in_databases_from_before_it(blank: Engine) -> None:
    make_field_database(blank)
    with blank.connect() as connection:
        tables.additions.create_all(connection)
        schema._table.create(connection)
        connection.execute(text("INSERT INTO tintype_version VALUES ('0007')"))

    schema.upgrade(blank)

    (found,) = (
        index
        for index in inspect(blank).get_indexes("cached_images")
        if index["name"] == "tintype_cached_images_node"
    )
    assert found["column_names"] == ["node_reference_id", "last_accessed", "id"]


def test_labels_of_a_database_of_ours_from_before_it_learn_their_time(blank: Engine) -> None:
    schema.upgrade(blank)
    keep(SqlWork(blank), image := an_image(tags={"t"}, properties={"os_type": "linux"}))
    with blank.connect() as connection:
        for table, order in (
            (label_times.tags, indexes.ORDER_OF_TAGS),
            (label_times.properties, indexes.ORDER_OF_PROPERTIES),
        ):
            place = f" ON {table.name}" if blank.dialect.name == "mysql" else ""
            connection.execute(text(f"DROP INDEX {order}{place}"))
            connection.execute(text(f"ALTER TABLE {table.name} DROP COLUMN {label_times.TIME}"))
        connection.execute(text("UPDATE tintype_version SET version_num = '0008'"))

    schema.upgrade(blank)

    with blank.connect() as connection:
        for table in (label_times.tags, label_times.properties):
            times = connection.scalars(select(table.c[label_times.TIME])).all()
            assert times == [image.created_at.replace(tzinfo=None)]


def test_a_catalogue_whose_operator_dropped_indexes_of_the_field_is_listed(blank: Engine) -> None:
    make_field_database(blank)
    with blank.connect() as connection:
        for index in tables.images.indexes:
            connection.execute(DropIndex(index))

    schema.upgrade(blank)

    kept = an_image()
    keep(SqlWork(blank), kept)
    with SqlWork(blank)(read_only=True) as unit:
        assert [it.id for it in unit.images.list(ImageQuery(limit=2), seen_by=ADMIN)] == [kept.id]


def new_index() -> Index:
    """Return one that step 0004 brought."""
    (found,) = (
        index
        for index in indexes.additional_indexes("sqlite")
        if index.name == "tintype_images_owner_size"
    )
    return found


def test_a_database_from_before_there_were_tasks_learns_of_them(blank: Engine) -> None:
    schema.upgrade(blank)
    on_mysql = blank.dialect.name == "mysql"
    with blank.connect() as connection:
        connection.execute(text("DROP TABLE tintype_tasks"))
        place = " ON tintype_leases" if on_mysql else ""
        connection.execute(text(f"DROP INDEX tintype_leases_task_id{place}"))
        connection.execute(text("ALTER TABLE tintype_leases DROP COLUMN task_id"))
        connection.execute(text("UPDATE tintype_version SET version_num = '0004'"))

    schema.upgrade(blank)

    keep(SqlWork(blank), lease := a_lease(purpose=Purpose.TASK, task_id="t"), a_task())
    with SqlWork(blank)(read_only=True) as work:
        found = work.leases.of_task("t")
    assert found is not None
    assert found.id == lease.id


def test_the_version_known_without_alembic_is_the_newest_step() -> None:
    folder = Path(schema.__file__).parent / "migrations"

    assert ScriptDirectory(str(folder)).get_current_head() == schema.HEAD


def test_a_start_on_a_finished_schema_does_not_load_alembic(blank: Engine, url: str) -> None:
    schema.upgrade(blank)

    told = subprocess.run(
        [sys.executable, "-c", f"{UPGRADE}; print('alembic' in sys.modules)", url],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "False"


def test_eight_processes_that_start_at_once_leave_one_schema(blank: Engine, url: str) -> None:
    command = [sys.executable, "-c", UPGRADE, url]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(8)]

    complaints = [process.communicate(timeout=120)[1] for process in running]

    assert [process.returncode for process in running] == [0] * 8, complaints
    assert schema.version(blank).up_to_date
    assert field_revisions(blank) == [REVISION]


# ------------------------------------------------------------------ databases of the field


def test_an_adopted_database_gets_additions_only(blank: Engine) -> None:
    make_field_database(blank)
    before, tables_before = columns(blank), set(inspect(blank).get_table_names())

    schema.upgrade(blank)

    after = columns(blank)
    added = {(name, it) for name in after for it in after[name] if it not in before[name]}
    assert {name: [it for it in after[name] if (name, it) not in added] for name in after} == before
    assert {(table, name, nullable) for table, (name, _, nullable) in added} == {
        ("metadef_objects", "tintype_required", True),
        *(
            (table.name, label_times.TIME, True)
            for table in (label_times.tags, label_times.properties)
        ),
        # MySQL has no unique index over some rows only.
        *((it, "tintype_live", True) for it in LIVE if blank.dialect.name == "mysql"),
    }
    assert set(inspect(blank).get_table_names()) - tables_before == OURS
    assert field_revisions(blank) == [REVISION]


def test_the_index_for_the_caches_of_nodes_can_be_dropped_by_who_goes_back(blank: Engine) -> None:
    make_field_database(blank)
    schema.upgrade(blank)
    (added,) = (
        index
        for index in indexes.additional_indexes(blank.dialect.name)
        if index.name == "tintype_cached_images_node"
    )

    with blank.connect() as connection:
        connection.execute(DropIndex(added))

    names = {index["name"] for index in inspect(blank).get_indexes("cached_images")}
    assert added.name not in names


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_what_is_added_to_adopted_tables_are_indexes_of_our_name(blank: Engine) -> None:
    def indexes() -> set[str | None]:
        inspector = inspect(blank)
        names = tables.field_schema.tables
        return {index["name"] for name in names for index in inspector.get_indexes(name)}

    make_field_database(blank)
    before = indexes()

    schema.upgrade(blank)

    assert before <= indexes()
    assert all(str(name).startswith("tintype_") for name in indexes() - before)


def test_images_in_an_adopted_database_are_read_and_changed(blank: Engine) -> None:
    make_field_database(blank)
    schema.upgrade(blank)
    work = SqlWork(blank)
    image = an_image(name="before", properties={"k": "v"}, tags=["t"])
    keep(work, image)

    for name in ("between", "after"):
        with work() as unit:
            found = unit.images.get(image.id, seen_by=ADMIN)
            found.name = name
            unit.images.save(found)
            found.properties["k"] = name
            unit.images.save(found)
            unit.commit()

    seen = look(work, image.id)
    assert (seen.name, seen.properties, seen.tags) == ("after", {"k": "after"}, ["t"])


def test_text_that_an_adopted_database_cannot_hold_is_found_nowhere(blank: Engine) -> None:
    make_field_database(blank)
    schema.upgrade(blank)
    work = SqlWork(blank)
    keep(work, an_image(tags=["t"]))

    with work(read_only=True) as unit:
        page = unit.images.list(ImageQuery(limit=1, tags=("😀",)), seen_by=ADMIN)

    assert page == []


@pytest.mark.parametrize("revisions", [("train_contract01",), (REVISION, "2024_1_expand01")])
def test_a_database_in_mid_upgrade_is_refused_by_the_names_of_its_revisions(
    blank: Engine, revisions: tuple[str, ...]
) -> None:
    make_field_database(blank, *revisions)

    with pytest.raises(BadConfiguration, match=f"{', '.join(revisions)}.*old release first"):
        schema.upgrade(blank)

    assert not inspect(blank).has_table("tintype_leases")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("DROP TABLE task_info", "lacks the table task_info"),
        ("ALTER TABLE image_tags DROP COLUMN deleted_at", "lacks the columns deleted_at"),
        ("ALTER TABLE tasks ADD COLUMN x INTEGER NOT NULL", "unknown columns.*x"),
    ],
    ids=["no table", "no column", "a column to fill"],
)
def test_a_database_that_only_claims_to_be_finished_is_refused(
    blank: Engine, kind: str, damage: str, complaint: str
) -> None:
    if kind == "sqlite" and "NOT NULL" in damage:
        damage = damage.replace("ALTER TABLE tasks ADD COLUMN x INTEGER NOT NULL", _REBUILT)
    make_field_database(blank)
    with blank.connect() as connection:
        for statement in damage.split(";"):
            connection.execute(text(statement))

    with pytest.raises(BadConfiguration, match=complaint):
        schema.upgrade(blank)

    assert schema.version(blank).current is None


# SQLite adds no such column to a table that there is.
_REBUILT = (
    "CREATE TABLE new_tasks AS SELECT * FROM tasks; DROP TABLE tasks;"
    "CREATE TABLE tasks (id TEXT, type TEXT, status TEXT, owner TEXT, expires_at TEXT,"
    " image_id TEXT, request_id TEXT, user_id TEXT, created_at TEXT, updated_at TEXT,"
    " deleted_at TEXT, deleted INTEGER, x INTEGER NOT NULL)"
)

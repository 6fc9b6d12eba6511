"""Rows of metadata definitions: as the field leaves them, and as it finds ours."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text

from tests.builders import OWNER, THEN
from tests.databases import KINDS, made_by, migrated
from tests.integration.database.field import make_adopted_database
from tintype.adapters.database import tables
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.database.values import naive
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Association, Object, Property, Tag
from tintype.domain.metadef.query import NamespaceQuery
from tintype.domain.visibility import Visibility
from tintype.entrypoints.container import sql_metadata_backend
from tintype.entrypoints.http.schemas.metadef.dump import dump_properties


@pytest.fixture(params=KINDS)
def adopted(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give a database that the field's programs made, and ours extended."""
    with made_by(make_adopted_database, request.param) as engine:
        yield engine


def leave(engine: Engine, table: Any, **row: Any) -> None:
    """Leave a row as the field's programs do; they write fewer columns."""
    with engine.connect() as connection:
        connection.execute(insert(table), {"created_at": naive(THEN), **row})


def a_field_namespace(engine: Engine, **row: Any) -> None:
    leave(engine, tables.metadef_namespaces, id=1, namespace="OS::X", owner=OWNER, **row)


def an_object(engine: Engine) -> Object:
    with SqlWork(engine)(read_only=True) as work:
        home = work.metadefs.get("OS::X", seen_by=None)
        return work.metadefs.part(home, Object, "o")


def test_what_a_file_left_unsaid_is_read_as_the_default(adopted: Engine) -> None:
    a_field_namespace(adopted, visibility=None, protected=None, updated_at=None)

    with SqlWork(adopted)(read_only=True) as work:
        found = work.metadefs.get("OS::X", seen_by=None)
        listed = work.metadefs.list(NamespaceQuery(visibility=Visibility.PRIVATE), seen_by=None)

    assert (found.visibility, found.protected) == (Visibility.PRIVATE, False)
    assert found.updated_at == found.created_at
    assert [item.namespace.name for item in listed] == ["OS::X"]


@pytest.mark.parametrize(("left", "read"), [("a,b", ("a", "b")), ("", ()), (None, ())])
def test_names_between_commas_are_read(adopted: Engine, left: str | None, read: Any) -> None:
    a_field_namespace(adopted)
    leave(
        adopted,
        tables.metadef_objects,
        **{"namespace_id": 1, "name": "o", "json_schema": "{}", "required": left},
    )

    assert tuple(an_object(adopted).required_names) == read


def test_names_are_left_between_commas_too_and_a_change_of_them_counts(adopted: Engine) -> None:
    a_field_namespace(adopted)
    with SqlWork(adopted)() as work:
        home = work.metadefs.get("OS::X", seen_by=None)
        work.metadefs.add_parts(home, [Object.new(THEN, name="o", required=("a,b", "c"))])
        work.commit()
    assert an_object(adopted).required == ("a,b", "c")

    with adopted.connect() as connection:
        left = connection.scalar(select(tables.metadef_objects.c.required))
        connection.execute(text("UPDATE metadef_objects SET required = 'd,e'"))

    assert left == "a,b,c"
    assert an_object(adopted).required == ("d", "e")


def test_schemas_are_left_as_json_text(adopted: Engine) -> None:
    a_field_namespace(adopted)
    properties: Mapping[str, Any] = {"p": {"type": "string", "title": "Ü", "enum": [1, "x"]}}
    with SqlWork(adopted)() as work:
        home = work.metadefs.get("OS::X", seen_by=None)
        work.metadefs.add_parts(home, [Object.new(THEN, name="o", properties=properties)])
        work.commit()

    with adopted.connect() as connection:
        left = connection.scalar(select(tables.metadef_objects.c.json_schema))

    assert left is not None
    assert json.loads(left) == properties


def test_a_property_that_was_renamed_is_shown_by_its_new_name_alone(adopted: Engine) -> None:
    a_field_namespace(adopted)
    schema = '{"name": "old", "type": "string", "title": "P"}'
    leave(adopted, tables.metadef_properties, namespace_id=1, name="new", json_schema=schema)

    with SqlWork(adopted)(read_only=True) as work:
        home = work.metadefs.get("OS::X", seen_by=None)
        shown = dump_properties(work.metadefs.parts(home, Property))

    assert shown == {"new": {"name": "new", "type": "string", "title": "P"}}


def test_what_the_field_left_is_exported_so_that_it_comes_back_by_loading(
    adopted: Engine, tmp_path: Path
) -> None:
    a_field_namespace(adopted)
    named = '{"name": "p", "type": "string", "title": "P", "description": null}'
    leave(adopted, tables.metadef_properties, namespace_id=1, name="p", json_schema=named)
    held = {"json_schema": f'{{"p": {named}}}', "required": "p"}
    leave(adopted, tables.metadef_objects, namespace_id=1, name="o", **held)
    files = sql_metadata_backend(adopted)
    [file] = files.export_metadefs(tmp_path)
    exported = file.read_bytes()

    files.unload_metadefs()
    [loaded] = files.load_metadefs(tmp_path)
    assert loaded.problem == ""
    [again] = files.export_metadefs(tmp_path)

    assert again.read_bytes() == exported


def test_names_that_differ_by_case_alone_are_found_apart_where_columns_do_not_tell(
    adopted: Engine,
) -> None:
    a_field_namespace(adopted)
    leave(adopted, tables.metadef_tags, namespace_id=1, name="Tag")

    with SqlWork(adopted)(read_only=True) as work:
        home = work.metadefs.get("OS::X", seen_by=None)
        assert [tag.name for tag in work.metadefs.parts(home, Tag)] == ["Tag"]
        with pytest.raises(Exception, match="tag tag was not found"):
            work.metadefs.part(home, Tag, "tag")
        with pytest.raises(Exception, match="os::x was not found"):
            work.metadefs.get("os::x", seen_by=None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_takes_two_statements_however_long_it_is(kind: str) -> None:
    with migrated(kind) as engine:
        work = SqlWork(engine)
        with work() as unit:
            for number in range(20):
                home = unit.metadefs.add(Namespace.new(THEN, name=f"n{number}", owner=OWNER))
                unit.metadefs.add_parts(home, [Association.new(THEN, name=f"r{number % 3}")])
            unit.commit()
        statements: list[str] = []

        def hear(*heard: Any) -> None:
            statements.append(heard[2])

        event.listen(engine, "before_cursor_execute", hear)
        with work(read_only=True) as unit:
            page = unit.metadefs.list(NamespaceQuery(limit=20), seen_by=None)
        event.remove(engine, "before_cursor_execute", hear)

    assert sum(len(item.of(Association)) for item in page) == 20
    assert len(statements) == 2

"""Metadata definitions."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.records.making import ADMIN, NOBODY, OTHER, OWNER, THEN
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

EMOJI = "\N{CAMERA WITH FLASH}"
NS = "MyNamespace"
KINDS = ("object", "property", "tag")
NOT_FOUND = {
    "object": exceptions.MetadefObjectNotFound,
    "property": exceptions.MetadefPropertyNotFound,
    "tag": exceptions.MetadefTagNotFound,
}
DUPLICATE = {
    "object": exceptions.MetadefDuplicateObject,
    "property": exceptions.MetadefDuplicateProperty,
    "tag": exceptions.MetadefDuplicateTag,
}


def a_namespace(name: str = NS, **values: Any) -> dict[str, Any]:
    """Record a namespace of OWNER's."""
    return db.metadef_namespace_create(OWNER, {"namespace": name, "owner": "owner", **values})


def function(kind: str, verb: str) -> Any:
    """Return the function of that verb for a kind of part."""
    return getattr(db, f"metadef_{kind}_{verb}")


def a_part(kind: str, name: str, **values: Any) -> dict[str, Any]:
    """Record a part of a namespace."""
    schema = {} if kind == "tag" else {"json_schema": {"type": "string"}}
    made: dict[str, Any] = function(kind, "create")(OWNER, NS, {"name": name, **schema, **values})
    return made


def names(rows: list[dict[str, Any]]) -> list[str]:
    """Return the names of rows, in order."""
    return [row["name"] for row in rows]


# ------------------------------------------------------------------ namespaces


def test_a_namespace_is_as_it_was_given() -> None:
    given = {
        **{"namespace": NS, "display_name": "Mine", "description": "Ω", "owner": "owner"},
        **{"visibility": "public", "protected": True},
    }

    made = db.metadef_namespace_create(OWNER, given)

    assert {name: made[name] for name in given} == given
    assert set(made) == {*given, "id", "created_at", "updated_at"}
    assert isinstance(made["created_at"], datetime)
    assert made["created_at"].tzinfo is None
    assert deepcopy(made) == made == db.metadef_namespace_get(OTHER, NS)


def test_what_is_not_given_has_a_default() -> None:
    mine = db.metadef_namespace_create(OWNER, {"namespace": "a"})
    loaded = db.metadef_namespace_create(ADMIN, {"namespace": "b", "created_at": THEN})

    assert (mine["visibility"], mine["protected"], mine["owner"]) == ("private", False, "owner")
    assert (mine["display_name"], mine["description"]) == (None, None)
    assert (loaded["owner"], loaded["created_at"]) == ("admin", THEN)


def test_times_that_are_given_are_kept() -> None:
    times: dict[str, Any] = {"created_at": THEN, "updated_at": THEN + timedelta(days=1)}

    made = [
        a_namespace(**times),
        *(a_part(kind, "n", **times) for kind in KINDS),
        db.metadef_resource_type_create(ADMIN, {"name": "t", **times}),
        db.metadef_resource_type_association_create(OWNER, NS, {"name": "t", **times}),
    ]

    assert [{name: row[name] for name in times} for row in made] == [times] * len(made)
    assert db.metadef_namespace_get(OWNER, NS) == made[0]


def test_a_namespace_is_changed_by_its_number() -> None:
    made = a_namespace()

    after = db.metadef_namespace_update(
        *(OWNER, made["id"], {**made, "id": 4711, "namespace": "Other", "protected": True})
    )

    changed = {"namespace": "Other", "protected": True, "updated_at": after["updated_at"]}
    assert after == made | changed == db.metadef_namespace_get(OWNER, "Other")
    assert after["updated_at"] > made["updated_at"]
    with pytest.raises(exceptions.MetadefNamespaceNotFound):
        db.metadef_namespace_get(OWNER, NS)


def test_a_namespace_goes_with_all_that_it_holds() -> None:
    made = a_namespace()
    for kind in KINDS:
        a_part(kind, "x")
    db.metadef_resource_type_association_create(OWNER, NS, {"name": "OS::Server"})

    gone = db.metadef_namespace_delete(OWNER, NS)

    assert gone == made
    with pytest.raises(exceptions.MetadefNamespaceNotFound):
        db.metadef_namespace_get(OWNER, NS)
    assert names(db.metadef_resource_type_get_all(OWNER)) == ["OS::Server"]
    assert a_namespace()["id"] is not None
    assert db.metadef_object_get_all(OWNER, NS) == []


def test_a_private_namespace_is_forbidden_to_others() -> None:
    made = a_namespace()

    assert db.metadef_namespace_get(ADMIN, NS) == db.metadef_namespace_get(OWNER, NS) == made
    for context in (OTHER, NOBODY):
        for call in (
            lambda: db.metadef_namespace_get(context, NS),  # noqa: B023
            lambda: db.metadef_namespace_delete(context, NS),  # noqa: B023
            lambda: db.metadef_namespace_update(context, made["id"], {}),  # noqa: B023
            lambda: db.metadef_tag_create(context, NS, {"name": "t"}),  # noqa: B023
            lambda: db.metadef_object_get_all(context, NS),  # noqa: B023
            lambda: db.metadef_namespace_get_all(context, marker=made["id"]),  # noqa: B023
        ):
            with pytest.raises(exceptions.MetadefForbidden):
                call()


def test_namespaces_that_cannot_be_are_refused() -> None:
    made = a_namespace()
    second = a_namespace("second")

    with pytest.raises(exceptions.MetadefDuplicateNamespace, match=NS):
        a_namespace()
    with pytest.raises(exceptions.MetadefDuplicateNamespace):
        db.metadef_namespace_update(OWNER, second["id"], {"namespace": NS})
    with pytest.raises(exceptions.MetadefNamespaceNotFound):
        db.metadef_namespace_update(OWNER, 4711, {"namespace": NS})
    with pytest.raises(exceptions.MetadefNamespaceNotFound):
        db.metadef_namespace_delete(OWNER, "unknown")
    for values in (
        {},
        {"namespace": None},
        {"namespace": EMOJI},
        {"namespace": "n" * 81},
        {"namespace": "x", "visibility": "shared"},
    ):
        with pytest.raises(exceptions.Invalid):
            db.metadef_namespace_create(OWNER, values)
    assert db.metadef_namespace_get_all(OWNER) == [second, made]


def test_namespaces_are_listed_for_who_sees_them() -> None:
    for owner in ("owner", "other"):
        for visibility in ("public", "private"):
            a_namespace(f"{owner} {visibility}", owner=owner, visibility=visibility)

    def seen(context: db.Context, **arguments: Any) -> set[str]:
        found = db.metadef_namespace_get_all(context, **arguments)
        return {namespace["namespace"] for namespace in found}

    public = {"owner public", "other public"}
    assert seen(ADMIN) == public | {"owner private", "other private"}
    assert seen(OWNER) == public | {"owner private"}
    assert seen(NOBODY) == public
    assert seen(OWNER, filters={"visibility": "private"}) == {"owner private"}
    with pytest.raises(exceptions.Invalid):
        seen(OWNER, filters={"visibility": "shared"})


def test_namespaces_are_filtered_by_resource_types_and_numbers() -> None:
    made = {name: a_namespace(name) for name in "abc"}
    for name, types in (("a", ["X", "Y"]), ("b", ["Y"])):
        for each in types:
            db.metadef_resource_type_association_create(OWNER, name, {"name": each})

    def found(**filters: Any) -> set[str]:
        return {it["namespace"] for it in db.metadef_namespace_get_all(OWNER, filters=filters)}

    assert found(resource_types="X") == {"a"}
    assert found(resource_types="X,Y") == {"a", "b"}
    assert found(resource_types="Z") == set()
    assert found(id_list=[made["a"]["id"], made["c"]["id"]]) == {"a", "c"}
    assert found(id_list=[]) == set()


def test_namespaces_are_sorted_and_cut_into_pages() -> None:
    made = [
        a_namespace(name, created_at=THEN + timedelta(seconds=number))
        for number, name in enumerate("bca")
    ]

    def order(**arguments: Any) -> str:
        found = db.metadef_namespace_get_all(OWNER, **arguments)
        return "".join(namespace["namespace"] for namespace in found)

    assert order() == "acb"
    assert order(sort_key="namespace", sort_dir="asc") == "abc"
    assert order(limit=2) == "ac"
    assert order(limit=0) == ""
    assert order(marker=made[1]["id"]) == "b"
    assert order(marker=made[2]["id"], limit=1, sort_key="namespace", sort_dir="asc") == "b"
    with pytest.raises(exceptions.MetadefNamespaceNotFound):
        order(marker=4711)
    with pytest.raises(exceptions.InvalidSortKey):
        order(sort_key="bogus")


# ------------------------------------------------------------------ objects, properties, tags


def test_parts_are_made_shown_changed_and_deleted() -> None:
    namespace = a_namespace()
    for kind in KINDS:
        made = a_part(kind, "x")
        assert (made["name"], made["namespace_id"]) == ("x", namespace["id"])
        assert function(kind, "get")(OWNER, NS, "x") == made

        given = {**made, "name": "y", "id": 4711, "namespace_id": 4711}
        after = function(kind, "update")(OWNER, NS, made["id"], given)
        assert after == made | {"name": "y", "updated_at": after["updated_at"]}
        assert function(kind, "get_all")(OWNER, NS) == [after]
        assert function(kind, "count")(OWNER, NS) == 1

        assert function(kind, "delete")(OWNER, NS, "y") == after
        assert function(kind, "get_all")(OWNER, NS) == []


def test_parts_have_the_columns_of_their_tables() -> None:
    a_namespace()
    common = {"id", "namespace_id", "name", "created_at", "updated_at"}

    assert set(a_part("tag", "x")) == common
    assert set(a_part("property", "x")) == common | {"json_schema"}
    assert set(a_part("object", "x")) == common | {"json_schema", "description", "required"}


def test_schemas_and_what_is_required_come_back_equal() -> None:
    a_namespace()
    schemas: list[Any] = [{"type": "string", "enum": [1, None]}, "plain", '{"a": 1}', [], {}]
    for number, schema in enumerate(schemas):
        assert a_part("property", f"{number}", json_schema=schema)["json_schema"] == schema
    required: list[Any] = [None, [], ["a"], ["a,b", "c"], "a,b", "", '["a"]']
    for number, value in enumerate(required):
        assert a_part("object", f"{number}", required=value)["required"] == value
        assert db.metadef_object_get(OWNER, NS, f"{number}")["required"] == value
    assert a_part("object", "none")["required"] is None
    for value in ([1], {"a": 1}, 5):
        with pytest.raises(exceptions.Invalid):
            a_part("object", "refused", required=value)


def test_parts_that_cannot_be_are_refused() -> None:
    a_namespace()
    a_namespace("Other")
    for kind in KINDS:
        made, second = a_part(kind, "x"), a_part(kind, "y")
        with pytest.raises(DUPLICATE[kind]):
            a_part(kind, "x")
        with pytest.raises(DUPLICATE[kind]):
            function(kind, "update")(OWNER, NS, second["id"], {"name": "x"})
        with pytest.raises(NOT_FOUND[kind]):
            function(kind, "get")(OWNER, NS, "unknown")
        with pytest.raises(NOT_FOUND[kind]):
            function(kind, "delete")(OWNER, NS, "unknown")
        with pytest.raises(NOT_FOUND[kind]):
            function(kind, "update")(OWNER, "Other", made["id"], {"name": "z"})
        with pytest.raises(exceptions.MetadefNamespaceNotFound):
            function(kind, "get_all")(OWNER, "unknown")
        for name in (None, "", EMOJI, "n" * 81):
            with pytest.raises(exceptions.Invalid):
                a_part(kind, name)  # type: ignore[arg-type]
        assert function(kind, "count")(OWNER, NS) == 2
    for kind in ("object", "property"):
        with pytest.raises(exceptions.Invalid):
            function(kind, "create")(OWNER, NS, {"name": "z"})


def test_all_parts_of_a_kind_are_deleted_and_counted() -> None:
    a_namespace()
    for kind in KINDS:
        for name in ("x", "y"):
            a_part(kind, name)
    for kind in KINDS:
        assert function(kind, "delete_namespace_content")(OWNER, NS) == 2
        assert function(kind, "count")(OWNER, NS) == 0


def test_names_differ_by_case() -> None:
    a_namespace()
    a_part("tag", "x")
    a_part("tag", "X")

    assert db.metadef_tag_get(OWNER, NS, "X")["name"] == "X"


def test_tags_are_sorted_filtered_and_cut_into_pages() -> None:
    a_namespace()
    made = [
        a_part("tag", name, created_at=THEN + timedelta(seconds=number))
        for number, name in enumerate("bca")
    ]

    def order(**arguments: Any) -> list[str]:
        return names(db.metadef_tag_get_all(OWNER, NS, **arguments))

    assert order() == ["a", "c", "b"]
    assert order(sort_key="name", sort_dir="asc") == ["a", "b", "c"]
    assert order(marker=made[2]["id"], limit=1) == ["c"]
    assert order(filters={"name": "b"}) == ["b"]
    assert order(filters={"name": "b"}, limit=1) == ["b"]
    assert order(filters={"name": "b"}, limit=0) == []
    with pytest.raises(exceptions.MetadefTagNotFound):
        order(marker=4711)
    with pytest.raises(exceptions.InvalidSortKey):
        order(sort_key="json_schema")


def test_many_tags_take_the_place_of_all_or_come_besides() -> None:
    a_namespace()
    a_part("tag", "old")

    def all_names() -> set[str]:
        return set(names(db.metadef_tag_get_all(OWNER, NS)))

    first = db.metadef_tag_create_tags(OWNER, NS, [{"name": "b"}, {"name": "a"}])
    replaced = all_names()
    more = db.metadef_tag_create_tags(OWNER, NS, [{"name": "c"}], can_append=True)

    assert (names(first), names(more)) == (["b", "a"], ["c"])
    assert (replaced, all_names()) == ({"a", "b"}, {"a", "b", "c"})
    assert db.metadef_tag_create_tags(OWNER, NS, []) == []
    for tags, append in (([{"name": "x"}, {"name": "x"}], False), ([{"name": "c"}], True)):
        with pytest.raises(exceptions.MetadefDuplicateTag):
            db.metadef_tag_create_tags(OWNER, NS, tags, can_append=append)
    assert all_names() == {"a", "b", "c"}


# ------------------------------------------------------------------ resource types


def test_a_resource_type_is_made_shown_and_deleted() -> None:
    made = db.metadef_resource_type_create(ADMIN, {"name": "OS::Server", "protected": False})

    assert set(made) == {"id", "name", "protected", "created_at", "updated_at"}
    assert db.metadef_resource_type_get(OTHER, "OS::Server") == made
    with pytest.raises(exceptions.MetadefDuplicateResourceType):
        db.metadef_resource_type_create(ADMIN, {"name": "OS::Server"})
    assert db.metadef_resource_type_delete(ADMIN, "OS::Server") == made
    with pytest.raises(exceptions.MetadefResourceTypeNotFound):
        db.metadef_resource_type_get(ADMIN, "OS::Server")
    with pytest.raises(exceptions.MetadefResourceTypeNotFound):
        db.metadef_resource_type_delete(ADMIN, "OS::Server")
    for values in ({}, {"name": None}, {"name": ""}, {"name": "n" * 81}, {"name": EMOJI}):
        with pytest.raises(exceptions.Invalid):
            db.metadef_resource_type_create(ADMIN, values)


def test_a_resource_type_that_is_protected_or_in_use_stays() -> None:
    a_namespace()
    db.metadef_resource_type_create(ADMIN, {"name": "protected", "protected": True})
    db.metadef_resource_type_association_create(OWNER, NS, {"name": "used"})

    with pytest.raises(exceptions.ProtectedMetadefResourceTypeSystemDelete):
        db.metadef_resource_type_delete(ADMIN, "protected")
    with pytest.raises(exceptions.MetadefIntegrityError):
        db.metadef_resource_type_delete(ADMIN, "used")
    assert names(db.metadef_resource_type_get_all(ADMIN)) == ["protected", "used"]


def test_an_association_is_made_shown_and_ended() -> None:
    a_namespace()
    given = {"name": "OS::Server", "prefix": "hw:", "properties_target": "image"}

    made = db.metadef_resource_type_association_create(OWNER, NS, given)

    assert {name: made[name] for name in given} == given
    assert db.metadef_resource_type_association_get(OWNER, NS, "OS::Server") == made
    assert db.metadef_resource_type_association_get_all_by_namespace(OWNER, NS) == [made]
    assert db.metadef_resource_type_get(OWNER, "OS::Server")["protected"] is False
    with pytest.raises(exceptions.MetadefDuplicateResourceTypeAssociation):
        db.metadef_resource_type_association_create(OWNER, NS, given)
    assert db.metadef_resource_type_association_delete(OWNER, NS, "OS::Server") == made
    with pytest.raises(exceptions.MetadefResourceTypeAssociationNotFound):
        db.metadef_resource_type_association_get(OWNER, NS, "OS::Server")
    with pytest.raises(exceptions.MetadefResourceTypeNotFound):
        db.metadef_resource_type_association_delete(OWNER, NS, "unknown")
    assert db.metadef_resource_type_association_get_all_by_namespace(OWNER, NS) == []


# ------------------------------------------------------------------ files


def test_definitions_are_loaded_from_files_and_unloaded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.json").write_text(
        '{"namespace": "A", "visibility": "public", "protected": true, "tags": [{"name": "t"}],'
        '"resource_type_associations": [{"name": "OS::Server"}]}'
    )
    (tmp_path / "b.json").write_text("no JSON")
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=1)

    db.db_load_metadefs(str(tmp_path))
    db.db_load_metadefs(str(tmp_path))

    (namespace,) = db.metadef_namespace_get_all(NOBODY)
    assert (namespace["namespace"], namespace["owner"]) == ("A", "admin")
    assert namespace["created_at"] > before
    assert names(db.metadef_tag_get_all(NOBODY, "A")) == ["t"]
    assert db.metadef_resource_type_get(NOBODY, "OS::Server")["protected"] is True
    assert "b.json" in caplog.text
    db.db_unload_metadefs()
    assert db.metadef_namespace_get_all(ADMIN) == db.metadef_resource_type_get_all(ADMIN) == []
    with pytest.raises(exceptions.Invalid):
        db.db_load_metadefs(str(tmp_path / "nothing"))

"""Files of metadata definitions (metadefs §6)."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tintype.adapters.memory.catalogue import MemoryWork
from tintype.adapters.system.clock import SystemClock
from tintype.application.metadefs.load import ExportNamespaces, LoadNamespace, UnloadNamespaces
from tintype.domain.errors import Invalid
from tintype.domain.metadef.merge import Merge, Outcome
from tintype.domain.metadef.part import Object, Property
from tintype.entrypoints.definition_files import STARTER, DefinitionFiles, file_name

EVERYTHING: dict[str, Any] = {
    "namespace": "OS::X",
    "display_name": "X",
    "description": "Ünïcödé",
    "visibility": "public",
    "protected": True,
    "owner": "somebody",
    "resource_type_associations": [
        {"name": "OS::Glance::Image", "prefix": "hw_", "properties_target": "image"},
        {"name": "OS::Nova::Flavor"},
    ],
    "properties": {
        "p": {
            "title": "P",
            "type": "array",
            "items": {"type": "integer", "enum": [1, 2]},
            "default": 3,
            "minimum": 1.5,
        }
    },
    "objects": [
        {
            "name": "o",
            "description": "d" * 1000,
            "required": ["a,b"],
            "properties": {"a,b": {"title": "A", "type": "string"}},
        },
        {"name": "empty"},
    ],
    "tags": [{"name": "t"}],
}


def a_catalogue() -> DefinitionFiles:
    clock = SystemClock()
    work = MemoryWork(clock)
    return DefinitionFiles(
        LoadNamespace(work, clock), UnloadNamespaces(work), ExportNamespaces(work)
    )


@pytest.fixture
def files() -> DefinitionFiles:
    """An empty catalogue."""
    return a_catalogue()


def write(folder: Path, name: str, value: Any = EVERYTHING) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return file


def contents(files: DefinitionFiles) -> list[Any]:
    """Return all definitions less what differs at each loading."""

    def fields(thing: Any) -> dict[str, Any]:
        mine = asdict(thing)
        return {name: mine[name] for name in mine.keys() - {"id", "created_at", "updated_at"}}

    return [
        (fields(found.namespace), [(part.KIND, fields(part)) for part in found.parts])
        for found in files.export_all()
    ]


def in_any_order(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with its associations, which have no order, in one."""
    ties = document.get("resource_type_associations", [])
    return document | {"resource_type_associations": sorted(ties, key=lambda tie: tie["name"])}


def test_load_export_and_load_again_gives_the_same_catalogue(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    write(tmp_path / "in", "x.json")
    list(files.load_metadefs(tmp_path / "in"))
    exported = list(files.export_metadefs(tmp_path / "out"))
    again = a_catalogue()
    outcomes = [loaded.outcome for loaded in again.load_metadefs(tmp_path / "out")]

    assert outcomes == [Outcome.ADDED]
    assert contents(again) == contents(files)
    assert json.loads(exported[0].read_text(encoding="utf-8")) == EVERYTHING


def test_definitions_that_name_themselves_or_state_nothing_are_exported_so_that_they_load(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    nothing = {"description": None, "operators": None, "items": {"type": "string", "enum": None}}
    schema = {"name": "p", "title": "P", "type": "array", "default": None, **nothing}
    files.load_one(
        {"name": "N"},
        {
            Property: [{"name": "p", "schema": schema}],
            Object: [{"name": "o", "properties": {"p": schema}}],
        },
    )

    [file] = files.export_metadefs(tmp_path)

    plain = {"title": "P", "type": "array", "default": None, "items": {"type": "string"}}
    exported = json.loads(file.read_text(encoding="utf-8"))
    assert exported["properties"] == {"p": plain}
    assert exported["objects"] == [{"name": "o", "properties": {"p": plain}}]
    [loaded] = a_catalogue().load_metadefs(tmp_path)
    assert loaded.problem == ""


def test_a_file_whose_objects_name_their_properties_again_is_loaded(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    named = {"name": "p", "title": "P", "type": "string"}
    held = {"objects": [{"name": "o", "properties": {"p": named}}], "properties": {"p": named}}

    [loaded] = files.load_metadefs(write(tmp_path, "n.json", {"namespace": "N", **held}))

    assert loaded.problem == ""


def test_an_export_has_a_file_for_each_namespace_whatever_they_are_called(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    names = ["a/b", "a%2Fb", "..", ".", "a b", "../../up", "Ü"]
    for name in names:
        write(tmp_path / "in", "x.json", {"namespace": name, "display_name": "the same"})
        list(files.load_metadefs(tmp_path / "in"))

    exported = list(files.export_metadefs(tmp_path / "out"))

    assert len({file.name for file in exported}) == len(names)
    assert {file.parent for file in exported} == {tmp_path / "out"}
    again = a_catalogue()
    assert sorted(it.namespace for it in again.load_metadefs(tmp_path / "out")) == sorted(names)


def test_namespaces_whose_names_are_too_long_for_a_file_are_exported_under_shorter_ones(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    names = ["💾" * 79 + end for end in "ab"] + ["短" * 80, "%/" * 40]
    for name in names:
        list(files.load_metadefs(write(tmp_path / "in", "x.json", {"namespace": name})))

    exported = list(files.export_metadefs(tmp_path / "out"))

    assert len({file.name for file in exported}) == len(names)
    again = list(a_catalogue().load_metadefs(tmp_path / "out"))
    assert sorted(it.namespace for it in again) == sorted(names)


def test_a_shortened_file_name_is_that_of_no_other_namespace() -> None:
    shortened = file_name("é" * 80 + "é" * 80).removesuffix(".json")

    assert len(shortened.encode()) <= 250
    assert file_name(shortened) != f"{shortened}.json"


def test_an_older_export_is_replaced_as_a_whole(files: DefinitionFiles, tmp_path: Path) -> None:
    list(files.load_metadefs(write(tmp_path / "in", "x.json", {"namespace": "N"})))
    [file] = files.export_metadefs(tmp_path / "out")
    opened_before = tmp_path / "opened before"
    os.link(file, opened_before)
    before = opened_before.read_bytes()
    write(tmp_path / "in", "x.json", {"namespace": "N", "description": "new"})
    list(files.load_metadefs(tmp_path / "in", Merge.PREFER_NEW))

    list(files.export_metadefs(tmp_path / "out"))

    assert json.loads(file.read_bytes())["description"] == "new"
    assert opened_before.read_bytes() == before


def test_an_export_that_fails_leaves_nothing_behind(files: DefinitionFiles, tmp_path: Path) -> None:
    list(files.load_metadefs(write(tmp_path / "in", "x.json", {"namespace": "N"})))
    in_the_way = tmp_path / "out" / "N.json"
    in_the_way.mkdir(parents=True)

    with pytest.raises(Invalid, match=r"N\.json cannot be written"):
        list(files.export_metadefs(tmp_path / "out"))

    assert list((tmp_path / "out").iterdir()) == [in_the_way]


def test_what_is_asked_for_is_done_when_the_function_returns(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    write(tmp_path / "in", "x.json", {"namespace": "N"})

    files.load_metadefs(tmp_path / "in")
    files.export_metadefs(tmp_path / "out")

    assert [it.name for it in (tmp_path / "out").iterdir()] == ["N.json"]


def test_unless_a_path_is_given_files_lie_at_the_source(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    files = replace(files, source=tmp_path)
    write(tmp_path, "x.json", {"namespace": "N"})

    files.load_metadefs()
    files.export_metadefs()

    assert sorted(it.name for it in tmp_path.iterdir()) == ["N.json", "x.json"]


@given(st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=5))
def test_file_names_are_as_different_as_namespaces(names: list[str]) -> None:
    assert len({file_name(name) for name in names}) == len(names)
    assert not any("/" in file_name(name) for name in names)


def test_the_files_of_a_directory_are_loaded_in_order_of_name(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    for name in ("b", "c", "a"):
        write(tmp_path, f"{name}.json", {"namespace": name})
    write(tmp_path, "readme.txt", "not for loading")

    assert [loaded.namespace for loaded in files.load_metadefs(tmp_path)] == ["a", "b", "c"]


def test_a_single_file_is_loaded(files: DefinitionFiles, tmp_path: Path) -> None:
    [loaded] = files.load_metadefs(write(tmp_path, "any.name"))

    assert (loaded.namespace, loaded.outcome) == ("OS::X", Outcome.ADDED)


def test_a_dry_run_says_what_would_be_done(files: DefinitionFiles, tmp_path: Path) -> None:
    [loaded] = files.load_metadefs(write(tmp_path, "x.json"), dry_run=True)

    assert loaded.outcome is Outcome.ADDED
    assert contents(files) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("{", "it is no JSON"),
        ([], "does not fit"),
        ({}, "namespace"),
        ({"display_name": "no name"}, "namespace"),
        (EVERYTHING | {"visibility": "shared"}, "visibility"),
        (EVERYTHING | {"colour": "red"}, "colour"),
        (EVERYTHING | {"properties": {"p": {"type": "string"}}}, "title"),
        (EVERYTHING | {"tags": [{"name": "t"}] * 2}, "already exists"),
        (EVERYTHING | {"self": "x"}, "read-only"),
    ],
)
def test_a_file_that_does_not_fit_is_named_and_the_others_are_loaded(
    files: DefinitionFiles, tmp_path: Path, value: Any, problem: str
) -> None:
    broken = write(tmp_path, "a.json", value)
    write(tmp_path, "b.json", {"namespace": "good"})

    first, second = files.load_metadefs(tmp_path)

    assert (first.file, first.outcome) == (broken, None)
    assert problem in first.problem
    assert second.outcome is Outcome.ADDED


def test_a_file_that_cannot_be_read_is_named(files: DefinitionFiles, tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()

    [loaded] = files.load_metadefs(tmp_path)

    assert loaded.problem.startswith("it cannot be read: ")


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_nothing_to_load_is_an_error(files: DefinitionFiles, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(Invalid, match="no definition file"):
        files.load_metadefs(tmp_path / name)


def test_a_directory_that_cannot_be_written_to_is_named(
    files: DefinitionFiles, tmp_path: Path
) -> None:
    list(files.load_metadefs(write(tmp_path, "x.json")))

    with pytest.raises(Invalid, match=r"x\.json/OS::X\.json cannot be written"):
        list(files.export_metadefs(tmp_path / "x.json"))


# ---------------------------------------------------------------------- the starter


def test_the_starter_loads_and_comes_back_unchanged(files: DefinitionFiles, tmp_path: Path) -> None:
    loaded = list(files.load_metadefs(STARTER))
    exported = {
        document["namespace"]: document
        for file in files.export_metadefs(tmp_path)
        for document in [json.loads(file.read_text(encoding="utf-8"))]
    }

    assert [it.problem for it in loaded if it.problem] == []
    assert len(loaded) >= 15
    for it in loaded:
        given = json.loads(it.file.read_text(encoding="utf-8"))
        expected = in_any_order(given | {"owner": "admin"})
        assert in_any_order(exported[it.namespace]) == expected


def test_the_starter_explains_everything_and_contradicts_nothing() -> None:
    for file in STARTER.glob("*.json"):
        document = json.loads(file.read_text(encoding="utf-8"))
        groups = [document, *document.get("objects", [])]
        for schema in (it for group in groups for it in group.get("properties", {}).values()):
            assert schema["description"].endswith(".")
            assert schema.get("default", schema.get("enum", [None])[0]) in schema.get(
                "enum", [schema.get("default")]
            )
        assert document["visibility"] == "public"
        assert document["protected"] is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=50)
@given(default=JSON, enum=st.lists(JSON, max_size=3))
def test_json_values_survive_load_and_export(
    tmp_path_factory: pytest.TempPathFactory, default: Any, enum: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    schema = {"title": "P", "type": "string", "default": default, "enum": enum}
    document = {"namespace": "N", "properties": {"p": schema}}
    files = a_catalogue()
    [loaded] = files.load_metadefs(write(folder, "n.json", document), Merge.SKIP)
    assert loaded.outcome is Outcome.ADDED, loaded.problem

    [file] = files.export_metadefs(folder / "out")

    assert json.loads(file.read_text(encoding="utf-8"))["properties"]["p"] == schema

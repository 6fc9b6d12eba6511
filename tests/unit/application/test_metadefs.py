"""The use cases of metadata definitions: who is told, and what loading comes to."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import FaultyWork, Listener
from tintype.adapters.memory.catalogue import MemoryWork
from tintype.adapters.system.clock import SystemClock
from tintype.application.metadefs.access import MetadefAccess
from tintype.application.metadefs.load import ExportNamespaces, LoadNamespace, UnloadNamespaces
from tintype.application.metadefs.namespaces import (
    CreateNamespace,
    DeleteNamespace,
    ReplaceNamespace,
)
from tintype.application.metadefs.parts import AddPart, ClearParts, RemovePart, ReplacePart
from tintype.application.metadefs.tags import SetTags
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import MetadefExists, ReadOnlyCaller
from tintype.domain.image import Image
from tintype.domain.metadef.event import MetadefEvent
from tintype.domain.metadef.merge import Merge, Outcome
from tintype.domain.metadef.namespace import Definitions
from tintype.domain.metadef.part import Association, Content, Object, Part, Property, Tag

SCHEMA = {"type": "string", "title": "T"}
CONTENT: Content = {
    Association: [{"name": "r", "prefix": "x"}],
    Property: [{"name": "p", "schema": SCHEMA}],
    Object: [{"name": "o", "required": ("a",)}],
    Tag: [{"name": "t"}],
}


class Everything:
    """Allows everything to everybody."""

    def allows(self, caller: Caller, rule: str, image: Image) -> bool:
        return True

    def allows_target(self, caller: Caller, rule: str, target: Mapping[str, Any]) -> bool:
        return True

    def judge(self, caller: Caller, rule: str) -> Callable[[Image], bool]:
        return lambda image: True


class Room:
    """All use cases that change definitions, over a catalogue in memory."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.work = FaultyWork(MemoryWork(self.clock))
        self.listener = Listener()
        parts = (self.work, MetadefAccess(Everything()), self.listener)
        self.create = CreateNamespace(*parts, self.clock)
        self.replace = ReplaceNamespace(*parts, self.clock)
        self.delete = DeleteNamespace(*parts)
        self.set_tags = SetTags(*parts, self.clock)
        self.add_tag = AddPart(*parts, self.clock, Tag)
        self.replace_property = ReplacePart(*parts, self.clock, Property)
        self.remove_tie = RemovePart(*parts, Association)
        self.clear_objects = ClearParts(*parts, Object)
        self.load = LoadNamespace(self.work, self.clock)
        self.unload = UnloadNamespaces(self.work)
        self.export = ExportNamespaces(self.work)

    def heard(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what was told since the last look."""
        told = [
            (it.name, dict(it.payload))
            for it in self.listener.heard
            if isinstance(it, MetadefEvent)
        ]
        self.listener.heard.clear()
        return told

    def only(self) -> Definitions:
        """Return the one namespace that is there."""
        [found] = self.export()
        return found


@pytest.fixture
def room() -> Room:
    """An empty catalogue."""
    return Room()


@pytest.fixture
def full(room: Room) -> Room:
    """A catalogue with one namespace, of which nobody was told."""
    room.create(ADMIN, {"name": "N"}, CONTENT)
    room.heard()
    return room


# ---------------------------------------------------------------------- events


def test_everything_that_a_new_namespace_holds_is_told(room: Room) -> None:
    room.create(ADMIN, {"name": "N", "description": "d"}, CONTENT)

    names, payloads = zip(*room.heard(), strict=True)
    assert names == (
        "metadef_namespace.create",
        "metadef_resource_type.create",
        "metadef_property.create",
        "metadef_object.create",
        "metadef_tag.create",
    )
    namespace, tie, prop, obj, tag = payloads
    assert set(namespace) == {
        *("namespace", "namespace_old", "display_name", "description", "visibility"),
        *("protected", "owner", "created_at", "updated_at"),
    }
    assert (namespace["namespace"], namespace["namespace_old"]) == ("N", "N")
    assert (tie["name"], tie["prefix"], tie["namespace"]) == ("r", "x", "N")
    assert (prop["type"], prop["name"], prop["name_old"]) == ("string", "p", "p")
    assert (obj["required"], obj["description"]) == (("a",), None)
    assert set(tag) == {"name", "name_old", "namespace", "created_at", "updated_at"}


def test_a_change_of_name_is_told_by_both_names(full: Room) -> None:
    full.replace(ADMIN, "N", {"name": "M"})
    full.replace_property(ADMIN, "M", "p", {"name": "q", "schema": SCHEMA})

    (first, namespace), (second, prop) = full.heard()
    assert (first, namespace["namespace"], namespace["namespace_old"]) == (
        *("metadef_namespace.update", "M"),
        "N",
    )
    assert (second, prop["name"], prop["name_old"], prop["namespace"]) == (
        *("metadef_property.update", "q"),
        *("p", "M"),
    )


def test_each_verb_is_told(full: Room) -> None:
    full.add_tag(ADMIN, "N", {"name": "u"})
    full.set_tags(ADMIN, "N", ["v", "w"], append=True)
    full.remove_tie(ADMIN, "N", "r")
    full.clear_objects(ADMIN, "N")
    full.delete(ADMIN, "N")

    assert [name for name, _ in full.heard()] == [
        *["metadef_tag.create"] * 3,
        "metadef_resource_type.delete",
        "metadef_namespace.delete_objects",
        "metadef_namespace.delete",
    ]


def test_nobody_is_told_what_did_not_happen(full: Room) -> None:
    with pytest.raises(MetadefExists):
        full.add_tag(ADMIN, "N", {"name": "t"})

    assert full.heard() == []


def test_an_anonymous_caller_changes_nothing_whatever_the_policy(full: Room) -> None:
    changes: list[Callable[[], object]] = [
        lambda: full.create(ANONYMOUS, {"name": "M"}, {}),
        lambda: full.replace(ANONYMOUS, "N", {"name": "M"}),
        lambda: full.delete(ANONYMOUS, "N"),
        lambda: full.set_tags(ANONYMOUS, "N", [], append=False),
        lambda: full.add_tag(ANONYMOUS, "N", {"name": "u"}),
        lambda: full.replace_property(ANONYMOUS, "N", "p", {"name": "q", "schema": SCHEMA}),
        lambda: full.remove_tie(ANONYMOUS, "N", "r"),
        lambda: full.clear_objects(ANONYMOUS, "N"),
    ]
    for change in changes:
        with pytest.raises(ReadOnlyCaller):
            change()


def test_a_writer_who_was_overtaken_tries_again(room: Room) -> None:
    room.work.trouble = ["stale", "stale"]
    room.create(ADMIN, {"name": "N"}, CONTENT)

    assert room.only().namespace.name == "N"
    assert len(room.heard()) == 5


# ---------------------------------------------------------------------- loading

NEW: Content = {
    Association: [{"name": "r", "prefix": "y"}, {"name": "s"}],
    Property: [{"name": "p", "schema": SCHEMA | {"title": "New"}}, {"name": "q", "schema": SCHEMA}],
    Object: [{"name": "o", "required": ("b",)}],
}


def facts(found: Definitions) -> dict[str, Any]:
    """Return what merging decides about."""

    def one(kind: type[Part], name: str) -> Any:
        return next((part for part in found.of(kind) if part.name == name), None)

    tie, prop, obj = one(Association, "r"), one(Property, "p"), one(Object, "o")
    return {
        "description": found.namespace.description,
        "prefix": tie.prefix,
        "title": prop.schema["title"],
        "required": obj.required,
        "kept": one(Tag, "t") is not None,
        "added": one(Property, "q") is not None and one(Association, "s") is not None,
    }


OLD_FACTS = {"description": "old", "prefix": "x", "title": "T", "required": ("a",)}
NEW_FACTS = {"description": "new", "prefix": "y", "title": "New", "required": ("b",)}


@pytest.mark.parametrize(
    ("merge", "outcome", "expected"),
    [
        (Merge.SKIP, Outcome.SKIPPED, OLD_FACTS | {"kept": True, "added": False}),
        (Merge.ADD_MISSING, Outcome.MERGED, OLD_FACTS | {"kept": True, "added": True}),
        (Merge.PREFER_NEW, Outcome.UPDATED, NEW_FACTS | {"kept": True, "added": True}),
        (Merge.OVERWRITE, Outcome.OVERWRITTEN, NEW_FACTS | {"kept": False, "added": True}),
    ],
)
def test_what_is_there_is_merged_as_asked(
    room: Room, merge: Merge, outcome: Outcome, expected: dict[str, Any]
) -> None:
    room.load({"name": "N", "description": "old"}, CONTENT)
    before = room.only()
    values = {"name": "N", "description": "new"}

    assert room.load(values, NEW, merge, dry_run=True) is outcome
    assert room.only() == before
    assert room.load(values, NEW, merge) is outcome
    assert facts(room.only()) == expected


def test_loading_the_same_again_changes_nothing_that_shows(room: Room) -> None:
    for merge in (Merge.SKIP, *Merge):
        room.load({"name": "N", "description": "old"}, CONTENT, merge)

        assert facts(room.only()) == OLD_FACTS | {"kept": True, "added": False}


def test_what_is_loaded_belongs_to_nobody_in_particular_and_protects_its_types(
    room: Room,
) -> None:
    assert room.load({"name": "N"}, CONTENT) is Outcome.ADDED

    assert room.only().namespace.owner == "admin"
    with room.work(read_only=True) as work:
        assert [it.protected for it in work.metadefs.resource_types()] == [True]
    assert room.heard() == []


def test_a_namespace_is_loaded_whole_or_not_at_all(room: Room) -> None:
    with pytest.raises(MetadefExists):
        room.load({"name": "N"}, {Tag: [{"name": "t"}, {"name": "t"}]})

    assert list(room.export()) == []


def test_everything_is_exported_in_order_of_name(room: Room) -> None:
    for number in range(250):
        room.load({"name": f"n{number:03}"}, CONTENT)

    names = [found.namespace.name for found in room.export()]
    assert names == sorted(names)
    assert len(names) == 250


def test_unloading_leaves_nothing(full: Room) -> None:
    full.unload()

    assert list(full.export()) == []

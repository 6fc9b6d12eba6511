"""Metadata definitions: what every catalogue makes of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import ADMIN, OWNER, THEN, a_caller
from tests.contract.catalogue.steps import at_once
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    Invalid,
    MetadefExists,
    MetadefInUse,
    MetadefNotFound,
    ProtectedMetadef,
    TintypeError,
)
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import (
    PARTS,
    Association,
    Object,
    Part,
    Property,
    ResourceType,
    Tag,
)
from tintype.domain.metadef.query import NAMESPACE_SORT_KEYS, NamespaceQuery, PartQuery
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.visibility import Visibility

SCHEMA = {"type": "integer", "title": "Cores", "enum": [1, 2.5, "x", None], "minimum": 1.5}
LATER = THEN + timedelta(hours=1)


def a_namespace(name: str = "OS::Test", **facts: Any) -> Namespace:
    return Namespace.new(THEN, name=name, **{"owner": OWNER} | facts)


def an_object(name: str = "o", **facts: Any) -> Object:
    return Object.new(THEN, name=name, **facts)


def a_property(name: str = "p") -> Property:
    return Property.new(THEN, name=name, schema=SCHEMA)


def a_tag(name: str = "t", hours: int = 0) -> Tag:
    return Tag.new(THEN + timedelta(hours=hours), name=name)


def a_tie(name: str = "OS::Nova::Flavor", **facts: Any) -> Association:
    return Association.new(THEN, name=name, **facts)


ONE_OF_EACH: Sequence[Part] = (
    an_object(description="text", required=("a,b", "c"), properties={"a,b": SCHEMA}),
    a_property(),
    a_tag(),
    a_tie(prefix="hw:", properties_target="image"),
)


def kept(work: Work, namespace: Namespace, *parts: Part) -> Namespace:
    """Record a namespace with parts."""
    with work() as unit:
        namespace = unit.metadefs.add(namespace)
        unit.metadefs.add_parts(namespace, parts)
        unit.commit()
    return namespace


def found(work: Work, name: str, caller: Caller | None = None) -> Namespace:
    with work(read_only=True) as unit:
        return unit.metadefs.get(name, seen_by=caller)


def names(work: Work, query: NamespaceQuery, caller: Caller | None = None) -> list[str]:
    with work(read_only=True) as unit:
        return [item.namespace.name for item in unit.metadefs.list(query, seen_by=caller)]


def held(work: Work, home: Namespace, kind: type[Part], **query: Any) -> list[str]:
    with work(read_only=True) as unit:
        return [part.name for part in unit.metadefs.parts(home, kind, PartQuery(**query))]


# ---------------------------------------------------------------------- namespaces


def test_a_namespace_comes_back_as_it_was_recorded(work: Work) -> None:
    given = a_namespace(
        display_name="Ünïcödé 💾",
        description="d" * 500,
        visibility=Visibility.PUBLIC,
        protected=True,
    )
    recorded = kept(work, given)

    assert found(work, "OS::Test") == recorded
    assert recorded.id is not None


def test_a_name_is_taken_once(work: Work) -> None:
    kept(work, a_namespace())

    with pytest.raises(MetadefExists):
        kept(work, a_namespace())


def test_names_differ_by_case(work: Work) -> None:
    kept(work, a_namespace("OS::Test"))
    kept(work, a_namespace("os::test"))

    assert found(work, "os::test").name == "os::test"


@pytest.mark.parametrize("name", ["nothing", "nul\0", "half \ud800"])
def test_what_is_not_there_is_not_found(work: Work, name: str) -> None:
    home = kept(work, a_namespace())

    with pytest.raises(MetadefNotFound):
        found(work, name)
    for kind in PARTS:
        with work(read_only=True) as unit, pytest.raises(MetadefNotFound):
            unit.metadefs.part(home, kind, name)


def test_what_cannot_be_stored_is_refused(work: Work) -> None:
    home = kept(work, a_namespace())
    bad: list[Part] = [
        an_object("nul\0"),
        an_object(description="nul\0"),
        an_object(required=["nul\0"]),
        a_tag("nul\0"),
        a_tie(prefix="nul\0"),
        a_tie("nul\0"),
    ]
    with pytest.raises(Invalid):
        kept(work, a_namespace("nul\0"))
    for part in bad:
        with work() as unit, pytest.raises(Invalid):
            unit.metadefs.add_parts(home, [part])


def test_a_namespace_is_renamed_and_keeps_its_parts(work: Work) -> None:
    home = kept(work, a_namespace(), *ONE_OF_EACH)
    with work() as unit:
        unit.metadefs.save(home.replaced(LATER, name="OS::New", owner="other"))
        unit.commit()

    renamed = found(work, "OS::New")
    assert (renamed.id, renamed.owner, renamed.created_at, renamed.updated_at) == (
        *(home.id, "other"),
        *(THEN, LATER),
    )
    assert held(work, renamed, Tag) == ["t"]
    with pytest.raises(MetadefNotFound):
        found(work, "OS::Test")


def test_a_namespace_is_not_renamed_to_a_name_that_is_taken(work: Work) -> None:
    kept(work, a_namespace("a"))
    other = kept(work, a_namespace("b"))

    with work() as unit, pytest.raises(MetadefExists):
        unit.metadefs.save(other.replaced(LATER, name="a", owner=OWNER))


def test_a_deleted_namespace_takes_everything_along_but_resource_types(work: Work) -> None:
    home = kept(work, a_namespace(), *ONE_OF_EACH)
    kept(work, a_namespace("neighbour"), *ONE_OF_EACH)
    with work() as unit:
        unit.metadefs.remove(home)
        unit.commit()

    again = kept(work, a_namespace())
    assert [held(work, again, kind) for kind in PARTS] == [[], [], [], []]
    assert [len(held(work, found(work, "neighbour"), kind)) for kind in PARTS] == [1, 1, 1, 1]
    with work(read_only=True) as unit:
        assert [it.name for it in unit.metadefs.resource_types()] == ["OS::Nova::Flavor"]


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        (None, ["own", "private", "public"]),
        (ADMIN, ["own", "private", "public"]),
        (a_caller(), ["own", "public"]),
        (a_caller("stranger"), ["public"]),
        (a_caller(None), ["public"]),
        (a_caller("nul\0"), ["public"]),
    ],
)
def test_a_caller_sees_what_is_public_and_its_own(
    work: Work, caller: Caller | None, seen: list[str]
) -> None:
    kept(work, a_namespace("own"))
    kept(work, a_namespace("private", owner="somebody"))
    kept(work, a_namespace("public", owner="somebody", visibility=Visibility.PUBLIC))

    query = NamespaceQuery(sort_key="namespace", descending=False)
    assert names(work, query, caller) == seen
    for name in {"own", "private", "public"} - set(seen):
        with pytest.raises(MetadefNotFound):
            found(work, name, caller)
        with pytest.raises(MetadefNotFound):
            names(work, NamespaceQuery(marker=name), caller)
    for name in seen:
        assert found(work, name, caller).name == name


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort_key", NAMESPACE_SORT_KEYS)
def test_pages_of_one_add_up_to_the_whole_list(work: Work, sort_key: str, descending: bool) -> None:
    for number in range(5):
        at = THEN + timedelta(hours=number // 2)
        facts = {
            "display_name": None if number % 2 else "named",
            "visibility": Visibility.PUBLIC if number == 2 else Visibility.PRIVATE,
            "protected": number in (1, 3),
        }
        kept(work, Namespace.new(at, name=f"n{4 - number}", owner=f"o{number % 3}", **facts))
    whole = names(work, NamespaceQuery(sort_key=sort_key, descending=descending))

    paged: list[str] = []
    while page := names(
        work,
        NamespaceQuery(
            limit=1,
            marker=paged[-1] if paged else None,
            sort_key=sort_key,
            descending=descending,
        ),
    ):
        paged += page

    assert paged == whole
    assert len(set(whole)) == 5
    if sort_key == "namespace":
        assert whole == sorted(whole, reverse=descending)


def test_a_list_shows_associations_and_can_be_chosen_by_them(work: Work) -> None:
    kept(work, a_namespace("a"), a_tie("A", prefix="x"), a_tie("B"), a_tag())
    kept(work, a_namespace("b"), a_tie("B"))
    kept(work, a_namespace("c"))

    with work(read_only=True) as unit:
        listed = unit.metadefs.list(NamespaceQuery(resource_types=("A", "C")), seen_by=None)
    [only] = listed
    assert [(tie.name, tie.prefix) for tie in only.of(Association)] == [("A", "x"), ("B", None)]
    assert not only.of(Tag)
    assert set(names(work, NamespaceQuery(resource_types=("A", "B")))) == {"a", "b"}
    assert names(work, NamespaceQuery(resource_types=("nul\0",))) == []


def test_a_list_is_chosen_by_visibility(work: Work) -> None:
    kept(work, a_namespace("a"))
    kept(work, a_namespace("b", visibility=Visibility.PUBLIC))

    assert names(work, NamespaceQuery(visibility=Visibility.PUBLIC)) == ["b"]
    assert names(work, NamespaceQuery(visibility=Visibility.PRIVATE)) == ["a"]


def test_no_limit_is_no_end_and_a_limit_of_nothing_is_nothing(work: Work) -> None:
    for number in range(30):
        kept(work, a_namespace(f"n{number}"))

    assert len(names(work, NamespaceQuery())) == 30
    assert names(work, NamespaceQuery(limit=0)) == []


# ---------------------------------------------------------------------- parts


@pytest.mark.parametrize("part", ONE_OF_EACH, ids=lambda part: part.KIND)
def test_a_part_comes_back_as_it_was_recorded(work: Work, part: Part) -> None:
    home = kept(work, a_namespace(), part)

    with work(read_only=True) as unit:
        [back] = unit.metadefs.parts(home, type(part))
        assert unit.metadefs.part(home, type(part), part.name) == back
    assert back.id is not None
    assert replace(back, id=None) == part


@pytest.mark.parametrize("part", ONE_OF_EACH, ids=lambda part: part.KIND)
def test_the_name_of_a_part_is_taken_once_in_a_namespace(work: Work, part: Part) -> None:
    home = kept(work, a_namespace(), part)
    kept(work, a_namespace("other"), part)

    with work() as unit, pytest.raises(MetadefExists):
        unit.metadefs.add_parts(home, [part])


@pytest.mark.parametrize("kind", [Object, Property, Tag])
def test_the_names_of_parts_differ_by_case(work: Work, kind: type[Part]) -> None:
    values: dict[str, Any] = {"schema": SCHEMA} if kind is Property else {}
    home = kept(work, a_namespace(), *(kind.new(THEN, name=name, **values) for name in "aA"))

    with work(read_only=True) as unit:
        assert unit.metadefs.part(home, kind, "A").name == "A"


@pytest.mark.parametrize(
    "required", [(), ("a",), ("a", "b"), ("a,b", "c"), ("",), "plain text", "", '["x"]']
)
def test_what_an_object_requires_comes_back(work: Work, required: Sequence[str]) -> None:
    home = kept(work, a_namespace(), an_object(required=required))

    with work(read_only=True) as unit:
        assert unit.metadefs.part(home, Object, "o").required == required


@pytest.mark.parametrize("value", [{}, {"a": {"b": [1, None]}}, "text", "{}", "\0", [1]])
def test_schemas_come_back_be_they_json_or_text(work: Work, value: Any) -> None:
    given = [an_object(properties=value), Property.new(THEN, name="p", schema=value)]
    home = kept(work, a_namespace(), *given)

    with work(read_only=True) as unit:
        assert unit.metadefs.part(home, Object, "o").properties == value
        assert unit.metadefs.part(home, Property, "p").schema == value


def test_parts_are_replaced_and_renamed(work: Work) -> None:
    home = kept(work, a_namespace(), *ONE_OF_EACH)
    with work() as unit:
        before = unit.metadefs.part(home, Object, "o")
        unit.metadefs.save_part(home, before.replaced(LATER, name="new"))
        unit.commit()

    with work(read_only=True) as unit:
        assert unit.metadefs.part(home, Object, "new") == Object(
            id=before.id, name="new", created_at=THEN, updated_at=LATER
        )


def test_a_part_is_not_renamed_to_a_name_that_is_taken(work: Work) -> None:
    home = kept(work, a_namespace(), a_tag("a"), a_tag("b"))

    with work() as unit, pytest.raises(MetadefExists):
        tag = unit.metadefs.part(home, Tag, "b")
        unit.metadefs.save_part(home, tag.replaced(LATER, name="a"))


@pytest.mark.parametrize("kind", [Object, Property, Tag])
def test_a_part_is_not_changed_through_another_namespace(work: Work, kind: type[Part]) -> None:
    home = kept(work, a_namespace(), *ONE_OF_EACH)
    other = kept(work, a_namespace("other"))

    with work() as unit:
        [part] = unit.metadefs.parts(home, kind)
        with pytest.raises(MetadefNotFound):
            unit.metadefs.save_part(other, part)
        with pytest.raises(MetadefNotFound):
            unit.metadefs.remove_part(other, part)


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_is_removed_once(work: Work, kind: type[Part]) -> None:
    home = kept(work, a_namespace(), *ONE_OF_EACH)
    with work() as unit:
        [part] = unit.metadefs.parts(home, kind)
        unit.metadefs.remove_part(home, part)
        unit.commit()

    assert held(work, home, kind) == []
    with work() as unit, pytest.raises(MetadefNotFound):
        unit.metadefs.remove_part(home, part)


@pytest.mark.parametrize("kind", PARTS)
def test_clearing_removes_one_kind_of_one_namespace(work: Work, kind: type[Part]) -> None:
    home = kept(work, a_namespace(), *ONE_OF_EACH)
    other = kept(work, a_namespace("other"), *ONE_OF_EACH)
    with work() as unit:
        assert unit.metadefs.clear(home, kind) == 1
        assert unit.metadefs.clear(home, kind) == 0
        unit.commit()

    assert [it for it in PARTS if not held(work, home, it)] == [kind]
    assert all(held(work, other, it) for it in PARTS)


def test_parts_are_listed_in_the_order_of_making_unless_asked_otherwise(work: Work) -> None:
    home = kept(work, a_namespace(), a_tag("b", hours=1), a_tag("a", hours=1), a_tag("c"))

    assert held(work, home, Tag) == ["b", "a", "c"]
    assert held(work, home, Tag, sort_key="name") == ["a", "b", "c"]
    assert held(work, home, Tag, sort_key="name", descending=True) == ["c", "b", "a"]
    assert held(work, home, Tag, sort_key="created_at", descending=True) == ["a", "b", "c"]
    assert held(work, home, Tag, sort_key="created_at", marker="c") == ["b", "a"]
    assert held(work, home, Tag, sort_key="updated_at", limit=1) == ["c"]
    assert held(work, home, Tag, limit=1, marker="b") == ["a"]
    with pytest.raises(MetadefNotFound):
        held(work, home, Tag, marker="nothing")


def test_very_many_parts_are_added_at_once(work: Work) -> None:
    home = kept(work, a_namespace(), *(a_tag(f"t{number}") for number in range(33_000)))

    with work() as unit, pytest.raises(MetadefExists):
        unit.metadefs.add_parts(home, [a_tag(f"t{number}") for number in range(33_000, 0, -1)])


# ---------------------------------------------------------------------- resource types


def test_associations_make_the_resource_types_that_are_missing(work: Work) -> None:
    kept(work, a_namespace("a"), a_tie("A"))
    with work() as unit:
        home = unit.metadefs.add(a_namespace("b"))
        unit.metadefs.add_parts(home, [a_tie("A"), a_tie("B")], protect_types=True)
        unit.commit()

    with work(read_only=True) as unit:
        types = unit.metadefs.resource_types()
    assert [(it.name, it.protected) for it in types] == [("A", False), ("B", True)]


def test_a_resource_type_is_made_once_and_removed_when_nobody_needs_it(work: Work) -> None:
    new = ResourceType(name="A", created_at=THEN, updated_at=LATER)
    with work() as unit:
        made = unit.metadefs.add_resource_type(new)
        unit.commit()
    with work() as unit, pytest.raises(MetadefExists):
        unit.metadefs.add_resource_type(new)
    with work() as unit:
        assert unit.metadefs.resource_types() == [made]
        unit.metadefs.remove_resource_type(made)
        unit.commit()

    with work(read_only=True) as unit:
        assert unit.metadefs.resource_types() == []


def test_a_resource_type_that_is_protected_or_needed_stays(work: Work) -> None:
    kept(work, a_namespace(), a_tie("needed"))
    with work() as unit:
        unit.metadefs.add_resource_type(
            ResourceType(name="protected", created_at=THEN, updated_at=THEN, protected=True)
        )
        unit.commit()
    with work() as unit:
        needed, protected = unit.metadefs.resource_types()
        with pytest.raises(MetadefInUse):
            unit.metadefs.remove_resource_type(needed)
        with pytest.raises(ProtectedMetadef):
            unit.metadefs.remove_resource_type(protected)


def test_unloading_leaves_nothing(work: Work) -> None:
    kept(work, a_namespace(protected=True), *ONE_OF_EACH)
    with work() as unit:
        unit.metadefs.remove_everything()
        unit.commit()

    assert names(work, NamespaceQuery()) == []
    with work(read_only=True) as unit:
        assert unit.metadefs.resource_types() == []


# ---------------------------------------------------------------------- many at once


def test_of_many_who_make_the_same_namespace_one_succeeds(work: Work) -> None:
    outcomes = at_once(*[lambda: kept(work, a_namespace())] * 4)

    assert sum(isinstance(outcome, Namespace) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, MetadefExists) for outcome in outcomes) == 3


def test_of_many_who_add_the_same_tag_one_succeeds(work: Work) -> None:
    home = kept(work, a_namespace())

    def add() -> None:
        with work() as unit:
            locked = unit.metadefs.get(home.name, seen_by=None, for_update=True)
            unit.metadefs.add_parts(locked, [a_tag()])
            unit.commit()

    outcomes = at_once(*[add] * 4)

    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(it, MetadefExists) for it in outcomes if it is not None)


def test_a_namespace_that_goes_takes_along_what_is_just_coming(work: Work) -> None:
    home = kept(work, a_namespace())

    def add() -> None:
        with work() as unit:
            locked = unit.metadefs.get(home.name, seen_by=None, for_update=True)
            unit.metadefs.add_parts(locked, [a_tie(), a_tag()])
            unit.commit()

    def remove() -> None:
        with work() as unit:
            locked = unit.metadefs.get(home.name, seen_by=None, for_update=True)
            unit.metadefs.remove(locked)
            unit.commit()

    added, removed = at_once(add, remove)

    assert removed is None
    assert added is None or isinstance(added, TintypeError)
    assert names(work, NamespaceQuery()) == []

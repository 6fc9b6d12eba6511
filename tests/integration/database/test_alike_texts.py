"""Texts that an adopted database on MySQL takes for the same, and nobody else does.

Until the adoption is committed its columns compare without regard to case, accents and blanks
at the end. Other databases tell such texts apart, and so they show what is to come out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ADMIN as SERVICE_ADMIN
from tests.builders import a_caller, a_member, a_task, an_image, stored_data
from tests.contract.catalogue.steps import change, delete, ids, keep, look, sees
from tests.contract.records.making import ADMIN, OWNER
from tests.contract.records.making import an_image as a_row
from tests.databases import made_by
from tests.integration.database.field import make_adopted_database
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.errors import Duplicate
from tintype.domain.image import Image
from tintype.domain.image_query import Comparison, Condition, ImageQuery
from tintype.domain.member import MemberStatus
from tintype.domain.quota import Resource
from tintype.domain.status import Status
from tintype.domain.task_query import TaskQuery
from tintype.domain.visibility import Visibility
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions

ON_MYSQL = pytest.mark.parametrize("kind", ["mariadb"])
"""Of a test about what only there cannot be."""

PAIRS = pytest.mark.parametrize(("given", "there"), [("A", "a"), ("e", "é"), ("a ", "a")])


@pytest.fixture
def work(kind: str) -> Iterator[SqlWork]:
    """Begin units of work on a database that was adopted, and bind the functions to it."""
    with made_by(make_adopted_database, kind) as engine:
        db.configure(engine.url.render_as_string(hide_password=False))
        yield SqlWork(engine)
        db.configure("sqlite://")


def live(image_id: str) -> dict[str, str]:
    """Return the properties of an image that are not deleted, as the functions show them."""
    found = db.image_get(ADMIN, image_id)["properties"]
    return {it.name: it.value for it in found if not it.deleted}


# ------------------------------------------------------------------ properties


@ON_MYSQL
@PAIRS
def test_a_property_like_another_one_is_refused_and_nothing_is_overwritten(
    work: SqlWork, given: str, there: str
) -> None:
    keep(work, image := an_image(properties={there: "1"}))

    with pytest.raises(Duplicate) as refusal:
        change(work, image.id, lambda it: it.properties.update({given: "2"}))

    assert f"'{given}' and '{there}'" in str(refusal.value)
    assert look(work, image.id).properties == {there: "1"}


@ON_MYSQL
def test_a_property_like_another_one_that_changes_too_is_refused(work: SqlWork) -> None:
    keep(work, image := an_image(properties={"a": "1"}))

    with pytest.raises(Duplicate, match="'A' and 'a'"):
        change(work, image.id, lambda it: it.properties.update({"a": "2", "A": "3"}))

    assert look(work, image.id).properties == {"a": "1"}


@ON_MYSQL
def test_two_new_properties_that_are_alike_are_refused(work: SqlWork) -> None:
    with pytest.raises(Duplicate, match="'A' and 'a'"):
        keep(work, an_image(properties={"a": "1", "A": "2"}))


@PAIRS
def test_a_property_is_renamed_to_one_like_it(work: SqlWork, given: str, there: str) -> None:
    keep(work, image := an_image(properties={there: "1"}))

    def rename(it: Image) -> None:
        it.properties.clear()
        it.properties[given] = "2"

    change(work, image.id, rename)

    assert look(work, image.id).properties == {given: "2"}


def test_a_property_like_one_that_was_removed_earlier_has_its_own_name(work: SqlWork) -> None:
    keep(work, image := an_image(properties={"a": "1"}))
    change(work, image.id, lambda it: it.properties.clear())

    change(work, image.id, lambda it: it.properties.update({"A": "2"}))

    assert look(work, image.id).properties == {"A": "2"}


@ON_MYSQL
@PAIRS
def test_the_functions_refuse_a_property_like_another_one(
    work: SqlWork, given: str, there: str
) -> None:
    image_id = a_row(properties={there: "1"})["id"]
    new = {"image_id": image_id, "name": given, "value": "2"}

    for refused in (
        lambda: db.image_update(OWNER, image_id, {"properties": {given: "2"}}),
        lambda: db.image_property_create(OWNER, new),
        lambda: db.image_set_property_atomic(image_id, given, "2"),
        lambda: a_row(properties={there: "1", given: "2"}),
    ):
        with pytest.raises(exceptions.Duplicate) as refusal:
            refused()
        assert f"'{given}' and '{there}'" in str(refusal.value)

    assert live(image_id) == {there: "1"}


@ON_MYSQL
def test_the_functions_refuse_one_property_too_many_for_the_row_of_a_deleted_one(
    work: SqlWork,
) -> None:
    image_id = a_row(properties={"a": "1"})["id"]
    db.image_property_delete(OWNER, "a", image_id)

    with pytest.raises(exceptions.Duplicate, match="'A' and 'a'"):
        db.image_update(OWNER, image_id, {"properties": {"A": "2", "a": "3"}})

    assert live(image_id) == {}


@PAIRS
def test_the_functions_rename_a_property_to_one_like_it(
    work: SqlWork, given: str, there: str
) -> None:
    image_id = a_row(properties={there: "1"})["id"]

    db.image_update(OWNER, image_id, {"properties": {given: "2"}}, purge_props=True)

    assert live(image_id) == {given: "2"}


def test_the_functions_give_a_property_its_own_name_where_one_like_it_was_deleted(
    work: SqlWork,
) -> None:
    image_id = a_row(properties={"a": "1"})["id"]
    db.image_property_delete(OWNER, "a", image_id)

    db.image_set_property_atomic(image_id, "A", "2")

    assert live(image_id) == {"A": "2"}


# ------------------------------------------------------------------ tags


@PAIRS
def test_a_tag_is_removed_and_the_one_like_it_stays(work: SqlWork, given: str, there: str) -> None:
    keep(work, image := an_image(tags=[there]))
    change(work, image.id, lambda it: it.tags.append(given))
    before = look(work, image.id).tags

    change(work, image.id, lambda it: it.tags.remove(given))

    assert (before, look(work, image.id).tags) == ([there, given], [there])


# ------------------------------------------------------------------ members


@PAIRS
def test_a_project_like_a_member_can_become_one_and_end_it(
    work: SqlWork, given: str, there: str
) -> None:
    keep(work, image := an_image(), a_member(image.id, there))
    keep(work, member := a_member(image.id, given))

    with work() as unit:
        both = [it.member_id for it in unit.members.list(image.id)]
        unit.members.remove(member)
        left = [it.member_id for it in unit.members.list(image.id)]
        unit.commit()

    assert (both, left) == ([there, given], [there])


def test_a_project_like_a_former_member_becomes_one_itself(work: SqlWork) -> None:
    keep(work, image := an_image(), former := a_member(image.id, "a"))
    with work() as unit:
        unit.members.remove(former)
        unit.commit()

    keep(work, a_member(image.id, "A"))

    with work(read_only=True) as unit:
        assert [it.member_id for it in unit.members.list(image.id)] == ["A"]


def test_an_image_with_members_that_are_alike_can_be_deleted(work: SqlWork) -> None:
    keep(work, image := an_image(), a_member(image.id, "a"), a_member(image.id, "A"))
    keep(work, other := an_image(), a_member(other.id, "a"), a_member(other.id, "A"))

    delete(work, image.id)
    db.image_destroy(ADMIN, other.id)

    with work(read_only=True) as unit:
        assert [*unit.members.list(image.id), *unit.members.list(other.id)] == []


# ------------------------------------------------------------------ lists and what is counted

A_LETTER: dict[str, Any] = {"name": "a", "properties": {"p": "a", "q": "q"}}


def test_filters_match_what_they_say_and_nothing_like_it(work: SqlWork) -> None:
    keep(work, image := an_image(**A_LETTER, tags=["a"]))
    query = ImageQuery(limit=9)

    def found(**facts: Any) -> bool:
        return ids(work, replace(query, **facts)) == [image.id]

    for text, matches in (("a", True), ("A", False), ("á", False), ("a ", False)):
        assert found(conditions=(Condition("name", Comparison.EQ, text),)) == matches
        assert found(conditions=(Condition("name", Comparison.IN, (text, "b")),)) == matches
        assert found(tags=(text,)) == matches
        assert found(properties={"p": text}) == matches
    assert not found(properties={"Q": "q"})


def test_filters_of_the_functions_match_what_they_say_and_nothing_like_it(work: SqlWork) -> None:
    image_id = a_row(**A_LETTER)["id"]
    db.image_tag_create(OWNER, image_id, "a")

    def found(**filters: Any) -> bool:
        return [it["id"] for it in db.image_get_all(OWNER, filters=filters)] == [image_id]

    for text, matches in (("a", True), ("A", False), ("á", False), ("a ", False)):
        assert found(name=text) == matches
        assert found(name=f'in:"{text}",b') == matches
        assert found(tags=[text]) == matches
        assert found(p=text) == matches
    assert not found(Q="q")


def test_a_project_like_another_one_has_nothing_of_its(work: SqlWork) -> None:
    stored = stored_data()
    facts = {"owner": "p", "size": stored.size, "locations": [stored.location]}
    keep(work, own := an_image(Status.ACTIVE, visibility=Visibility.PRIVATE, **facts))
    keep(work, offered := an_image(visibility=Visibility.SHARED))
    keep(work, a_member(offered.id, "p", status=MemberStatus.ACCEPTED))
    keep(work, a_task(owner="p"))

    def has(project: str) -> list[int]:
        caller, context = a_caller(project), db.Context(project_id=project)
        with work(read_only=True) as unit:
            counted = unit.usage.of(project, Resource.COUNT_TOTAL)
            tasks = unit.tasks.list(TaskQuery(limit=9), seen_by=caller)
        return [
            sum(sees(work, caller, image.id) for image in (own, offered)),
            len(ids(work, ImageQuery(limit=9), caller)),
            len(ids(work, ImageQuery(limit=9, member_status="accepted"), caller)),
            len(db.image_get_all(context)),
            len(db.image_member_find(context)),
            counted[Resource.COUNT_TOTAL].present,
            len(tasks),
            len(db.task_get_all(context)),
        ]

    assert has("p") == [2, 2, 2, 2, 1, 1, 1, 1]
    assert has("P") == [0] * 8


def test_a_filter_of_tasks_matches_what_it_says_and_nothing_like_it(work: SqlWork) -> None:
    keep(work, a_task(request_id="r"))

    for text, matches in (("r", 1), ("R", 0), ("r ", 0)):
        with work(read_only=True) as unit:
            query = TaskQuery(limit=9, filters={"request_id": text})
            assert len(unit.tasks.list(query, seen_by=SERVICE_ADMIN)) == matches
        assert len(db.task_get_all(ADMIN, filters={"request_id": text})) == matches


# ------------------------------------------------------------------ definitions


@ON_MYSQL
def test_an_association_with_a_type_like_another_one_is_refused(work: SqlWork) -> None:
    db.metadef_namespace_create(OWNER, {"namespace": "n"})
    db.metadef_resource_type_create(OWNER, {"name": "Server"})

    with pytest.raises(exceptions.Duplicate, match="'server' and 'Server'"):
        db.metadef_resource_type_association_create(OWNER, "n", {"name": "server"})

    assert db.metadef_resource_type_association_get_all_by_namespace(OWNER, "n") == []


def test_definitions_are_filtered_by_what_is_said_and_nothing_like_it(work: SqlWork) -> None:
    db.metadef_namespace_create(OWNER, {"namespace": "n", "visibility": "private"})
    db.metadef_resource_type_association_create(OWNER, "n", {"name": "Server"})

    def found(context: Any, kind: str) -> int:
        return len(db.metadef_namespace_get_all(context, filters={"resource_types": kind}))

    assert (found(OWNER, "Server"), found(OWNER, "server")) == (1, 0)
    assert found(db.Context(project_id="OWNER"), "Server") == 0

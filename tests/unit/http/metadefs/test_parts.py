"""Objects, properties, tags and associations (metadefs §1, §2)."""

from typing import Any

import pytest

from tests.unit.http.metadefs.catalogue import A_PROPERTY, AN_OBJECT, ROOT, X, made, without_times
from tests.unit.http.service import Answer, Rows, Service, each

OBJECTS, PROPERTIES, TAGS, TYPES = (
    f"{X}/{kind}" for kind in ("objects", "properties", "tags", "resource_types")
)
NEW_PROPERTY = A_PROPERTY | {"name": "new"}
LISTS: dict[str, Any] = {
    "objects": [],
    "properties": {},
    "tags": [],
    "resource_type_associations": [],
}


def names(answer: Answer, key: str) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["name"] for item in answer.json[key]]


# ---------------------------------------------------------------------- objects


def test_objects_are_listed_with_a_link_that_lacks_its_slash(service: Service) -> None:
    answer = service.get(OBJECTS)

    assert without_times(answer.json) == {
        "objects": [
            {
                **AN_OBJECT,
                "self": "/v2/metadefs/namespaces/OS::X/objects/o",
                "schema": "/v2/schemas/metadefs/object",
            }
        ],
        "schema": "v2/schemas/metadefs/objects",
    }


def test_an_object_lives_through_its_life(service: Service) -> None:
    added = service.send("POST", OBJECTS, {"name": "new"})
    assert (added.status, set(added.json)) == (
        201,
        {"name", "created_at", "updated_at", "self", "schema"},
    )
    assert service.get(f"{OBJECTS}/new").json == added.json

    replaced = service.send("PUT", f"{OBJECTS}/new", AN_OBJECT | {"name": "renamed"})
    assert (replaced.status, replaced.json["name"]) == (200, "renamed")
    assert replaced.json["required"] == ["a"]
    assert service.get(f"{OBJECTS}/new").status == 404
    assert service.get(f"{OBJECTS}/renamed").json == replaced.json

    assert service.ask("DELETE", f"{OBJECTS}/renamed").status == 204
    assert service.get(f"{OBJECTS}/renamed").status == 404


def test_replacing_an_object_clears_what_is_left_out(service: Service) -> None:
    answer = service.send("PUT", f"{OBJECTS}/o", {"name": "o"})

    assert {"description", "required", "properties"}.isdisjoint(answer.json)


def test_names_with_commas_may_be_required(service: Service) -> None:
    body = AN_OBJECT | {"name": "new", "required": ["a,b", "c"]}
    service.send("POST", OBJECTS, body)

    assert service.get(f"{OBJECTS}/new").json["required"] == ["a,b", "c"]


OBJECT_CALLS: Rows = {
    "add a taken name": (lambda s: s.send("POST", OBJECTS, AN_OBJECT), 409),
    "add without body": (lambda s: s.ask("POST", OBJECTS), 400),
    "add an extra key": (lambda s: s.send("POST", OBJECTS, {"name": "n", "x": 1}), 400),
    "add self": (lambda s: s.send("POST", OBJECTS, {"name": "n", "self": "x"}), 403),
    "add schema": (lambda s: s.send("POST", OBJECTS, {"name": "n", "schema": "x"}), 403),
    "add created_at": (lambda s: s.send("POST", OBJECTS, {"name": "n", "created_at": "x"}), 403),
    "add a long name": (lambda s: s.send("POST", OBJECTS, {"name": "n" * 81}), 400),
    "add a long description": (
        lambda s: s.send("POST", OBJECTS, {"name": "n", "description": "d" * 2000}),
        201,
    ),
    "add required that is no list": (
        lambda s: s.send("POST", OBJECTS, {"name": "n", "required": "a"}),
        400,
    ),
    "add to nothing": (lambda s: s.send("POST", f"{ROOT}/none/objects", {"name": "n"}), 404),
    "show nothing": (lambda s: s.get(f"{OBJECTS}/none"), 404),
    "show in nothing": (lambda s: s.get(f"{ROOT}/none/objects/o"), 404),
    "replace nothing": (lambda s: s.send("PUT", f"{OBJECTS}/none", AN_OBJECT), 404),
    "replace by a taken name": (
        lambda s: (
            s.send("POST", OBJECTS, {"name": "new"}),
            s.send("PUT", f"{OBJECTS}/new", AN_OBJECT),
        )[1],
        409,
    ),
    "delete nothing": (lambda s: s.ask("DELETE", f"{OBJECTS}/none"), 404),
    "delete all": (lambda s: s.ask("DELETE", OBJECTS), 204),
    "delete all of nothing": (lambda s: s.ask("DELETE", f"{ROOT}/none/objects"), 404),
    "patch": (lambda s: s.ask("PATCH", f"{OBJECTS}/o"), 405),
    "post to one": (lambda s: s.send("POST", f"{OBJECTS}/o", {}), 405),
    "a limit of nothing": (lambda s: s.get(f"{OBJECTS}?limit=0"), 400),
}


@each(OBJECT_CALLS)
def test_objects(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)

    assert answer.status == status, answer.body


def test_objects_come_in_pages_to_whoever_wants_that(service: Service) -> None:
    for name in ("b", "a"):
        service.send("POST", OBJECTS, {"name": name})

    assert names(service.get(OBJECTS), "objects") == ["o", "b", "a"]
    assert names(service.get(f"{OBJECTS}?limit=1"), "objects") == ["o"]
    assert names(service.get(f"{OBJECTS}?limit=1&marker=o"), "objects") == ["b"]
    by_name = f"{OBJECTS}?sort_key=name&sort_dir=asc"
    assert names(service.get(by_name), "objects") == ["a", "b", "o"]
    assert service.get(f"{OBJECTS}?marker=none").status == 404


# ---------------------------------------------------------------------- properties


def test_properties_are_listed_by_name(service: Service) -> None:
    answer = service.get(PROPERTIES)

    assert answer.json == {"properties": {"p": A_PROPERTY | {"name": "p", "default": "2"}}}


def test_a_property_lives_through_its_life(service: Service) -> None:
    added = service.send("POST", PROPERTIES, NEW_PROPERTY)
    assert (added.status, added.json) == (201, NEW_PROPERTY | {"default": "2"})
    assert service.get(f"{PROPERTIES}/new").json == added.json

    body = {"name": "renamed", "type": "string", "title": "T"}
    replaced = service.send("PUT", f"{PROPERTIES}/new", body)
    assert (replaced.status, replaced.json) == (200, body)
    assert service.get(f"{PROPERTIES}/new").status == 404

    assert service.ask("DELETE", f"{PROPERTIES}/renamed").status == 204
    assert service.get(f"{PROPERTIES}/renamed").status == 404


def test_a_property_is_found_by_the_name_that_a_resource_type_writes(service: Service) -> None:
    answer = service.get(f"{PROPERTIES}/hw:p?resource_type=OS::Nova::Flavor")

    assert (answer.status, answer.json["name"]) == (200, "hw:p")


EVERY_FIELD: dict[str, Any] = {
    "name": "all",
    "type": "array",
    "title": "All",
    "description": "Every field",
    "operators": ["<or>"],
    "readonly": True,
    "confidential": False,
    "required": ["x"],
    "minimum": 1.5,
    "maximum": 9,
    "minLength": 0,
    "maxLength": 3,
    "pattern": "^a+$",
    "enum": [1, 2.5, "x", True, None, {"a": [1]}],
    "items": {"type": "integer", "enum": [1, 2]},
    "uniqueItems": True,
    "minItems": 0,
    "maxItems": 2,
    "additionalItems": False,
}


def test_every_field_of_a_property_comes_back_as_it_was_given(service: Service) -> None:
    assert service.send("POST", PROPERTIES, EVERY_FIELD).status == 201

    assert service.get(f"{PROPERTIES}/all").json == EVERY_FIELD


@pytest.mark.parametrize(
    ("given", "shown"),
    [(100, "100"), (True, "True"), (1.5, "1.5"), ("3", "3"), ([1], [1]), ({"a": 1}, {"a": 1})],
)
def test_a_plain_default_is_text_in_answers(service: Service, given: Any, shown: Any) -> None:
    schema = A_PROPERTY | {"default": given}
    service.send("POST", PROPERTIES, schema | {"name": "new"})
    service.send("POST", OBJECTS, {"name": "new", "properties": {"a": schema}})

    assert service.get(f"{PROPERTIES}/new").json["default"] == shown
    assert service.get(f"{OBJECTS}/new").json["properties"]["a"]["default"] == shown


PROPERTY_CALLS: Rows = {
    "add a taken name": (lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"name": "p"}), 409),
    "add without name": (lambda s: s.send("POST", PROPERTIES, A_PROPERTY), 400),
    "add without type": (lambda s: s.send("POST", PROPERTIES, {"name": "n", "title": "T"}), 400),
    "add an unknown type": (
        lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"type": "colour"}),
        400,
    ),
    "add without title": (
        lambda s: s.send("POST", PROPERTIES, {"name": "n", "type": "string"}),
        400,
    ),
    "add without body": (lambda s: s.ask("POST", PROPERTIES), 400),
    "add an extra key": (lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"x": 1}), 400),
    "add self, which a property has not": (
        lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"self": "x"}),
        400,
    ),
    "add created_at": (
        lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"created_at": "x"}),
        403,
    ),
    "add updated_at": (
        lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"updated_at": "x"}),
        403,
    ),
    "add a negative length": (
        lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"minLength": -1}),
        400,
    ),
    "add a bound that is no number": (
        lambda s: s.send("POST", PROPERTIES, NEW_PROPERTY | {"minimum": True}),
        400,
    ),
    "show nothing": (lambda s: s.get(f"{PROPERTIES}/none"), 404),
    "show without the prefix": (
        lambda s: s.get(f"{PROPERTIES}/p?resource_type=OS::Nova::Flavor"),
        404,
    ),
    "show nothing by a prefix": (
        lambda s: s.get(f"{PROPERTIES}/hw:none?resource_type=OS::Nova::Flavor"),
        404,
    ),
    "show by a type that is not associated": (
        lambda s: s.get(f"{PROPERTIES}/p?resource_type=OS::None"),
        404,
    ),
    "replace nothing": (lambda s: s.send("PUT", f"{PROPERTIES}/none", NEW_PROPERTY), 404),
    "delete nothing": (lambda s: s.ask("DELETE", f"{PROPERTIES}/none"), 404),
    "delete all": (lambda s: s.ask("DELETE", PROPERTIES), 204),
    "patch": (lambda s: s.ask("PATCH", f"{PROPERTIES}/p"), 405),
}


@each(PROPERTY_CALLS)
def test_properties(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)

    assert answer.status == status, answer.body


# ---------------------------------------------------------------------- tags


def test_tags_are_listed_by_name_alone(service: Service) -> None:
    service.send("POST", TAGS, {"tags": [{"name": "b"}, {"name": "a"}]})

    assert service.get(f"{TAGS}?sort_key=name&sort_dir=asc").json == {
        "tags": [{"name": "a"}, {"name": "b"}]
    }


def test_tags_come_in_pages_to_whoever_wants_that(service: Service) -> None:
    service.send("POST", TAGS, {"tags": [{"name": name} for name in "cabd"]})
    by_name = f"{TAGS}?sort_key=name&sort_dir=asc"

    assert len(names(service.get(TAGS), "tags")) == 4
    assert names(service.get(f"{by_name}&limit=2"), "tags") == ["a", "b"]
    assert names(service.get(f"{by_name}&limit=2&marker=b"), "tags") == ["c", "d"]
    assert names(service.get(f"{TAGS}?sort_key=name"), "tags") == ["d", "c", "b", "a"]
    assert set(service.get(f"{by_name}&limit=2").json) == {"tags"}


def test_new_tags_take_the_place_of_all(service: Service) -> None:
    answer = service.send("POST", TAGS, {"tags": [{"name": "new"}, {"name": "t1"}]})

    assert (answer.status, answer.json) == (201, {"tags": [{"name": "new"}, {"name": "t1"}]})
    assert set(names(service.get(TAGS), "tags")) == {"new", "t1"}


@pytest.mark.parametrize("value", ["true", "True", "TRUE"])
def test_new_tags_are_appended_if_a_header_says_so(service: Service, value: str) -> None:
    answer = service.send("POST", TAGS, {"tags": [{"name": "new"}]}, {"X-Openstack-Append": value})

    assert answer.json == {"tags": [{"name": "new"}]}
    assert set(names(service.get(TAGS), "tags")) == {"new", "t1", "t2"}


@pytest.mark.parametrize(
    ("tags", "headers"),
    [(["a", "a"], {}), (["a", "t1"], {"X-Openstack-Append": "true"})],
    ids=["twice", "there already"],
)
def test_a_tag_too_many_changes_nothing(
    service: Service, tags: list[str], headers: dict[str, str]
) -> None:
    body = {"tags": [{"name": name} for name in tags]}

    assert service.send("POST", TAGS, body, headers).status == 409
    assert set(names(service.get(TAGS), "tags")) == {"t1", "t2"}


def test_no_tags_change_nothing(service: Service) -> None:
    answer = service.send("POST", TAGS, {"tags": []})

    assert (answer.status, answer.json) == (201, {"tags": []})
    assert set(names(service.get(TAGS), "tags")) == {"t1", "t2"}


def test_a_tag_lives_through_its_life(service: Service) -> None:
    added = service.ask("POST", f"{TAGS}/new")
    assert (added.status, set(added.json)) == (201, {"name", "created_at", "updated_at"})
    assert service.get(f"{TAGS}/new").json == added.json

    assert service.send("PUT", f"{TAGS}/new", {"name": "renamed"}).status == 200
    assert service.get(f"{TAGS}/new").status == 404
    assert service.ask("DELETE", f"{TAGS}/renamed").status == 204
    assert service.get(f"{TAGS}/renamed").status == 404


TAG_CALLS: Rows = {
    "add a taken name": (lambda s: s.ask("POST", f"{TAGS}/t1"), 409),
    "add the same name in another case": (lambda s: s.ask("POST", f"{TAGS}/T1"), 201),
    "add a long name": (lambda s: s.ask("POST", f"{TAGS}/{'t' * 81}"), 400),
    "set without body": (lambda s: s.ask("POST", TAGS), 400),
    "set no list": (lambda s: s.send("POST", TAGS, {"tags": "a"}), 400),
    "set an extra key": (lambda s: s.send("POST", TAGS, {"tags": [], "x": 1}), 400),
    "set a nameless tag": (lambda s: s.send("POST", TAGS, {"tags": [{}]}), 400),
    "replace created_at": (
        lambda s: s.send("PUT", f"{TAGS}/t1", {"name": "t1", "created_at": "x"}),
        403,
    ),
    "replace by a taken name": (lambda s: s.send("PUT", f"{TAGS}/t1", {"name": "t2"}), 409),
    "replace nothing": (lambda s: s.send("PUT", f"{TAGS}/none", {"name": "t"}), 404),
    "replace without body": (lambda s: s.ask("PUT", f"{TAGS}/t1"), 400),
    "delete nothing": (lambda s: s.ask("DELETE", f"{TAGS}/none"), 404),
    "delete all": (lambda s: s.ask("DELETE", TAGS), 204),
    "show nothing": (lambda s: s.get(f"{TAGS}/none"), 404),
    "an unknown marker": (lambda s: s.get(f"{TAGS}?marker=none"), 404),
    "an unknown direction": (lambda s: s.get(f"{TAGS}?sort_dir=up"), 400),
    "an unknown key": (lambda s: s.get(f"{TAGS}?sort_key=colour"), 400),
    "a negative limit": (lambda s: s.get(f"{TAGS}?limit=-1"), 400),
    "patch": (lambda s: s.ask("PATCH", f"{TAGS}/t1"), 405),
}


@each(TAG_CALLS)
def test_tags(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)

    assert answer.status == status, answer.body


# ---------------------------------------------------------------------- resource types


def test_an_association_makes_its_type_and_leaves_it_behind(service: Service) -> None:
    added = service.send("POST", TYPES, {"name": "OS::New", "prefix": "n_"})
    assert added.status == 201
    assert without_times(added.json) == {"name": "OS::New", "prefix": "n_"}
    listed = service.get(TYPES)
    assert names(listed, "resource_type_associations") == ["OS::Nova::Flavor", "OS::New"]

    assert service.ask("DELETE", f"{TYPES}/OS::New").status == 204

    types = service.get("/v2/metadefs/resource_types")
    assert names(types, "resource_types") == ["OS::Nova::Flavor", "OS::New"]
    assert set(types.json["resource_types"][0]) == {"name", "created_at", "updated_at"}
    assert names(service.get(TYPES), "resource_type_associations") == ["OS::Nova::Flavor"]


TYPE_CALLS: Rows = {
    "associate twice": (lambda s: s.send("POST", TYPES, {"name": "OS::Nova::Flavor"}), 409),
    "without name": (lambda s: s.send("POST", TYPES, {}), 400),
    "without body": (lambda s: s.ask("POST", TYPES), 400),
    "an extra key": (lambda s: s.send("POST", TYPES, {"name": "n", "x": 1}), 400),
    "created_at": (lambda s: s.send("POST", TYPES, {"name": "n", "created_at": "x"}), 403),
    "a long prefix": (lambda s: s.send("POST", TYPES, {"name": "n", "prefix": "p" * 81}), 400),
    "a long target": (
        lambda s: s.send("POST", TYPES, {"name": "n", "properties_target": "p" * 81}),
        400,
    ),
    "end none": (lambda s: s.ask("DELETE", f"{TYPES}/none"), 404),
    "change one": (lambda s: s.send("PUT", f"{TYPES}/OS::Nova::Flavor", {}), 405),
    "delete a type": (lambda s: s.ask("DELETE", "/v2/metadefs/resource_types/x"), 404),
    "delete all types": (lambda s: s.ask("DELETE", "/v2/metadefs/resource_types"), 405),
}


@each(TYPE_CALLS)
def test_resource_types(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)

    assert answer.status == status, answer.body


# ---------------------------------------------------------------------- all kinds


@pytest.mark.parametrize("key", LISTS)
def test_an_empty_list_keeps_its_key(service: Service, key: str) -> None:
    made(service, namespace="bare")
    path = "resource_types" if key.startswith("resource") else key

    assert service.get(f"{ROOT}/bare/{path}").json[key] == LISTS[key]


@pytest.mark.parametrize(
    "path",
    [
        *("", "/objects", "/objects/o", "/properties", "/properties/p"),
        *("/tags", "/tags/t1", "/resource_types/OS::Nova::Flavor"),
    ],
)
def test_nothing_in_a_protected_namespace_is_deleted(service: Service, path: str) -> None:
    before = service.send("PUT", X, {"namespace": "OS::X", "protected": True})
    assert before.status == 200

    refused = service.ask("DELETE", f"{X}{path}")

    assert refused.status == 403
    assert refused.message.endswith("is protected and cannot be deleted.")


def test_a_protected_namespace_is_changed_and_added_to(service: Service) -> None:
    service.send("PUT", X, {"namespace": "OS::X", "protected": True})

    assert service.send("POST", OBJECTS, {"name": "new"}).status == 201
    assert service.send("PUT", f"{OBJECTS}/o", {"name": "o"}).status == 200
    assert service.send("PUT", f"{PROPERTIES}/p", NEW_PROPERTY).status == 200
    assert service.send("PUT", X, {"namespace": "OS::X"}).status == 200

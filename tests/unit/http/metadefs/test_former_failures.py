"""What was once answered with an error of the server (metadefs §4): one test each."""

from typing import Any

import pytest

from tests.unit.http.metadefs.catalogue import A_PROPERTY, ROOT, X, made
from tests.unit.http.service import OWNER, Service


def test_a_limit_that_is_no_number_is_a_bad_request(service: Service) -> None:
    assert service.get(f"{ROOT}?limit=abc").status == 400


def test_an_unknown_sort_key_is_a_bad_request(service: Service) -> None:
    assert service.get(f"{ROOT}?sort_key=bogus").status == 400


@pytest.mark.parametrize("path", ["", "/properties/p"])
def test_an_unknown_query_key_is_ignored(service: Service, path: str) -> None:
    answer = service.get(f"{X}{path}?colour=red")

    assert answer.status == 200
    assert answer.json == service.get(f"{X}{path}").json


def test_tags_without_the_key_tags_are_a_bad_request(service: Service) -> None:
    assert service.send("POST", f"{X}/tags", {}).status == 400


def test_an_enum_of_integers_comes_back_as_integers(service: Service) -> None:
    body = A_PROPERTY | {"name": "new", "enum": [1, 2]}

    assert service.send("POST", f"{X}/properties", body).status == 201
    assert service.get(f"{X}/properties/new").json["enum"] == [1, 2]


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_bound_between_integers_comes_back_whole(service: Service, kind: str) -> None:
    body = A_PROPERTY | {"name": "new", "type": kind, "minimum": 1.5, "maximum": -0.25}
    service.send("POST", f"{X}/properties", body)

    shown = service.get(f"{X}/properties/new").json
    assert (shown["minimum"], shown["maximum"]) == (1.5, -0.25)


@pytest.mark.parametrize("extra", [{"required": ["a"]}, {"confidential": True}])
def test_required_and_confidential_are_kept_alone_and_nested(
    service: Service, extra: dict[str, Any]
) -> None:
    schema = A_PROPERTY | extra
    assert service.send("POST", f"{X}/properties", schema | {"name": "new"}).status == 201
    body = {"name": "new", "properties": {"a": schema}}
    assert service.send("POST", f"{X}/objects", body).status == 201
    made(service, namespace="nested", properties={"new": schema})

    expected = schema | {"default": "2"}
    named = expected | {"name": "new"}
    assert service.get(f"{X}/properties/new").json == named
    assert service.get(f"{X}/objects/new").json["properties"]["a"] == expected
    assert service.get(f"{ROOT}/nested").json["properties"]["new"] == named


def test_an_object_without_a_name_is_a_bad_request(service: Service) -> None:
    assert service.send("POST", f"{X}/objects", {"description": "d"}).status == 400
    body = {"namespace": "new", "objects": [{"description": "d"}]}
    assert service.send("POST", ROOT, body).status == 400


def test_an_unknown_key_in_a_nested_property_is_a_bad_request(service: Service) -> None:
    nested = {"a": A_PROPERTY | {"colour": "red"}}

    body: dict[str, Any] = {"name": "new", "properties": nested}
    assert service.send("POST", f"{X}/objects", body).status == 400
    body = {"namespace": "new", "properties": nested}
    assert service.send("POST", ROOT, body).status == 400


def test_a_property_that_an_object_holds_may_say_its_name_again(service: Service) -> None:
    nested = {"a": A_PROPERTY | {"name": "a"}}
    body: dict[str, Any] = {"name": "new", "properties": nested}

    assert service.send("POST", f"{X}/objects", body).status == 201
    assert service.send("PUT", f"{X}/objects/new", body).status == 200
    made(service, namespace="nested", objects=[body])

    expected = {"a": A_PROPERTY | {"default": "2"}}
    assert service.get(f"{X}/objects/new").json["properties"] == expected
    assert service.get(f"{ROOT}/nested").json["objects"][0]["properties"] == expected


def test_a_long_name_in_a_nested_property_is_a_bad_request(service: Service) -> None:
    nested = {"a": A_PROPERTY | {"name": "n" * 81}}

    body: dict[str, Any] = {"name": "new", "properties": nested}
    assert service.send("POST", f"{X}/objects", body).status == 400
    body = {"namespace": "new", "properties": nested}
    assert service.send("POST", ROOT, body).status == 400


def test_a_namespace_whose_child_is_bad_leaves_nothing_behind(service: Service) -> None:
    body = {
        "namespace": "new",
        "resource_type_associations": [{"name": "OS::New"}],
        "tags": [{"name": "t"}, {"name": "t"}],
    }
    assert service.send("POST", ROOT, body).status == 409

    types = service.get("/v2/metadefs/resource_types").json["resource_types"]
    assert [item["name"] for item in types] == ["OS::Nova::Flavor"]
    assert service.get(f"{ROOT}/new").status == 404


def test_a_page_from_which_policy_hides_rows_still_has_a_next_one(service: Service) -> None:
    for number in range(3):
        made(service, namespace=f"hidden{number}")
    made(service, namespace="shown", visibility="public")

    page = service.seen_by(OWNER).get(f"{ROOT}?limit=1&sort_dir=asc").json
    assert [item["namespace"] for item in page["namespaces"]] == ["OS::X"]
    page = service.seen_by(OWNER).get(page["next"]).json
    assert [item["namespace"] for item in page["namespaces"]] == ["shown"]


@pytest.mark.parametrize("count", [1 << 63, 1e22])
def test_a_count_beyond_what_json_is_written_with_is_a_bad_request(
    service: Service, count: float
) -> None:
    body = A_PROPERTY | {"name": "new", "type": "array", "minItems": count}

    assert service.send("POST", f"{X}/properties", body).status == 400

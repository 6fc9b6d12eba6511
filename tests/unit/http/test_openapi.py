"""The description of the API, for programs and for people."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.http.service import ADMIN, NOBODY, Service
from tintype.entrypoints.http.middleware.methods import KNOWN, unknown_path

SCHEMA = re.compile(r'"#/components/schemas/(\w+)"')


def methods_of(resource: object) -> set[str]:
    """Return the methods that a resource answers."""
    answering = {verb: getattr(resource, f"on_{verb.lower()}", unknown_path) for verb in KNOWN}
    return {verb for verb, answer in answering.items() if answer is not unknown_path}


@pytest.fixture
def document(service: Service) -> Any:
    """The document, as a stranger gets it."""
    answer = service.seen_by(NOBODY).get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json


def test_every_route_says_what_it_answers(service: Service) -> None:
    undescribed = {
        (path, method)
        for path, resource in service.container.resources().routes()
        for method in methods_of(resource) ^ set(getattr(resource, "described", {}))
    }
    assert undescribed == set()


def test_every_route_is_in_the_document(service: Service, document: Any) -> None:
    routes = {path for path, _ in service.container.resources().routes()}
    assert routes | {"/", "/versions", "/v2"} == set(document["paths"])


def test_the_document_is_of_a_version_that_tools_read(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")


def test_every_schema_that_is_named_is_there(document: Any) -> None:
    named = set(SCHEMA.findall(json.dumps(document)))
    assert named <= set(document["components"]["schemas"])


def test_every_schema_is_named(document: Any) -> None:
    named = set(SCHEMA.findall(json.dumps(document)))
    assert set(document["components"]["schemas"]) <= named


def test_schemas_are_valid_themselves(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [it["operationId"] for path in document["paths"].values() for it in path.values()]
    assert len(names) == len(set(names))


def test_parts_of_paths_are_parameters(document: Any) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            told = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            assert told == re.findall(r"\{(\w+)\}", path)


@pytest.mark.parametrize("name", ["Image", "NewImage"])
def test_custom_properties_are_text(document: Any, name: str) -> None:
    assert document["components"]["schemas"][name]["additionalProperties"] == {"type": "string"}


def test_an_image_is_described_as_it_is_shown(service: Service, document: Any) -> None:
    schema = {**document, "$ref": "#/components/schemas/Image"}
    shown = service.show(service.an_image(b"data", tags=["a"], custom="b"))
    Draft202012Validator(schema).validate(shown)
    assert set(document["components"]["schemas"]["Image"]["required"]) <= set(shown)


ANSWERED_WITH = (
    "Image",
    "Images",
    "Member",
    "Members",
    "Stores",
    "StoresDetail",
    "ServiceLocation",
    "Task",
    "Tasks",
    "TasksOfImage",
    *("Namespace", "Namespaces", "Association", "Associations", "ResourceTypes"),
    *("MetadefObject", "MetadefObjects", "MetadefProperty", "MetadefProperties"),
    *("MetadefTag", "MetadefTags"),
    "Usage",
    "ImportMethods",
    "Versions",
)


@pytest.mark.parametrize("name", [*ANSWERED_WITH, "JsonSchema", "Error", "OpenApi"])
def test_not_every_object_fits_the_schema_of_an_answer(document: Any, name: str) -> None:
    schema = {**document, "$ref": f"#/components/schemas/{name}"}
    assert not Draft202012Validator(schema).is_valid({})


def test_the_schema_of_an_image_says_what_may_be_null(document: Any) -> None:
    properties = document["components"]["schemas"]["Image"]["properties"]
    assert set(properties["name"]["type"]) == {"string", "null"}
    assert properties["min_disk"]["type"] == "integer"
    assert None in properties["disk_format"]["enum"]


def test_versions_and_health_need_no_identity_and_images_do(document: Any) -> None:
    public = {
        path
        for path, operations in document["paths"].items()
        if all(operation.get("security") == [] for operation in operations.values())
    }
    assert public == {"/", "/versions", "/v2", "/healthcheck", "/openapi.json", "/docs"}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_only_looking_is_allowed(service: Service, path: str) -> None:
    answer = service.seen_by(ADMIN).ask("POST", path)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


def test_the_page_needs_nothing_from_elsewhere(service: Service) -> None:
    answer = service.seen_by(NOBODY).get("/docs")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    links = re.findall(r'(?:src|href)\s*=\s*"([^"]*)"|url\(|@import', answer.body.decode())
    assert links == ["openapi.json"] and b"://" not in answer.body

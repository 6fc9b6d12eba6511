"""The documents under /v2/schemas/metadefs (metadefs §2)."""

from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.unit.http.metadefs.catalogue import A_PROPERTY, EVERYTHING, X
from tests.unit.http.service import Service

NAMES = {
    "namespace": "namespace",
    "namespaces": "namespaces",
    "resource_type": "resource_type_association",
    "resource_types": "resource_type_associations",
    "property": "property",
    "properties": "properties",
    "object": "object",
    "objects": "objects",
    "tag": "tag",
    "tags": "tags",
}
MANDATORY = {
    "namespace": {"namespace"},
    "resource_type": {"name"},
    "property": {"type", "title", "name"},
    "object": {"name"},
    "tag": {"name"},
}
FIELDS = {
    "namespace": {*EVERYTHING, "self", "schema", "created_at", "updated_at"},
    "resource_type": {"name", "prefix", "properties_target", "created_at", "updated_at"},
    "object": {
        *("name", "description", "required", "properties"),
        *("self", "schema", "created_at", "updated_at"),
    },
    "tag": {"name", "created_at", "updated_at"},
}


def document(service: Service, name: str) -> Any:
    answer = service.get(f"/v2/schemas/metadefs/{name}")
    assert answer.status == 200
    return answer.json


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_a_json_schema_of_its_name(service: Service, name: str) -> None:
    found = document(service, name)

    Draft4Validator.check_schema(found)
    assert found["name"] == NAMES[name]


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_only_read(service: Service, name: str, verb: str) -> None:
    assert service.ask(verb, f"/v2/schemas/metadefs/{name}").status == 405


@pytest.mark.parametrize("name", MANDATORY)
def test_a_document_says_what_is_mandatory(service: Service, name: str) -> None:
    assert set(document(service, name)["required"]) == MANDATORY[name]


@pytest.mark.parametrize("name", FIELDS)
def test_a_document_names_every_field(service: Service, name: str) -> None:
    assert set(document(service, name)["properties"]) == FIELDS[name]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("namespace", X),
        ("namespaces", "/v2/metadefs/namespaces"),
        ("object", f"{X}/objects/o"),
        ("objects", f"{X}/objects"),
        ("property", f"{X}/properties/p"),
        ("properties", f"{X}/properties"),
        ("tag", f"{X}/tags/t1"),
        ("tags", f"{X}/tags"),
        ("resource_types", f"{X}/resource_types"),
    ],
)
def test_what_is_shown_fits_its_document(service: Service, name: str, path: str) -> None:
    Draft4Validator(document(service, name)).validate(service.get(path).json)


def test_what_does_not_fit_is_refused_by_document_and_service_alike(service: Service) -> None:
    body = {"name": "p2", **A_PROPERTY, "colour": "red"}

    assert not Draft4Validator(document(service, "property")).is_valid(body)
    assert service.send("POST", f"{X}/properties", body).status == 400

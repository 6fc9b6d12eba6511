"""Who sees and may do what (metadefs §2.1)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.metadefs.catalogue import A_PROPERTY, EVERYTHING, ROOT, X, made
from tests.unit.http.service import (
    ADMIN,
    NOBODY,
    OTHER,
    OWNER,
    READER,
    Answer,
    Service,
    identity,
)

ROLELESS = identity(roles="")
WITHOUT_PROJECT = identity(None)
ANYTHING = {"namespace": "new"}
HIDDEN = f"{ROOT}/hidden"

READS: dict[str, tuple[str, str]] = {
    "get_metadef_namespace": ("GET", ""),
    "get_metadef_objects": ("GET", "/objects"),
    "get_metadef_object": ("GET", "/objects/o"),
    "get_metadef_properties": ("GET", "/properties"),
    "get_metadef_property": ("GET", "/properties/p"),
    "get_metadef_tags": ("GET", "/tags"),
    "get_metadef_tag": ("GET", "/tags/t1"),
    "list_metadef_resource_types": ("GET", "/resource_types"),
}
OBJECT = {"name": "o"}
PROPERTY = A_PROPERTY | {"name": "p"}
WRITES: dict[str, tuple[str, str, Any]] = {
    "modify_metadef_namespace": ("PUT", "", {"namespace": "OS::X"}),
    "delete_metadef_namespace": ("DELETE", "", None),
    "add_metadef_object": ("POST", "/objects", {"name": "new"}),
    "modify_metadef_object": ("PUT", "/objects/o", OBJECT),
    "delete_metadef_object": ("DELETE", "/objects/o", None),
    "add_metadef_property": ("POST", "/properties", PROPERTY | {"name": "new"}),
    "modify_metadef_property": ("PUT", "/properties/p", PROPERTY),
    "remove_metadef_property": ("DELETE", "/properties/p", None),
    "add_metadef_tags": ("POST", "/tags", {"tags": [{"name": "new"}]}),
    "add_metadef_tag": ("POST", "/tags/new", None),
    "modify_metadef_tag": ("PUT", "/tags/t1", {"name": "t1"}),
    "delete_metadef_tag": ("DELETE", "/tags/t1", None),
    "add_metadef_resource_type_association": ("POST", "/resource_types", {"name": "new"}),
    "remove_metadef_resource_type_association": (
        *("DELETE", "/resource_types/OS::Nova::Flavor"),
        None,
    ),
}
CLEARS = {
    "/objects": ("delete_metadef_namespace",),
    "/properties": ("delete_metadef_namespace",),
    "/tags": ("delete_metadef_namespace", "delete_metadef_tags"),
}


def send(service: Service, method: str, path: str, body: Any = None) -> Answer:
    if body is None:
        return service.ask(method, path)
    return service.send(method, path, body)


@pytest.fixture
def with_policy(tmp_path: Path) -> Callable[..., Service]:
    """Return what configures the service with a policy file."""

    def configured(**rules: str) -> Service:
        lines = "\n".join(f'"{name}": "{check}"' for name, check in rules.items())
        (tmp_path / "policy.yaml").write_text(lines, encoding="utf-8")
        service = Service.configured(tmp_path).seen_by(ADMIN)
        os.utime(tmp_path)
        made(service, **EVERYTHING)
        return service

    return configured


@pytest.mark.parametrize("who", [OWNER, READER, OTHER, WITHOUT_PROJECT])
@pytest.mark.parametrize(("method", "path"), READS.values(), ids=READS)
def test_whoever_reads_sees_what_is_public(
    service: Service, method: str, path: str, who: dict[str, str]
) -> None:
    assert service.seen_by(who).ask(method, X + path).status == 200


@pytest.mark.parametrize("who", [OTHER, ROLELESS])
@pytest.mark.parametrize(("method", "path"), READS.values(), ids=READS)
def test_what_is_hidden_is_not_found_by_reading(
    service: Service, method: str, path: str, who: dict[str, str]
) -> None:
    made(service, **EVERYTHING | {"namespace": "hidden", "visibility": "private"})

    assert service.seen_by(who).ask(method, HIDDEN + path).status == 404


@pytest.mark.parametrize("write", WRITES)
def test_whoever_is_no_administrator_may_not_change_what_it_sees(
    service: Service, write: str
) -> None:
    method, path, body = WRITES[write]

    refused = send(service.seen_by(OWNER), method, X + path, body)

    assert refused.status == 403
    assert refused.message == f"You are not authorized to complete {write} action."


@pytest.mark.parametrize("write", WRITES)
def test_what_is_hidden_is_not_found_by_changing(service: Service, write: str) -> None:
    method, path, body = WRITES[write]
    made(service, **EVERYTHING | {"namespace": "hidden", "visibility": "private"})

    assert send(service.seen_by(OWNER), method, HIDDEN + path, body).status == 404


@pytest.mark.parametrize("path", CLEARS)
def test_whoever_is_no_administrator_may_not_clear(service: Service, path: str) -> None:
    assert service.seen_by(OWNER).ask("DELETE", X + path).status == 403


def test_a_project_sees_its_own_private_namespaces(service: Service) -> None:
    made(service, namespace="own", owner="owner")

    assert service.seen_by(OWNER).get(f"{ROOT}/own").status == 200
    assert service.seen_by(OTHER).get(f"{ROOT}/own").status == 404


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        (ADMIN, {"OS::X", "own", "hidden"}),
        (OWNER, {"OS::X", "own"}),
        (OTHER, {"OS::X"}),
        (WITHOUT_PROJECT, {"OS::X"}),
    ],
)
def test_a_list_shows_what_may_be_seen(
    service: Service, who: dict[str, str], listed: set[str]
) -> None:
    made(service, namespace="own", owner="owner")
    made(service, namespace="hidden")

    found = service.seen_by(who).get(ROOT).json["namespaces"]

    assert {item["namespace"] for item in found} == listed


@pytest.mark.parametrize(
    "path",
    [ROOT, "/v2/metadefs/resource_types", X, f"{X}/tags", f"{X}/resource_types"],
)
def test_without_any_role_nothing_is_found_not_even_lists(service: Service, path: str) -> None:
    assert service.seen_by(ROLELESS).get(path).status == 404


def test_without_any_role_there_is_nowhere_to_create(service: Service) -> None:
    assert service.seen_by(ROLELESS).send("POST", ROOT, ANYTHING).status == 404


def test_whoever_is_no_administrator_may_not_create(service: Service) -> None:
    refused = service.seen_by(OWNER).send("POST", ROOT, ANYTHING)

    assert refused.status == 403
    assert refused.message == "You are not authorized to complete add_metadef_namespace action."


def test_strangers_are_asked_who_they_are(service: Service) -> None:
    assert service.seen_by(NOBODY).get(ROOT).status == 401


def test_an_administrator_without_a_project_makes_namespaces_of_the_general_owner(
    service: Service,
) -> None:
    bodiless = service.seen_by(identity(None, "admin"))

    assert bodiless.send("POST", ROOT, ANYTHING).json["owner"] == "admin"


def test_an_administrator_may_name_any_owner(service: Service) -> None:
    assert made(service, namespace="new", owner="somebody").json["owner"] == "somebody"


def test_others_who_are_let_name_only_themselves(with_policy: Callable[..., Service]) -> None:
    service = with_policy(add_metadef_namespace="", modify_metadef_namespace="").seen_by(OWNER)

    assert service.send("POST", ROOT, ANYTHING | {"owner": "somebody"}).status == 403
    assert service.send("POST", ROOT, ANYTHING | {"owner": "owner"}).status == 201
    new = f"{ROOT}/new"
    assert service.send("PUT", new, ANYTHING | {"owner": "somebody"}).status == 403
    assert service.send("PUT", new, ANYTHING).json["owner"] == "owner"


# ---------------------------------------------------------------------- by rule


@pytest.mark.parametrize("rule", READS)
def test_each_call_that_reads_asks_its_rule(with_policy: Callable[..., Service], rule: str) -> None:
    service = with_policy(**{rule: "!"}).seen_by(OWNER)
    method, path = READS[rule]

    expected = 404 if rule == "get_metadef_namespace" else 403
    assert service.ask(method, X + path).status == expected


@pytest.mark.parametrize("rule", WRITES)
def test_each_call_that_writes_asks_its_rule(
    with_policy: Callable[..., Service], rule: str
) -> None:
    service = with_policy(**{rule: "role:member"}).seen_by(OWNER)
    method, path, body = WRITES[rule]

    assert send(service, method, X + path, body).status in (200, 201, 204)


@pytest.mark.parametrize("path", CLEARS)
def test_each_call_that_clears_asks_its_rules(
    with_policy: Callable[..., Service], path: str
) -> None:
    rules = CLEARS[path]
    service = with_policy(**dict.fromkeys(rules, "role:member"))

    assert service.seen_by(OWNER).ask("DELETE", X + path).status == 204


def test_clearing_tags_needs_both_rules(with_policy: Callable[..., Service]) -> None:
    service = with_policy(delete_metadef_namespace="role:member")

    assert service.seen_by(OWNER).ask("DELETE", f"{X}/tags").status == 403


@pytest.mark.parametrize(
    "rule",
    [
        "list_metadef_resource_types",
        "get_metadef_objects",
        "get_metadef_properties",
        "get_metadef_tags",
    ],
)
def test_the_whole_of_a_namespace_takes_the_rules_of_all_that_it_holds(
    with_policy: Callable[..., Service], rule: str
) -> None:
    assert with_policy(**{rule: "!"}).seen_by(OWNER).get(X).status == 403


@pytest.mark.parametrize("rule", ["get_metadef_namespaces", "list_metadef_resource_types"])
def test_a_list_takes_both_its_rules(with_policy: Callable[..., Service], rule: str) -> None:
    assert with_policy(**{rule: "!"}).seen_by(OWNER).get(ROOT).status == 403


def test_rows_that_fail_their_own_rule_are_left_out(with_policy: Callable[..., Service]) -> None:
    service = with_policy(
        get_metadef_namespace="role:admin",
        get_metadef_object="role:admin",
        get_metadef_resource_type="role:admin",
    ).seen_by(OWNER)

    assert service.get(ROOT).json["namespaces"] == []
    assert service.get(f"{X}/objects").json["objects"] == []
    assert service.get(f"{X}/resource_types").json["resource_type_associations"] == []


@pytest.mark.parametrize(
    ("child", "rule"),
    [
        ("objects", "add_metadef_object"),
        ("properties", "add_metadef_property"),
        ("tags", "add_metadef_tag"),
        ("resource_type_associations", "add_metadef_resource_type_association"),
    ],
)
def test_creating_with_children_takes_the_rule_of_each_kind(
    with_policy: Callable[..., Service], child: str, rule: str
) -> None:
    service = with_policy(add_metadef_namespace="").seen_by(OWNER)

    assert service.send("POST", ROOT, ANYTHING | {child: EVERYTHING[child]}).status == 403
    assert service.send("POST", ROOT, ANYTHING).status == 201


def test_asking_by_a_resource_type_takes_its_rule_before_it_is_looked_up(
    with_policy: Callable[..., Service],
) -> None:
    service = with_policy(get_metadef_resource_type="role:admin").seen_by(OWNER)

    assert service.get(f"{X}/properties/p").status == 200
    assert service.get(f"{X}/properties/p?resource_type=unknown").status == 403

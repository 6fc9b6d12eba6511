"""Namespaces (metadefs §1, §2)."""

import re
from typing import Any

import pytest

from tests.unit.http.metadefs.catalogue import (
    A_PROPERTY,
    AN_OBJECT,
    EVERYTHING,
    ROOT,
    SCALARS,
    X,
    made,
    without_times,
)
from tests.unit.http.service import Rows, Service, each

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SHOWN = EVERYTHING | {
    "self": "/v2/metadefs/namespaces/OS::X",
    "schema": "/v2/schemas/metadefs/namespace",
    "properties": {"p": {**A_PROPERTY, "name": "p", "default": "2"}},
    "objects": [
        {
            **AN_OBJECT,
            "self": "/v2/metadefs/namespaces/OS::X/objects/o",
            "schema": "/v2/schemas/metadefs/object",
        }
    ],
}


def test_a_namespace_is_shown_with_all_that_it_holds(service: Service) -> None:
    answer = service.get(X)

    assert answer.status == 200
    assert without_times(answer.json) == SHOWN
    assert TIME.fullmatch(answer.json["created_at"])
    assert TIME.fullmatch(answer.json["resource_type_associations"][0]["updated_at"])


def test_creating_answers_with_all_that_was_made_and_where_it_is(service: Service) -> None:
    assert service.ask("DELETE", X).status == 204
    answer = made(service, **EVERYTHING)

    assert without_times(answer.json) == SHOWN
    assert answer.headers["Location"] == "http://falconframework.org/v2/metadefs/namespaces/OS::X"


def test_a_namespace_of_which_only_the_name_is_given_has_the_defaults(service: Service) -> None:
    shown = made(service, namespace="bare").json

    assert without_times(shown) == {
        "namespace": "bare",
        "visibility": "private",
        "protected": False,
        "owner": "operators",
        "self": "/v2/metadefs/namespaces/bare",
        "schema": "/v2/schemas/metadefs/namespace",
    }
    assert service.get(f"{ROOT}/bare").json == shown


def test_a_namespace_without_children_is_exactly_its_ten_fields(service: Service) -> None:
    values = {name: EVERYTHING[name] for name in SCALARS & EVERYTHING.keys()}
    made(service, **values | {"namespace": "ten"})

    assert set(service.get(f"{ROOT}/ten").json) == SCALARS


def test_what_is_shown_can_be_written_again_less_what_the_service_sets(service: Service) -> None:
    shown = service.get(X).json
    again = {
        name: value
        for name, value in shown.items()
        if name not in ("self", "schema", "created_at", "updated_at")
    }
    assert service.ask("DELETE", X).status == 204
    made(service, **again)

    assert without_times(service.get(X).json) == without_times(shown)


def test_a_namespace_with_a_bad_child_is_not_made_at_all(service: Service) -> None:
    body = {"namespace": "new", "tags": [{"name": "t"}, {"name": "t"}]}

    assert service.send("POST", ROOT, body).status == 409
    assert service.get(f"{ROOT}/new").status == 404


def test_replacing_clears_what_is_left_out_and_keeps_what_it_holds(service: Service) -> None:
    answer = service.send("PUT", X, {"namespace": "OS::Y", "tags": [{"name": "ignored"}]})

    assert answer.status == 200
    assert without_times(answer.json) == {
        "namespace": "OS::Y",
        "visibility": "private",
        "protected": False,
        "owner": "operators",
        "self": "/v2/metadefs/namespaces/OS::Y",
        "schema": "/v2/schemas/metadefs/namespace",
    }
    assert service.get(X).status == 404
    shown = service.get(f"{ROOT}/OS::Y").json
    assert shown["tags"] == [{"name": "t1"}, {"name": "t2"}]
    assert shown["objects"][0]["self"] == "/v2/metadefs/namespaces/OS::Y/objects/o"


def test_renaming_is_warned_of_in_the_log(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.send("PUT", X, {"namespace": "OS::Y"})
    service.send("PUT", f"{ROOT}/OS::Y/tags/t1", {"name": "t3"})

    assert "Namespace 'OS::X' is called 'OS::Y' now" in caplog.text
    assert "tag 't1' of namespace 'OS::Y' is called 't3' now" in caplog.text


def test_a_namespace_is_deleted_with_all_that_it_holds(service: Service) -> None:
    assert service.ask("DELETE", X).status == 204

    made(service)
    assert {"tags", "objects", "properties"}.isdisjoint(service.get(X).json)


def test_properties_are_named_as_a_resource_type_writes_them(service: Service) -> None:
    shown = service.get(f"{X}?resource_type=OS::Nova::Flavor").json

    assert shown["properties"]["hw:p"]["name"] == "hw:p"
    assert shown["objects"][0]["required"] == ["hw:a"]
    assert list(shown["objects"][0]["properties"]) == ["hw:a"]


def test_a_type_that_is_not_associated_gives_no_prefix(service: Service) -> None:
    assert service.get(f"{X}?resource_type=OS::Other").json == service.get(X).json


def but(**changes: Any) -> dict[str, Any]:
    """Return a body that would be taken, with something else in it."""
    return {"namespace": "new"} | changes


BODIES: Rows = {
    "a taken name": (lambda s: s.send("POST", ROOT, but(namespace="OS::X")), 409),
    "the same name in another case": (
        lambda s: s.send("POST", ROOT, but(namespace="os::x")),
        201,
    ),
    "no body": (lambda s: s.ask("POST", ROOT), 400),
    "malformed JSON": (lambda s: s.ask("POST", ROOT, b"{"), 400),
    "a list": (lambda s: s.send("POST", ROOT, []), 400),
    "no name": (lambda s: s.send("POST", ROOT, {}), 400),
    "an empty name": (lambda s: s.send("POST", ROOT, but(namespace="")), 400),
    "a long name": (lambda s: s.send("POST", ROOT, but(namespace="n" * 81)), 400),
    "the longest name": (lambda s: s.send("POST", ROOT, but(namespace="n" * 80)), 201),
    "a name that is no text": (lambda s: s.send("POST", ROOT, but(namespace=1)), 400),
    "a name with NUL": (lambda s: s.send("POST", ROOT, but(namespace="a\0")), 400),
    "a long display_name": (lambda s: s.send("POST", ROOT, but(display_name="n" * 81)), 400),
    "a long description": (lambda s: s.send("POST", ROOT, but(description="n" * 501)), 400),
    "a long owner": (lambda s: s.send("POST", ROOT, but(owner="n" * 256)), 400),
    "a null": (lambda s: s.send("POST", ROOT, but(description=None)), 400),
    "a visibility of images": (lambda s: s.send("POST", ROOT, but(visibility="shared")), 400),
    "protected as text": (lambda s: s.send("POST", ROOT, but(protected="true")), 400),
    "an extra key": (lambda s: s.send("POST", ROOT, but(colour="red")), 400),
    "self": (lambda s: s.send("POST", ROOT, but(self="x")), 403),
    "schema": (lambda s: s.send("POST", ROOT, but(schema="x")), 403),
    "created_at": (lambda s: s.send("POST", ROOT, but(created_at="x")), 403),
    "updated_at": (lambda s: s.send("POST", ROOT, but(updated_at="x")), 403),
    "two objects of a name": (
        lambda s: s.send("POST", ROOT, but(objects=[AN_OBJECT, AN_OBJECT])),
        409,
    ),
    "two associations of a name": (
        lambda s: s.send("POST", ROOT, but(resource_type_associations=[{"name": "A"}] * 2)),
        409,
    ),
    "an association with an extra key": (
        lambda s: s.send("POST", ROOT, but(resource_type_associations=[{"name": "A", "x": 1}])),
        400,
    ),
    "a property without title": (
        lambda s: s.send("POST", ROOT, but(properties={"p": {"type": "string"}})),
        400,
    ),
    "a tag that is no object": (lambda s: s.send("POST", ROOT, but(tags=["t"])), 400),
}


@each(BODIES)
def test_creating(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)

    assert answer.status == status, answer.body
    if status >= 400:
        assert service.get(f"{ROOT}/new").status == 404


REPLACING: Rows = {
    "nothing there": (lambda s: s.send("PUT", f"{ROOT}/none", but()), 404),
    "a taken name": (lambda s: (made(s, namespace="new"), s.send("PUT", X, but()))[1], 409),
    "its own name": (lambda s: s.send("PUT", X, but(namespace="OS::X")), 200),
    "no name": (lambda s: s.send("PUT", X, {}), 400),
    "no body": (lambda s: s.ask("PUT", X), 400),
    "an extra key": (lambda s: s.send("PUT", X, but(colour="red")), 400),
    "a read-only key": (lambda s: s.send("PUT", X, but(self="x")), 403),
    "another owner": (lambda s: s.send("PUT", X, but(owner="somebody")), 200),
}


@each(REPLACING)
def test_replacing(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


OTHER_CALLS: Rows = {
    "show nothing": (lambda s: s.get(f"{ROOT}/none"), 404),
    "delete nothing": (lambda s: s.ask("DELETE", f"{ROOT}/none"), 404),
    "delete a protected one": (
        lambda s: (made(s, namespace="safe", protected=True), s.ask("DELETE", f"{ROOT}/safe"))[1],
        403,
    ),
    "patch": (lambda s: s.ask("PATCH", X), 405),
    "put the list": (lambda s: s.send("PUT", ROOT, {}), 405),
    "delete the list": (lambda s: s.ask("DELETE", ROOT), 405),
    "post to one": (lambda s: s.send("POST", X, {}), 405),
}


@each(OTHER_CALLS)
def test_other_calls(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_refusals_say_what_was_wrong(service: Service) -> None:
    made(service, namespace="safe", protected=True)

    told = service.ask("DELETE", f"{ROOT}/safe").message
    assert told.endswith("namespace safe is protected and cannot be deleted.")
    assert service.ask("POST", ROOT).message == "Body expected in request."
    read_only = service.send("POST", ROOT, but(self="x")).message
    assert read_only == "Attribute 'self' is read-only."

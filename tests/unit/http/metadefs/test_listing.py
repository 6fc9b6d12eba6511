"""Lists of namespaces (metadefs §3)."""

from typing import Any

import pytest

from tests.unit.http.metadefs.catalogue import EVERYTHING, ROOT, made, without_times
from tests.unit.http.service import Rows, Service, each


@pytest.fixture
def four(service: Service) -> Service:
    """The service with four namespaces: OS::X and then a, b and c."""
    made(service, namespace="a", display_name="last", visibility="public")
    made(service, namespace="b", resource_type_associations=[{"name": "B"}])
    made(service, namespace="c", resource_type_associations=[{"name": "C"}])
    return service


def names(service: Service, query: str = "") -> list[str]:
    answer = service.get(f"{ROOT}{query}")
    assert answer.status == 200, answer.body
    return [item["namespace"] for item in answer.json["namespaces"]]


def test_a_row_has_associations_and_nothing_else_that_it_holds(service: Service) -> None:
    answer = service.get(ROOT)

    kept = {k: v for k, v in EVERYTHING.items() if k not in ("properties", "objects", "tags")}
    assert without_times(answer.json) == {
        "namespaces": [
            kept
            | {
                "self": "/v2/metadefs/namespaces/OS::X",
                "schema": "/v2/schemas/metadefs/namespace",
            }
        ],
        "first": "/v2/metadefs/namespaces",
        "schema": "/v2/schemas/metadefs/namespaces",
    }


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", ["c", "b", "a", "OS::X"]),
        ("?sort_dir=asc", ["OS::X", "a", "b", "c"]),
        ("?sort_key=namespace&sort_dir=desc", ["c", "b", "a", "OS::X"]),
        ("?sort_key=visibility&sort_dir=desc", ["a", "OS::X", "c", "b"]),
        ("?visibility=public", ["a", "OS::X"]),
        ("?visibility=private", ["c", "b"]),
        ("?resource_types=B", ["b"]),
        ("?resource_types=B,C", ["c", "b"]),
        ("?resource_types=None", []),
        ("?resource_types=", ["c", "b", "a", "OS::X"]),
        ("?limit=0", []),
        ("?limit=2", ["c", "b"]),
        ("?limit=2&marker=b", ["a", "OS::X"]),
        ("?marker=OS::X", []),
        ("?colour=red", ["c", "b", "a", "OS::X"]),
    ],
)
def test_lists(four: Service, query: str, listed: list[str]) -> None:
    assert names(four, query) == listed


def test_links_lead_through_the_pages_and_keep_the_query(four: Service) -> None:
    first = four.get(f"{ROOT}?limit=3&sort_key=namespace&sort_dir=asc&visibility=private").json
    assert "next" not in first
    page = four.get(f"{ROOT}?limit=3&sort_key=namespace&sort_dir=asc").json
    assert page["first"] == f"{ROOT}?limit=3&sort_key=namespace&sort_dir=asc"
    assert page["next"] == f"{ROOT}?limit=3&sort_key=namespace&sort_dir=asc&marker=b"
    last = four.get(page["next"]).json
    assert [item["namespace"] for item in last["namespaces"]] == ["c"]
    assert "next" not in last


def test_a_page_has_25_rows_unless_asked_otherwise(service: Service) -> None:
    for number in range(30):
        made(service, namespace=f"n{number}")

    page = service.get(ROOT).json
    assert len(page["namespaces"]) == 25
    assert page["next"].startswith(f"{ROOT}?limit=25&marker=n")
    assert len(names(service, "?limit=5000")) == 31


REFUSED: Rows = {
    "a negative limit": (lambda s: s.get(f"{ROOT}?limit=-1"), 400),
    "a limit beyond all numbers": (lambda s: s.get(f"{ROOT}?limit={'9' * 30}"), 200),
    "no limit": (lambda s: s.get(f"{ROOT}?limit="), 400),
    "an unknown direction": (lambda s: s.get(f"{ROOT}?sort_dir=up"), 400),
    "an unknown visibility": (lambda s: s.get(f"{ROOT}?visibility=shared"), 400),
    "an unknown marker": (lambda s: s.get(f"{ROOT}?marker=none"), 404),
    "a broken query": (lambda s: s.get(f"{ROOT}?marker=%ff"), 400),
}


@each(REFUSED)
def test_refusals(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status

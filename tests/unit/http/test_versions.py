"""Which versions there are, and what a path makes of them (images-api §2)."""

from pathlib import Path
from typing import Any

import falcon
import pytest
from falcon import testing

from tests.unit.http.service import NOBODY, ONE_STORE, TWO_STORES, Service, each
from tintype.entrypoints.http.versions import Versions

CACHE = ["v2.18", "v2.16", "v2.14"]
ALWAYS = ["v2.17", "v2.15", "v2.9", *(f"v2.{minor}" for minor in range(7, -1, -1))]
BACKENDS = ["v2.13", "v2.12", "v2.11", "v2.10", "v2.8"]


def by_minor(ids: list[str]) -> list[str]:
    """Return the ids, the newest first."""
    return sorted(ids, key=lambda version: int(version.partition(".")[2]), reverse=True)


def versions(service: Service, path: str = "/versions") -> list[dict[str, Any]]:
    """Return the entries of a version document."""
    entries: list[dict[str, Any]] = service.get(path).json["versions"]
    return entries


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@each(
    {
        "nothing": (lambda s: s.get("/"), 300),
        "nothing, by HEAD": (lambda s: s.ask("HEAD", "/"), 300),
        "nothing, by POST": (lambda s: s.ask("POST", "/", b"{}"), 300),
        "nothing, by an unknown verb": (lambda s: s.ask("BREW", "/"), 300),
        "something else": (lambda s: s.get("/foo"), 300),
        "an older API": (lambda s: s.get("/v1/images"), 300),
        "a newer API": (lambda s: s.get("/v3"), 300),
        "a version of the cache, without one": (lambda s: s.get("/v2.16/images"), 300),
        "a version to come": (lambda s: s.get("/v2.99/images"), 300),
        "a version almost right": (lambda s: s.get("/v2./images"), 300),
        "two slashes": (lambda s: s.get("//v2/images"), 300),
        "versions": (lambda s: s.get("/versions"), 200),
        "below versions": (lambda s: s.get("/versions/7"), 200),
        "versions, by POST": (lambda s: s.ask("POST", "/versions"), 200),
        "the API without a slash": (lambda s: s.get("/v2"), 302),
        "a minor version without a slash": (lambda s: s.get("/v2.9"), 302),
    }
)
def test_what_a_path_that_names_no_version_is_answered(
    service: Service, ask: Any, status: int
) -> None:
    assert ask(service.seen_by(NOBODY)).status == status


@pytest.mark.parametrize("version", ["v2", *ALWAYS, *BACKENDS])
def test_every_version_leads_to_the_same_images(service: Service, version: str) -> None:
    image_id = service.an_image()
    assert service.get(f"/{version}/images/{image_id}").json == service.show(image_id)


@pytest.mark.parametrize("version", BACKENDS)
def test_versions_of_named_stores_need_them(tmp_path: Path, version: str) -> None:
    service = Service.configured(tmp_path, ONE_STORE)
    assert service.get(f"/{version}/images").status == 300


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [(TWO_STORES, by_minor([*ALWAYS, *BACKENDS])), (ONE_STORE, ALWAYS)],
    ids=["named stores", "one store"],
)
def test_the_newest_version_comes_first(
    tmp_path: Path, configuration: str, expected: list[str]
) -> None:
    entries = versions(Service.configured(tmp_path, configuration))
    assert [entry["id"] for entry in entries] == expected


@pytest.mark.parametrize("with_backends", [True, False])
@pytest.mark.parametrize("with_cache", [True, False])
def test_what_is_configured_says_which_versions_there_are(
    with_cache: bool, with_backends: bool
) -> None:
    middleware = Versions(public_endpoint=None, with_cache=with_cache, with_backends=with_backends)
    found = testing.simulate_get(falcon.App(middleware=[middleware]), "/versions").json["versions"]
    ids = [*ALWAYS, *(CACHE if with_cache else []), *(BACKENDS if with_backends else [])]
    current = "v2.18" if with_cache else "v2.17"
    assert [(entry["id"], entry["status"]) for entry in found] == [
        (version, "CURRENT" if version == current else "SUPPORTED") for version in by_minor(ids)
    ]


def test_the_newest_version_is_the_current_one(service: Service) -> None:
    statuses = [entry["status"] for entry in versions(service)]
    assert statuses == ["CURRENT", *["SUPPORTED"] * (len(statuses) - 1)]


def test_all_versions_are_at_one_place(service: Service) -> None:
    links = [entry["links"] for entry in versions(service)]
    assert all(
        each == [{"rel": "self", "href": "http://falconframework.org/v2/"}] for each in links
    )


def test_the_place_is_the_one_that_the_operator_names(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "public_endpoint = https://img.example/i/")
    assert versions(service)[0]["links"][0]["href"] == "https://img.example/i/v2/"


def test_the_two_documents_are_the_same(service: Service) -> None:
    assert service.get("/").json == service.get("/versions").json


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "gibberish"])
def test_the_versions_are_json_whatever_is_asked_for(service: Service, accept: str) -> None:
    answer = service.get("/", {"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (300, "application/json")


def test_the_root_of_the_api_is_redirected_to(service: Service) -> None:
    assert service.get("/v2").headers["Location"] == "http://falconframework.org/v2/"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/vnd.openstack.images-v2", 200),
        ("application/vnd.openstack.images-v2.9", 200),
        ("application/vnd.openstack.images-v2.16", 300),
        ("application/vnd.openstack.images-v3", 300),
        ("application/json", 300),
    ],
)
def test_a_media_type_may_name_the_version(service: Service, accept: str, status: int) -> None:
    assert service.get("/images", {"Accept": accept}).status == status

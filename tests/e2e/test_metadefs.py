"""Metadata definitions through the field's clients, commands and library."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from glanceclient import Client  # type: ignore[import-untyped]
from glanceclient.exc import HTTPForbidden, HTTPNotFound  # type: ignore[import-untyped]
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session
from requests import Session as requests_session

from tests import warm
from tests.e2e.api import ADMIN, member_of
from tests.e2e.conftest import served
from tests.service import Service

PROPERTY = {"type": "integer", "title": "P", "minimum": 1}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a service without authentication on SQLite; commands are too slow for more of them."""
    yield from served(tmp_path_factory.mktemp("metadefs"), "sqlite")


class Command:
    """A client's command, told where the service is."""

    def __init__(self, program: str, *options: str) -> None:
        self._start = [program, *options]

    def __call__(self, *arguments: str) -> str:
        """Run a subcommand that must succeed, and return what it prints."""
        done = warm.run(*self._start, *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout


def test_the_command_glance(service: Service, tmp_path: Path) -> None:
    glance = Command("glance", "--os-image-url", service.url, "--os-auth-token", "unused")
    schema = json.dumps(PROPERTY)
    nested = json.dumps({"properties": {"a": PROPERTY}, "required": ["a"]})

    glance("md-namespace-create", "G", "--visibility", "public", "--display-name", "Before")
    glance("md-namespace-update", "G", "--display-name", "After", "--description", "text")
    created = "md-property-create", "G", "--name", "p", "--title", "P", "--type", "integer"
    glance(*created, "--schema", schema)
    glance("md-property-update", "G", "p", "--title", "Renamed", "--name", "q")
    glance("md-object-create", "G", "--name", "o", "--schema", nested)
    glance("md-object-update", "G", "o", "--name", "renamed")
    glance("md-tag-create", "G", "--name", "t")
    glance("md-tag-update", "G", "t", "--name", "u")
    glance("md-resource-type-associate", "G", "--name", "OS::Nova::Flavor", "--prefix", "hw:")

    assert " G " in glance("md-namespace-list")
    assert "After" in glance("md-namespace-show", "G")
    assert "OS::Nova::Flavor" in glance("md-resource-type-list")
    assert "OS::Nova::Flavor" in glance("md-namespace-resource-type-list", "G")
    assert "Renamed" in glance("md-property-show", "G", "q")
    assert "Renamed" in glance("md-property-list", "G")
    assert "renamed" in glance("md-object-list", "G")
    assert '["a"]' in glance("md-object-show", "G", "renamed")
    assert "minimum" in glance("md-object-property-show", "G", "renamed", "a")
    assert " u " in glance("md-tag-list", "G")
    assert " u " in glance("md-tag-show", "G", "u")
    shown = glance("md-namespace-show", "G", "--resource-type", "OS::Nova::Flavor")
    assert "OS::Nova::Flavor" in shown
    glance("md-tag-create-multiple", "G", "--names", "v,w")

    glance("md-tag-delete", "G", "v")
    glance("md-namespace-tags-delete", "G")
    glance("md-property-delete", "G", "q")
    glance("md-namespace-properties-delete", "G")
    glance("md-object-delete", "G", "renamed")
    glance("md-namespace-objects-delete", "G")
    glance("md-resource-type-deassociate", "G", "OS::Nova::Flavor")
    glance("md-namespace-delete", "G")

    file = tmp_path / "n.json"
    file.write_text(json.dumps({"namespace": "I", "tags": [{"name": "t"}]}), encoding="utf-8")
    assert '["t"]' in glance("md-namespace-import", "--file", str(file))
    glance("md-namespace-delete", "I")


def test_the_command_openstack(service: Service) -> None:
    options = "--os-auth-type", "none", "--os-endpoint", service.url, "image", "metadef"
    metadef = Command("openstack", *options)

    metadef("namespace", "create", "N", "--public", "--protected", "--display-name", "Before")
    metadef("namespace", "set", "N", "--unprotected", "--display-name", "After", "--tag", "t")
    metadef("object", "create", "--namespace", "N", "o")
    metadef("object", "update", "N", "o", "--name", "renamed")
    schema = json.dumps({"minimum": 1})
    created = "create", "N", "--name", "p", "--title", "P", "--type", "integer"
    metadef("property", *created, "--schema", schema)
    metadef("property", "set", "N", "p", "--title", "New")
    tie = "resource", "type", "association"
    metadef(*tie, "create", "N", "OS::Nova::Flavor", "--properties-target", "image")

    assert "N" in metadef("namespace", "list", "-f", "value").split()
    shown = json.loads(metadef("namespace", "show", "N", "-f", "json"))
    assert (shown["display_name"], shown["protected"], shown["tags"]) == (
        *("After", False),
        [{"name": "t"}],
    )
    assert "renamed" in metadef("object", "list", "N")
    assert "renamed" in metadef("object", "show", "N", "renamed")
    assert "New" in metadef("property", "list", "N")
    assert "New" in metadef("property", "show", "N", "p")
    assert "OS::Nova::Flavor" in metadef(*tie, "list", "N")
    assert "OS::Nova::Flavor" in metadef("resource", "type", "list")

    metadef("namespace", "unset", "N", "--all-tags")
    metadef(*tie, "delete", "N", "OS::Nova::Flavor")
    metadef("property", "delete", "N", "p")
    metadef("object", "delete", "N", "renamed")
    metadef("namespace", "delete", "N")


@pytest.fixture
def admin_and_member(on_proxied_service: Service) -> Iterator[tuple[Any, Any]]:
    """Return the library's clients of an administrator and of a plain member, on each database."""
    url = on_proxied_service.url
    with closing(requests_session()) as requests:
        sessions = [
            Session(NoAuth(endpoint=url), requests, additional_headers=headers)
            for headers in (ADMIN, member_of("owner"))
        ]
        admin, member = (
            Client("2", session=session, endpoint_override=url) for session in sessions
        )
        yield admin, member


def test_the_library_on_every_database(admin_and_member: tuple[Any, Any]) -> None:
    admin, member = admin_and_member
    for number in range(3):
        admin.metadefs_namespace.create(namespace=f"public{number}", visibility="public")
    admin.metadefs_namespace.create(namespace="private")
    admin.metadefs_property.create("public0", name="p", **PROPERTY)
    admin.metadefs_resource_type.associate("public0", name="R", prefix="r_")
    list(admin.metadefs_tag.create_multiple("public0", tags=["a", "b"]))

    listed = [found["namespace"] for found in member.metadefs_namespace.list(page_size=1)]
    assert sorted(listed) == ["public0", "public1", "public2"]
    shown = member.metadefs_namespace.get("public0", resource_type="R")
    assert list(shown["properties"]) == ["r_p"]
    assert {tag["name"] for tag in member.metadefs_tag.list("public0")} == {"a", "b"}
    with pytest.raises(HTTPNotFound):
        member.metadefs_namespace.get("private")
    with pytest.raises(HTTPForbidden):
        member.metadefs_tag.delete("public0", "a")
    for name in (*listed, "private"):
        admin.metadefs_namespace.delete(name)
    assert not list(admin.metadefs_namespace.list())

"""The command `openstack` against the running service, as the first page of the manual has it.

Without Keystone it cannot look projects up, so that it lists members and changes none.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.e2e.api import Api, noise
from tests.service import Service


class OpenStack:
    """The command, told where the service is."""

    def __init__(self, url: str) -> None:
        self._start = ["--os-auth-type", "none", "--os-endpoint", url, "image"]

    def attempt(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run a subcommand of `openstack image`."""
        return warm.run("openstack", *self._start, *arguments)

    def __call__(self, *arguments: object) -> str:
        """Run a subcommand that must succeed, and return what it prints."""
        done = self.attempt(*arguments)
        assert done.returncode == 0, f"openstack image {arguments}: {done.stderr}"
        return done.stdout.strip()

    def json(self, *arguments: object) -> Any:
        """Run a subcommand that must succeed, and return what it shows."""
        return json.loads(self(*arguments, "-f", "json"))

    def names(self, *arguments: object) -> list[str]:
        """Run a list and return the names of the images in it."""
        return self("list", *arguments, "-f", "value", "-c", "Name").split()


@pytest.fixture
def image(on_open_service: Service) -> OpenStack:
    """Return the command, with the service behind it."""
    return OpenStack(on_open_service.url)


@pytest.fixture
def api(on_open_service: Service) -> Api:
    """Return a client that prepares quickly what a test is not about."""
    return Api(on_open_service.url)


def test_a_file_comes_back_identical(image: OpenStack, disk: Path, tmp_path: Path) -> None:
    image("create", "--file", disk, "--disk-format", "raw", "disk")
    image("save", "--file", tmp_path / "saved", "disk")
    image("delete", "disk")

    assert (tmp_path / "saved").read_bytes() == disk.read_bytes()


def test_a_new_image_has_the_properties_and_tags_that_it_was_given(
    image: OpenStack, api: Api, disk: Path
) -> None:
    made = image.json(
        *("create", "--file", disk, "--disk-format", "raw", "--min-disk", 3),
        *("--property", "os_distro=debian", "--tag", "stable", "--tag", "lean", "named"),
    )
    api.delete(made["id"])

    assert made["status"] == "active"
    assert made["size"] == disk.stat().st_size
    assert made["min_disk"] == 3
    assert made["properties"]["os_distro"] == "debian"
    assert sorted(made["tags"]) == ["lean", "stable"]


def test_what_is_set_is_shown_and_what_is_unset_is_gone(image: OpenStack, api: Api) -> None:
    image_id = api.create(name="before", kept="1", dropped="2", tags=["old", "lasting"])["id"]

    image("set", "--name", "after", "--property", "added=3", "--tag", "new", image_id)
    image("unset", "--property", "dropped", "--tag", "old", image_id)
    shown = image.json("show", "after")
    api.delete(image_id)

    custom = {name: shown["properties"].get(name) for name in ("kept", "added", "dropped")}
    assert custom == {"kept": "1", "added": "3", "dropped": None}
    assert sorted(shown["tags"]) == ["lasting", "new"]


@pytest.fixture
def four(api: Api) -> Iterator[list[str]]:
    """Make four images for the time of a test, and tell their ids in the order of the list."""
    for name, tags, colour in (
        ("a", ["even"], "red"),
        ("b", [], "red"),
        ("c", ["even"], "blue"),
        ("d", [], "blue"),
    ):
        api.create(name=name, tags=tags, colour=colour)
    ids = [each["id"] for each in api.images()]
    yield ids
    for image_id in ids:
        api.delete(image_id)


def test_a_list_is_filtered_and_sorted(image: OpenStack, four: list[str]) -> None:
    assert image.names("--tag", "even", "--property", "colour=red") == ["a"]
    assert image.names("--sort", "name:desc") == ["d", "c", "b", "a"]


def test_a_list_goes_on_after_a_marker(image: OpenStack, four: list[str]) -> None:
    page = image("list", "--limit", 2, "--marker", four[0], "-f", "value", "-c", "ID")

    assert set(page.split()) == set(four[1:3])  # the command sorts a page by name


def test_a_deactivated_image_is_reactivated(image: OpenStack, api: Api) -> None:
    image_id = api.create(name="switched")["id"]
    api.upload(image_id, b"data").expect(204)

    image("set", "--deactivate", "switched")
    withheld = api.status(image_id)
    image("set", "--activate", "switched")
    handed_out = api.status(image_id)
    api.delete(image_id)

    assert (withheld, handed_out) == ("deactivated", "active")


def test_a_protected_image_is_deleted_only_once_it_is_not(image: OpenStack, api: Api) -> None:
    image_id = api.create(name="dear", protected=True)["id"]

    refused = image.attempt("delete", "dear")
    image("set", "--unprotected", "dear")
    deleted = api.delete(image_id)

    assert refused.returncode != 0
    assert "protected" in refused.stderr
    assert deleted.status == 204


def test_members_are_listed_with_their_answers(image: OpenStack, api: Api) -> None:
    image_id = api.create(name="shared")["id"]
    api.request("POST", f"/v2/images/{image_id}/members", b'{"member": "friend"}').expect(200)
    path = f"/v2/images/{image_id}/members/friend"
    api.request("PUT", path, b'{"status": "accepted"}').expect(200)

    members = image.json("member", "list", "shared")
    api.delete(image_id)

    assert members == [{"Image ID": image_id, "Member ID": "friend", "Status": "accepted"}]


def test_a_file_of_another_format_is_refused_with_the_reason(
    image: OpenStack, tmp_path: Path
) -> None:
    (tmp_path / "disk.qcow2").write_bytes(noise(100_000))

    refused = image.attempt(
        *("create", "--file", tmp_path / "disk.qcow2", "--disk-format", "qcow2", "wrong")
    )

    assert refused.returncode != 0
    assert "415" in refused.stderr
    assert "does not match disk_format 'qcow2'" in refused.stderr

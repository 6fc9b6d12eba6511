"""The clients of the field, with passwords."""

import io
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from glanceclient import Client  # type: ignore[import-untyped]
from glanceclient.exc import HTTPForbidden, HTTPNotFound  # type: ignore[import-untyped]
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session
from openstack.connection import Connection
from openstack.exceptions import NotFoundException

from tests import warm
from tests.e2e.api import sha256
from tests.e2e.keystone.cloud import REGION, Account, People
from tests.service import Service

# The SDK warns of calls that it makes itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


class OpenStack:
    """The command `openstack`, run by somebody with a password."""

    def __init__(self, account: Account, program: str = "openstack") -> None:
        ours = {key: value for key, value in os.environ.items() if not key.startswith("OS_")}
        self._environment = {**ours, **account.environment}
        self._program = program

    def __call__(self, *arguments: object) -> str:
        """Run a subcommand that must succeed, and return what it prints."""
        done = warm.run(self._program, *arguments, env=self._environment)
        assert done.returncode == 0, f"{self._program} {arguments}: {done.stderr}"
        return done.stdout.strip()

    def json(self, *arguments: object) -> Any:
        """Run a subcommand that must succeed, and return what it shows."""
        return json.loads(self(*arguments, "-f", "json"))


def test_the_command_openstack_makes_shares_and_deletes_an_image(
    service: Service, people: People, disk: Path, tmp_path: Path
) -> None:
    member, friend = OpenStack(people.member), OpenStack(people.friend)

    made = member.json("image", "create", "--file", disk, "--disk-format", "raw", "disk")
    member("image", "set", "--shared", "--property", "os_distro=debian", "disk")
    member("image", "add", "project", "disk", people.friend.project_id)
    friend("image", "set", "--accept", made["id"])
    listed = friend.json("image", "list")
    shown = friend.json("image", "show", made["id"])
    friend("image", "save", "--file", tmp_path / "saved", made["id"])
    member("image", "delete", "disk")

    assert made["owner"] == people.member.project_id
    assert [each["ID"] for each in listed] == [made["id"]]
    assert (shown["status"], shown["properties"]["os_distro"]) == ("active", "debian")
    assert (tmp_path / "saved").read_bytes() == disk.read_bytes()


def test_the_sdk_makes_shares_and_deletes_an_image(
    service: Service, people: People, disk: Path
) -> None:
    saved = io.BytesIO()
    with ExitStack() as opened:

        def connect(account: Account) -> Any:
            options: Mapping[str, Any] = account.options
            connection = Connection(**options, region_name=REGION)
            return opened.enter_context(closing(connection)).image

        member, friend, stranger = map(connect, (people.member, people.friend, people.stranger))
        made = member.create_image(
            *("disk",), filename=str(disk), disk_format="raw", container_format="bare"
        )
        member.add_member(made, member=people.friend.project_id)
        friend.update_member(people.friend.project_id, made, status="accepted")
        listed = [each.id for each in friend.images()]
        friend.download_image(made.id, output=saved)
        seen_by_stranger = list(stranger.images())
        with pytest.raises(NotFoundException):
            stranger.get_image(made.id)
        member.delete_image(made)

    assert listed == [made.id]
    assert sha256(saved.getvalue()) == sha256(disk.read_bytes())
    assert seen_by_stranger == []


def test_glanceclient_makes_shares_and_deletes_an_image(service: Service, people: People) -> None:
    def connect(account: Account) -> Any:
        options: Mapping[str, Any] = account.options
        return Client("2", session=Session(Password(**options)), region_name=REGION)

    member, friend, reader = map(connect, (people.member, people.friend, people.reader))
    made = member.images.create(name="small", disk_format="raw", container_format="bare")
    member.images.upload(made.id, io.BytesIO(b"a few bytes"))
    with pytest.raises(HTTPNotFound):
        friend.images.get(made.id)
    member.image_members.create(made.id, people.friend.project_id)
    friend.image_members.update(made.id, people.friend.project_id, "accepted")
    saved = b"".join(friend.images.data(made.id))
    with pytest.raises(HTTPForbidden):
        reader.images.delete(made.id)
    member.images.delete(made.id)

    assert saved == b"a few bytes"
    assert list(member.images.list()) == []


def test_the_command_glance_lists_what_its_user_owns(
    service: Service, people: People, image_id: str
) -> None:
    assert image_id in OpenStack(people.member, "glance")("image-list")
    assert image_id not in OpenStack(people.stranger, "glance")("image-list")

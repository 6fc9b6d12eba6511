"""python-glanceclient against the running service: the library, and the command `glance`."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from glanceclient import Client  # type: ignore[import-untyped]
from glanceclient.exc import (  # type: ignore[import-untyped]
    HTTPException,
    HTTPForbidden,
    HTTPNotFound,
)
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session
from requests import Session as requests_session

from tests import warm
from tests.e2e.api import ADMIN, Api, member_of, noise, sha256
from tests.service import Service


@pytest.fixture
def client_of(on_proxied_service: Service) -> Iterator[Callable[[dict[str, str]], Any]]:
    """Lend what gives the library's client for whoever some headers confirm."""
    url = on_proxied_service.url
    with ExitStack() as opened:

        def connect(headers: dict[str, str]) -> Any:
            requests = opened.enter_context(closing(requests_session()))
            session = Session(NoAuth(endpoint=url), requests, additional_headers=headers)
            return Client("2", session=session, endpoint_override=url)

        yield connect


@pytest.fixture
def client(client_of: Callable[[dict[str, str]], Any]) -> Any:
    """Return the client of a member of the project that owns what a test makes."""
    return client_of(member_of("owner"))


@pytest.fixture
def image(client: Any) -> Iterator[Any]:
    """Make an image with data, for the time of a test."""
    made = client.images.create(name="small", disk_format="raw", container_format="bare")
    client.images.upload(made.id, io.BytesIO(b"a few bytes"))
    yield made
    client.images.delete(made.id)


def test_a_file_comes_back_identical(client: Any, disk: Path) -> None:
    made = client.images.create(name="disk", disk_format="raw", container_format="bare")
    with disk.open("rb") as data:
        client.images.upload(made.id, data)
    saved = b"".join(client.images.data(made.id))
    client.images.delete(made.id)

    assert sha256(saved) == sha256(disk.read_bytes())


def test_data_of_unknown_length_comes_back_identical(client: Any, disk: Path) -> None:
    class Pipe(io.RawIOBase):
        """Gives bytes and does not say how many."""

        def __init__(self) -> None:
            self._data = io.BytesIO(disk.read_bytes())

        def read(self, size: int = -1) -> bytes:
            return self._data.read(size)

    made = client.images.create(name="disk", disk_format="raw", container_format="bare")
    client.images.upload(made.id, Pipe())
    saved = b"".join(client.images.data(made.id))
    client.images.delete(made.id)

    assert sha256(saved) == sha256(disk.read_bytes())


def test_properties_and_tags_are_changed_and_removed(client: Any) -> None:
    made = client.images.create(name="before", kept="1", dropped="2", tags=["old"])

    client.images.update(made.id, remove_props=["dropped"], name="after", added="3", tags=["new"])
    client.image_tags.update(made.id, "second")
    client.image_tags.delete(made.id, "new")
    shown = client.images.get(made.id)
    client.images.delete(made.id)

    custom = {name: shown.get(name) for name in ("name", "kept", "added", "dropped")}
    assert custom == {"name": "after", "kept": "1", "added": "3", "dropped": None}
    assert shown["tags"] == ["second"]


def test_a_list_is_filtered_sorted_and_paged(client: Any) -> None:
    made = [
        client.images.create(name=f"n{number}", tags=["even"] if number % 2 == 0 else [])["id"]
        for number in range(5)
    ]

    pages = [each.name for each in client.images.list(page_size=2, sort="name:desc")]
    filtered = [each.name for each in client.images.list(filters={"tag": ["even"]}, sort="name")]
    for image_id in made:
        client.images.delete(image_id)

    assert pages == ["n4", "n3", "n2", "n1", "n0"]
    assert sorted(filtered) == ["n0", "n2", "n4"]


def test_a_deactivated_image_is_withheld_until_it_is_reactivated(
    client: Any, image: Any, client_of: Callable[[dict[str, str]], Any]
) -> None:
    operator = client_of(ADMIN)

    operator.images.deactivate(image.id)
    with pytest.raises(HTTPForbidden):
        client.images.data(image.id)
    operator.images.reactivate(image.id)

    assert b"".join(client.images.data(image.id)) == b"a few bytes"


def test_an_image_is_shared_with_whoever_accepts_it(
    client: Any, image: Any, client_of: Callable[[dict[str, str]], Any]
) -> None:
    friend = client_of(member_of("friend"))
    with pytest.raises(HTTPNotFound):
        friend.images.get(image.id)

    client.image_members.create(image.id, "friend")
    friend.image_members.update(image.id, "friend", "accepted")
    accepted = [each.id for each in friend.images.list()]
    members = [(each.member_id, each.status) for each in client.image_members.list(image.id)]
    client.image_members.delete(image.id, "friend")

    assert accepted == [image.id]
    assert members == [("friend", "accepted")]
    assert list(friend.images.list()) == []


def test_refused_data_leaves_an_image_that_takes_the_next(client: Any) -> None:
    made = client.images.create(name="retried", disk_format="qcow2", container_format="bare")

    with pytest.raises(HTTPException) as refused:
        client.images.upload(made.id, io.BytesIO(noise(100_000)))
    waiting = client.images.get(made.id)["status"]
    client.images.update(made.id, disk_format="raw")
    client.images.upload(made.id, io.BytesIO(b"another"))
    saved = b"".join(client.images.data(made.id))
    client.images.delete(made.id)

    assert "does not match disk_format 'qcow2'" in str(refused.value)
    assert waiting == "queued"
    assert saved == b"another"


# ---------------------------------------------------------------------- the command


class Glance:
    """The command `glance`, told where the service is."""

    def __init__(self, url: str) -> None:
        # Without a token it looks for Keystone; noauth does not look at it.
        self._start = ["--os-image-url", url, "--os-auth-token", "unused"]

    def __call__(self, *arguments: object) -> str:
        """Run a subcommand that must succeed, and return what it prints."""
        # Elsewhere it takes what it could read for the data of an image.
        done = warm.run("glance", *self._start, *arguments, at_terminal=True)
        assert done.returncode == 0, f"glance {arguments}: {done.stderr}"
        return done.stdout


@pytest.fixture
def glance(on_open_service: Service) -> Glance:
    """Return the command, with the service behind it."""
    return Glance(on_open_service.url)


@pytest.fixture
def api(on_open_service: Service) -> Api:
    """Return a client that prepares and checks what a test is not about."""
    return Api(on_open_service.url)


def test_the_command_gets_back_the_file_that_it_sent(
    glance: Glance, disk: Path, tmp_path: Path
) -> None:
    made = glance(
        *("image-create", "--name", "disk", "--file", disk),
        *("--disk-format", "raw", "--container-format", "bare", "--property", "a=b"),
    )
    image_id = cell(made, "id")
    glance("image-download", "--file", tmp_path / "saved", image_id)
    glance("image-delete", image_id)

    assert (tmp_path / "saved").read_bytes() == disk.read_bytes()
    assert cell(made, "a") == "b"


def test_the_command_shares_an_image(glance: Glance, api: Api) -> None:
    image_id = api.create(name="shared")["id"]

    glance("member-create", image_id, "friend")
    glance("member-update", image_id, "friend", "accepted")
    listed = glance("member-list", "--image-id", image_id)
    glance("member-delete", image_id, "friend")
    left = api.request("GET", f"/v2/images/{image_id}/members").json["members"]
    api.delete(image_id)

    assert re.search(r"\|\s*friend\s*\|\s*accepted\s*\|", listed)
    assert left == []


def cell(table: str, name: str) -> str:
    """Return the value of a property from the table that the command prints."""
    match = re.search(rf"^\|\s*{re.escape(name)}\s*\|\s*(.*?)\s*\|$", table, re.MULTILINE)
    assert match, f"no {name} in {table}"
    return match[1]

"""openstacksdk against the running service, as members of several projects."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session
from openstack.connection import Connection
from openstack.exceptions import HttpException, NotFoundException

from tests.e2e.api import ADMIN, member_of, noise, sha256
from tests.service import Service

# The library warns of calls that it makes itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

Images = Any
"""The image proxy of a connection; the library's own annotations do not go that far."""


@pytest.fixture
def images_of(on_proxied_service: Service) -> Iterator[Callable[[dict[str, str]], Images]]:
    """Lend what gives the image proxy of whoever some headers confirm."""
    url = on_proxied_service.url
    with ExitStack() as opened:

        def connect(headers: dict[str, str]) -> Images:
            session = Session(NoAuth(endpoint=url), additional_headers=headers)
            connection = Connection(session=session, image_endpoint_override=url)
            return opened.enter_context(closing(connection)).image

        yield connect


@pytest.fixture
def images(images_of: Callable[[dict[str, str]], Images]) -> Images:
    """Return the image proxy of a member of the project that owns what a test makes."""
    return images_of(member_of("owner"))


@pytest.fixture
def image(images: Images) -> Iterator[Any]:
    """Make an image with data, for the time of a test."""
    made = images.create_image(
        *("small",), data=b"a few bytes", disk_format="raw", container_format="bare"
    )
    yield made
    images.delete_image(made, ignore_missing=True)


def test_a_file_comes_back_identical(images: Images, disk: Path) -> None:
    made = images.create_image(
        *("disk",), filename=str(disk), disk_format="raw", container_format="bare"
    )
    saved = io.BytesIO()
    images.download_image(made, output=saved)
    images.delete_image(made)

    assert sha256(saved.getvalue()) == sha256(disk.read_bytes())


def test_a_verified_upload_is_recognised_by_its_checksums(images: Images, disk: Path) -> None:
    made = images.create_image(
        *("disk",),
        filename=str(disk),
        validate_checksum=True,
        disk_format="raw",
        container_format="bare",
    )
    shown = images.get_image(made.id)
    images.delete_image(made)

    assert shown.properties["owner_specified.openstack.sha256"] == sha256(disk.read_bytes())
    assert shown.size == disk.stat().st_size


def test_an_image_is_found_by_name_and_by_id(images: Images, image: Any) -> None:
    assert images.find_image("small", ignore_missing=False).id == image.id
    assert images.find_image(image.id, ignore_missing=False).name == "small"
    with pytest.raises(NotFoundException):
        images.find_image("none of that name", ignore_missing=False)


def test_changes_of_attributes_and_properties_are_shown(images: Images, image: Any) -> None:
    images.update_image(image.id, name="renamed", min_ram=64, sold_by="the byte")

    shown = images.get_image(image.id)
    assert (shown.name, shown.min_ram) == ("renamed", 64)
    assert shown.properties["sold_by"] == "the byte"


def test_tags_come_and_go(images: Images, image: Any) -> None:
    images.add_tag(image, "one")
    images.add_tag(image, "two")
    images.remove_tag(image, "one")

    assert images.get_image(image.id).tags == ["two"]


def test_pages_of_a_list_are_followed_to_the_end(images: Images) -> None:
    made = [
        images.create_image(f"n{number}", disk_format="raw", container_format="bare")
        for number in range(5)
    ]

    listed = [each.name for each in images.images(limit=2, sort="name:asc")]
    for each in made:
        images.delete_image(each)

    assert listed == ["n0", "n1", "n2", "n3", "n4"]


def test_a_list_is_filtered(images: Images, image: Any) -> None:
    other = images.create_image("other", disk_format="iso", container_format="bare")

    by_format = [each.id for each in images.images(disk_format="iso")]
    by_status = [each.id for each in images.images(status="active")]
    images.delete_image(other)

    assert by_format == [other.id]
    assert by_status == [image.id]


def test_a_deactivated_image_is_withheld_until_it_is_reactivated(
    images: Images, image: Any, images_of: Callable[[dict[str, str]], Images]
) -> None:
    operator = images_of(ADMIN)

    operator.deactivate_image(image.id)
    # download_image() takes the refusal for the data, and calls its checksum wrong.
    withheld = images.get(f"/images/{image.id}/file")
    operator.reactivate_image(image.id)

    assert withheld.status_code == 403
    assert images.download_image(image).content == b"a few bytes"


def test_an_image_is_shared_with_whoever_accepts_it(
    images: Images, image: Any, images_of: Callable[[dict[str, str]], Images]
) -> None:
    friend = images_of(member_of("friend"))
    with pytest.raises(NotFoundException):
        friend.get_image(image.id)

    images.add_member(image, member_id="friend")
    unanswered = [each.id for each in friend.images()]
    friend.update_member("friend", image, status="accepted")
    accepted = [each.id for each in friend.images()]
    members = [(each.member_id, each.status) for each in images.members(image)]
    images.remove_member("friend", image)

    assert unanswered == []
    assert accepted == [image.id]
    assert members == [("friend", "accepted")]
    assert [each.id for each in friend.images()] == []


def test_data_of_another_format_is_refused_and_the_image_removed_by_the_client(
    images: Images,
) -> None:
    with pytest.raises(HttpException) as refused:
        images.create_image(
            *("wrong",), data=noise(100_000), disk_format="qcow2", container_format="bare"
        )

    assert "does not match disk_format 'qcow2'" in str(refused.value)
    assert list(images.images()) == []

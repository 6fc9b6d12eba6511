"""Uploads that meet something else: a change, a refusal, a full disk, a deletion."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.api import ADMIN, MIB, OCTETS, Answer, Api, HalfUpload, in_pieces, noise, read
from tests.e2e.conftest import leave_nothing
from tests.service import Options, Service, wait_until

CAP = 2 * MIB
ROOM = 4 * MIB


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a service that takes images up to a size."""
    options = {"DEFAULT": {"auth_strategy": "trusted_headers", "image_size_cap": CAP}}
    with Service(tmp_path_factory.mktemp("capped"), options) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """Lend it to one test."""
    yield running
    leave_nothing(running)


@pytest.fixture
def api(service: Service) -> Api:
    """Return a client of the service."""
    return Api(service.url, ADMIN)


@pytest.fixture
def under_way(api: Api) -> Iterator[tuple[str, HalfUpload]]:
    """Give an image with the first half of its data sent."""
    image_id = api.create(name="under way", before="1", tags=["first"])["id"]
    upload = HalfUpload(api, image_id, noise(CAP, "half"), CAP // 2)
    wait_until(lambda: api.status(image_id) == "saving", "the upload has begun")
    yield image_id, upload
    upload.abandon()
    api.delete(image_id)


@pytest.fixture
def queued(api: Api) -> Iterator[str]:
    """Make an image that waits for data, for the time of a test."""
    image_id = api.create(disk_format="vdi")["id"]
    yield image_id
    api.delete(image_id)


# ---------------------------------------------------------------------- meanwhile


def test_a_patch_during_an_upload_is_still_there_after_it(
    api: Api, under_way: tuple[str, HalfUpload]
) -> None:
    image_id, upload = under_way

    changes: list[dict[str, object]] = [
        {"op": "replace", "path": "/name", "value": "renamed"},
        {"op": "add", "path": "/during", "value": "2"},
        {"op": "remove", "path": "/before"},
        {"op": "replace", "path": "/tags", "value": ["second"]},
    ]
    api.patch(image_id, *changes).expect(200)
    upload.finish().expect(204)

    shown = api.show(image_id)
    seen = {name: shown.get(name) for name in ("status", "name", "during", "before", "tags")}
    assert seen == {
        "status": "active",
        "name": "renamed",
        "during": "2",
        "before": None,
        "tags": ["second"],
    }


def test_a_second_upload_meanwhile_is_refused_and_the_first_goes_on(
    api: Api, under_way: tuple[str, HalfUpload]
) -> None:
    image_id, upload = under_way

    second = api.upload(image_id, b"other bytes")
    upload.finish().expect(204)

    assert second.status == 409
    assert api.download(image_id).body == noise(CAP, "half")


def test_data_cannot_be_fetched_before_all_of_it_is_there(
    api: Api, under_way: tuple[str, HalfUpload]
) -> None:
    image_id, _ = under_way

    answer = api.download(image_id)

    assert (answer.status, answer.body) == (204, b"")


def test_a_deletion_during_an_upload_wins_and_no_bytes_remain(
    api: Api, service: Service, under_way: tuple[str, HalfUpload]
) -> None:
    image_id, upload = under_way

    deleted = api.delete(image_id)
    finished = upload.finish()

    assert (deleted.status, finished.status) == (204, 410)
    assert api.status(image_id) == "gone"
    assert service.stored == set()


def test_a_client_that_hangs_up_leaves_an_image_that_takes_data(
    api: Api, service: Service, under_way: tuple[str, HalfUpload]
) -> None:
    image_id, upload = under_way

    upload.abandon()
    wait_until(lambda: api.status(image_id) == "queued", "the image waits for data again")

    assert service.stored == set()
    api.upload(image_id, b"whole").expect(204)


# ---------------------------------------------------------------------- refusals

REFUSALS: dict[str, tuple[int, Callable[[Api, str], Answer]]] = {
    "more bytes than allowed, announced": (
        413,
        lambda api, image_id: api.upload(image_id, noise(CAP + 1)),
    ),
    "more bytes than allowed, not announced": (
        413,
        lambda api, image_id: api.upload(image_id, in_pieces(noise(CAP + 1))),
    ),
    "fewer bytes than announced": (
        400,
        lambda api, image_id: api.upload(image_id, noise(5), {"x-openstack-image-size": "6"}),
    ),
    "more bytes than announced": (
        400,
        lambda api, image_id: api.upload(
            image_id, in_pieces(noise(CAP)), {"x-openstack-image-size": "6"}
        ),
    ),
    "a size that is no number": (
        400,
        lambda api, image_id: api.upload(image_id, b"x", {"x-openstack-image-size": "many"}),
    ),
    "another format": (
        415,
        lambda api, image_id: api.upload(image_id, b"QFI\xfb" + noise(CAP - 4)),
    ),
    "another media type": (
        415,
        lambda api, image_id: api.upload(image_id, b"x", {"Content-Type": "text/plain"}),
    ),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refused_upload_leaves_the_image_queued_and_the_store_empty_and_can_be_repeated(
    api: Api, service: Service, queued: str, reason: str
) -> None:
    status, refused_upload = REFUSALS[reason]
    disk_format = "vdi" if reason == "another format" else "raw"
    api.patch(queued, {"op": "replace", "path": "/disk_format", "value": disk_format}).expect(200)
    before = api.show(queued)

    refused = refused_upload(api, queued)

    after = api.show(queued)
    assert refused.status == status
    assert service.stored == set()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
    api.patch(queued, {"op": "replace", "path": "/disk_format", "value": "raw"}).expect(200)
    api.upload(queued, b"good").expect(204)
    assert api.download(queued).body == b"good"


def test_a_connection_that_is_said_to_be_kept_after_a_refusal_takes_the_next_request(
    api: Api, queued: str
) -> None:
    with api.connection() as connection:
        too_much = noise(CAP + 1)
        connection.request("PUT", f"/v2/images/{queued}/file", too_much, {**ADMIN, **OCTETS})
        refused = read(connection)
        # The library opens another connection if the answer announced the end of this one.
        connection.request("GET", f"/v2/images/{queued}", headers=ADMIN)
        shown = read(connection)

    assert (refused.status, shown.status) == (413, 200)


# ---------------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system with little room, for the time of a test."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tintype-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        problem = f"a small file system can only be mounted by root: {done.stderr}"
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(problem)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def on_small_disk(small_disk: Path, tmp_path: Path) -> Iterator[Service]:
    """Run a service whose store has little room."""
    options: Options = {
        "DEFAULT": {"enabled_backends": "small:file"},
        "glance_store": {"default_backend": "small"},
        "small": {"filesystem_store_datadir": small_disk},
    }
    with Service(tmp_path / "service", options) as service:
        service.store_dir = small_disk
        yield service


@pytest.mark.parametrize("announced", [True, False])
def test_a_full_disk_refuses_an_upload_and_takes_a_smaller_one(
    on_small_disk: Service, announced: bool
) -> None:
    api = Api(on_small_disk.url)
    image_id = api.create()["id"]
    data = noise(2 * ROOM)

    refused = api.upload(image_id, data if announced else in_pieces(data))

    assert refused.status == 413
    assert "not enough disk space" in refused.json["error"]["message"]
    assert (api.status(image_id), on_small_disk.stored) == ("queued", set())
    api.upload(image_id, data[: ROOM // 2]).expect(204)
    assert api.download(image_id).body == data[: ROOM // 2]

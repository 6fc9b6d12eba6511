"""The field's commands import into a file store, S3 and Ceph, all of them real."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.ceph_cluster import Pool, ceph_pool, rbd
from tests.e2e.api import MIB, Api, noise
from tests.e2e.conftest import leave_nothing, served
from tests.e2e.test_glanceclient import Glance
from tests.e2e.test_openstack_client import OpenStack
from tests.s3_server import client, remove_bucket, s3_options
from tests.service import Service, wait_until

DATA = noise(11 * MIB + 77, "in three stores")
ALL = {"ceph", "local", "objects"}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Make a pool, which is to be empty again at the end."""
    with ceph_pool() as pool:
        yield pool
        with pool.open() as context:
            assert rbd.RBD().list(context) == []


@pytest.fixture(scope="module")
def bucket() -> Iterator[Mapping[str, Any]]:
    """Give the options of a bucket, which is to be empty again at the end."""
    options = s3_options()
    yield options
    objects = client(options).list_objects_v2(Bucket=options["s3_store_bucket"])
    assert objects.get("Contents", []) == []
    remove_bucket(options)


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, bucket: Mapping[str, Any]
) -> Iterator[Service]:
    """Run a service with the three of them."""
    folder = tmp_path_factory.mktemp("three-stores")
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {"enabled_backends": "local:file,objects:s3,ceph:rbd"},
        "glance_store": {"default_backend": "local"},
        "local": {"filesystem_store_datadir": folder / "state" / "images"},
        "objects": {**bucket, "store_description": "objects of a gateway"},
        "ceph": pool.options,
    }
    yield from served(folder, "sqlite", options)


@pytest.fixture
def api(service: Service) -> Iterator[Api]:
    """Return a client of the service, which is empty again after each test."""
    yield Api(service.url)
    leave_nothing(service)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Make a file of the data."""
    file = tmp_path / "disk.raw"
    file.write_bytes(DATA)
    return file


def until_ended(api: Api, image_id: str) -> None:
    """Wait until no task is at work on an image any more."""
    wait_until(lambda: "os_glance_import_task" not in api.show(image_id), "the import ended", 60)


def assert_in(api: Api, image_id: str, stores: set[str]) -> None:
    """Fail unless an image is active in these stores, and whole in each of them."""
    until_ended(api, image_id)
    shown = api.show(image_id)
    assert (shown["status"], set(shown["stores"].split(","))) == ("active", stores)
    assert shown.get("os_glance_failed_import", "") == ""
    for store in sorted(stores, key=lambda name: name == "local"):
        assert api.download(image_id).body == DATA
        if len(shown["stores"].split(",")) > 1:
            api.request("DELETE", f"/v2/stores/{store}/{image_id}").expect(204)
            shown = api.show(image_id)


def test_openstack_image_import(service: Service, api: Api, disk: Path) -> None:
    image = OpenStack(service.url)
    image_id = str(api.create()["id"])
    image("stage", "--file", disk, image_id)

    image("import", "--method", "glance-direct", "--all-stores", image_id)

    assert_in(api, image_id, ALL)
    image("delete", image_id)


def test_glance_image_create_via_import(service: Service, api: Api, disk: Path) -> None:
    glance = Glance(service.url)
    formats = "--disk-format", "raw", "--container-format", "bare"
    chosen = "--stores", "objects,ceph"

    glance("image-create-via-import", "--name", "at once", *formats, *chosen, "--file", disk)

    (made,) = api.request("GET", "/v2/images?name=at%20once").expect(200).json["images"]
    assert_in(api, made["id"], {"objects", "ceph"})
    glance("image-delete", made["id"])


def test_glance_image_import_stores_and_copies(service: Service, api: Api, disk: Path) -> None:
    glance = Glance(service.url)
    image_id = str(api.create()["id"])
    glance("image-stage", "--file", disk, image_id)

    glance("image-import", image_id, "--stores", "ceph", "--import-method", "glance-direct")
    until_ended(api, image_id)
    alone = api.show(image_id)["stores"]
    glance("image-import", image_id, "--all-stores", "True", "--import-method", "copy-image")
    until_ended(api, image_id)
    tasks = glance("image-tasks", image_id)
    glance("stores-delete", "--store", "ceph", image_id)

    assert alone == "ceph"
    assert tasks.count("success") == 2
    assert_in(api, image_id, ALL - {"ceph"})
    glance("image-delete", image_id)


def test_glance_stores_info(service: Service, api: Api) -> None:
    # The command prints what it got as one cell of a table, on several lines.
    lines = Glance(service.url)("stores-info").splitlines()
    cell = " ".join(line.split("|")[-2].strip() for line in lines if line.startswith("|"))
    stores = {store["id"]: store for store in json.loads(cell[cell.index("[") :])}

    assert set(stores) == ALL
    assert stores["local"]["default"] == "true"
    assert stores["objects"]["description"] == "objects of a gateway"

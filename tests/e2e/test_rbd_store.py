"""The running service with its images in Ceph, beside a file store."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ceph_cluster import Pool, ceph_pool, rbd
from tests.e2e.api import MIB, OCTETS, Api, noise
from tests.e2e.conftest import leave_nothing, served
from tests.service import wait_until

DATA = noise(9 * MIB + 321, "in Ceph")


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Make a pool, which is to be empty again at the end of a test."""
    with ceph_pool() as pool:
        yield pool
        with pool.open() as context:
            assert rbd.RBD().list(context) == []


@pytest.fixture
def api(tmp_path: Path, pool: Pool) -> Iterator[Api]:
    """Run a service with two worker processes and two stores, and return a client of it."""
    state = tmp_path / "state"
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {
            "enabled_backends": "local:file,ceph:rbd",
            "show_image_direct_url": True,
            "workers": 2,
        },
        "glance_store": {"default_backend": "local"},
        "local": {"filesystem_store_datadir": state / "images"},
        "ceph": {**pool.options, "store_description": "disks to be cloned"},
    }
    for service in served(tmp_path, "sqlite", options):
        yield Api(service.url)
        leave_nothing(service)


def test_an_image_is_kept_in_ceph_in_both_stores_and_in_one_again(api: Api, pool: Pool) -> None:
    image_id = str(api.create()["id"])
    api.upload(image_id, DATA, {"X-Image-Meta-Store": "ceph"}).expect(204)
    shown = api.show(image_id)
    place = f"rbd://{pool.cluster.get_fsid()}/{pool.name}/{image_id}/snap"
    assert (shown["status"], shown["stores"], shown["direct_url"]) == ("active", "ceph", place)
    assert api.download(image_id).body == DATA
    part = api.request(
        "GET", f"/v2/images/{image_id}/file", None, {"Range": "bytes=5000000-6999999"}
    )
    assert part.expect(206).body == DATA[5_000_000:7_000_000]
    api.delete(image_id).expect(204)

    image_id = str(api.create()["id"])
    api.request("PUT", f"/v2/images/{image_id}/stage", DATA, OCTETS).expect(204)
    body = {"method": {"name": "glance-direct"}, "all_stores": True}
    api.request("POST", f"/v2/images/{image_id}/import", json.dumps(body).encode()).expect(202)
    wait_until(lambda: api.status(image_id) == "active", "the import is done", 60)
    wait_until(lambda: "os_glance_import_task" not in api.show(image_id), "its task ended")
    assert sorted(api.show(image_id)["stores"].split(",")) == ["ceph", "local"]
    api.request("DELETE", f"/v2/stores/local/{image_id}").expect(204)
    assert (api.show(image_id)["stores"], api.download(image_id).body) == ("ceph", DATA)

    pool.clone(image_id, "disk", form=1)
    api.delete(image_id).expect(409)
    assert (api.status(image_id), api.download(image_id).body) == ("active", DATA)
    with pool.open() as context:
        rbd.RBD().remove(context, "disk")
    api.delete(image_id).expect(204)

"""Imports with plugins, through the whole service (import-and-tasks §4 and §12)."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.packed import PACKERS, zeros_in_gzip, zipped
from tests.service import wait_until
from tests.unit.adapters.inspection.disks import Workshop
from tests.unit.http.service import ADMIN, OCTETS, Service

CONFIGURATION = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory, more:memory
    image_size_cap = 8388608
    [glance_store]
    default_backend = ram
    [more]
    memory_store_capacity = 2048
    [inject_metadata_properties]
    inject = origin:outside,os_glance_x:no,size:1
    [image_import_opts]
    image_import_plugins = [{plugins}]
"""
UNPACK = "image_decompression"
CONVERT = "image_conversion"
BOTH = f"{UNPACK},{CONVERT}"
STORES = {"ram": "ram", "both": "more,ram"}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


def a_service(folder: Path, plugins: str) -> Service:
    service = Service.configured(folder, CONFIGURATION.replace("{plugins}", plugins))
    service.container.stores().start()
    return service


def imported(service: Service, data: bytes, **facts: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Stage and import, and return the image and its task at the end."""
    stores = facts.pop("stores", ["ram"])
    image_id = service.an_image(**facts)
    path = f"/v2/images/{image_id}"
    staged = service.ask("PUT", f"{path}/stage", data, {"Content-Type": OCTETS})
    assert staged.status == 204
    return again(service, image_id, stores)


def again(
    service: Service, image_id: str, stores: Any = ("ram",)
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Import what is staged, and return the image and its task at the end."""
    path = f"/v2/images/{image_id}"
    body = {"method": {"name": "glance-direct"}, "stores": list(stores)}
    assert service.send("POST", f"{path}/import", body).status == 202
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the import ends")
    task = service.get(f"{path}/tasks").json["tasks"][-1]
    return service.show(image_id), task


def staging(folder: Path) -> list[str]:
    """Return the names of the files in the staging area."""
    return sorted(path.name for path in (folder / "staging").iterdir())


def data_of(service: Service, image: Any) -> bytes:
    return service.get(f"/v2/images/{image['id']}/file").body


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_data_is_stored_unpacked(tmp_path: Path, kind: str) -> None:
    data = b"a disk. " * 5000
    service = a_service(tmp_path, UNPACK)
    packed = PACKERS[kind](data)
    image, task = imported(service, packed)
    assert (task["status"], image["status"]) == ("success", "active"), task["message"]
    assert (image["size"], image["virtual_size"]) == (len(data), len(data))
    assert image["checksum"] == hashlib.md5(data).hexdigest()
    assert image["os_hash_value"] == hashlib.sha512(data).hexdigest()
    assert image["original_os_hash_value"] == hashlib.sha512(packed).hexdigest()
    assert data_of(service, image) == data
    wait_until(lambda: staging(tmp_path) == [], "staging is empty")
    assert list((tmp_path / "tasks").iterdir()) == []


def test_a_packed_qcow2_becomes_a_raw_disk(tmp_path: Path, workshop: Workshop) -> None:
    service = a_service(tmp_path, BOTH)
    image, task = imported(service, gzip.compress(workshop.disk("qcow2")), disk_format="qcow2")
    assert task["status"] == "success", task["message"]
    assert (image["disk_format"], image["size"]) == ("raw", len(Workshop.content()))
    assert data_of(service, image) == Workshop.content()


def test_properties_come_with_the_data(tmp_path: Path) -> None:
    service = a_service(tmp_path, "inject_image_metadata")
    image, _ = imported(service, b"data", colour="red")
    assert (image["origin"], image["colour"], image["size"]) == ("outside", "red", 4)
    assert "os_glance_x" not in image
    exempt, _ = imported(service.seen_by(ADMIN), b"data")
    assert "origin" not in exempt


def test_an_import_that_fails_gives_no_properties(tmp_path: Path) -> None:
    service = a_service(tmp_path, "inject_image_metadata")
    image, task = imported(service, b"data", disk_format="qcow2")
    assert (task["status"], image["status"]) == ("failure", "importing")
    assert "origin" not in image


def test_after_a_decompression_that_failed_the_data_is_still_staged(tmp_path: Path) -> None:
    service = a_service(tmp_path, UNPACK)
    packed = gzip.compress(bytes(5000))[:-9]
    image, task = imported(service, packed)
    assert (task["status"], image["status"]) == ("failure", "importing")
    assert "gzip" in task["message"]
    assert (image["checksum"], "stores" in image) == (None, False)
    assert staging(tmp_path) == [image["id"]]
    # It can be sent again at once, and fails again for the same reason.
    assert again(service, image["id"])[1]["status"] == "failure"
    assert service.ask("DELETE", f"/v2/images/{image['id']}").status == 204
    assert staging(tmp_path) == []


def test_after_a_store_that_failed_the_data_is_still_packed(tmp_path: Path) -> None:
    service = a_service(tmp_path, UNPACK)
    packed = gzip.compress(bytes(5000))
    image, task = imported(service, packed, stores=["ram", "more"])
    assert (task["status"], image["status"]) == ("failure", "importing")
    assert (image["os_glance_failed_import"], service.stored()) == ("more", [])
    assert (tmp_path / "staging" / image["id"]).read_bytes() == packed
    image, task = again(service, image["id"])
    assert (task["status"], image["size"]) == ("success", 5000)


@pytest.mark.parametrize("plugins", [CONVERT, BOTH])
def test_any_failure_with_conversion_starts_over(
    tmp_path: Path, workshop: Workshop, plugins: str
) -> None:
    service = a_service(tmp_path, plugins)
    cases = {
        "a backing file": (workshop.backed_by_another(), "qcow2", "qcow2"),
        "another format": (workshop.disk("vdi"), "qcow2", "vdi"),
        "a store that is full": (workshop.disk("qcow2"), "qcow2", "more"),
    }
    for data, disk_format, cause in cases.values():
        image, task = imported(service, data, disk_format=disk_format, stores=["ram", "more"])
        assert (task["status"], image["status"], image["size"]) == ("failure", "queued", None)
        assert cause in task["message"]
        assert image["os_glance_failed_import"] == "more,ram"
        assert image["disk_format"] == disk_format
        assert (staging(tmp_path), service.stored(), service.stored("more")) == ([], [], [])


@pytest.mark.parametrize("plugins", ["", "no_op", UNPACK, CONVERT, BOTH])
def test_more_than_an_image_may_have_is_refused_after_unpacking_too(
    tmp_path: Path, plugins: str
) -> None:
    service = a_service(tmp_path, plugins)
    image, task = imported(service, zeros_in_gzip(9))
    if UNPACK in plugins:
        assert (task["status"], image["status"], image["size"]) == ("failure", "queued", None)
        assert "limit of 8388608 bytes" in task["message"]
        assert staging(tmp_path) == []
    else:
        assert task["status"] == "success", task["message"]


def test_a_member_named_as_another_image_destroys_nothing(tmp_path: Path) -> None:
    service = a_service(tmp_path, UNPACK)
    victim = service.an_image()
    staged = service.ask("PUT", f"/v2/images/{victim}/stage", b"precious", {"Content-Type": OCTETS})
    assert staged.status == 204
    for name in (victim, f"../staging/{victim}", f"{tmp_path}/staging/{victim}"):
        assert imported(service, zipped((name, b"evil")))[1]["status"] == "success"
    image, task = again(service, victim)
    assert (task["status"], data_of(service, image)) == ("success", b"precious")


def test_what_a_dead_process_left_on_its_workbench_is_cleaned_up(tmp_path: Path) -> None:
    service = a_service(tmp_path, UNPACK)
    image_id = service.an_image()
    folder, benches = tmp_path / "staging", tmp_path / "tasks"
    (benches / f"{image_id}.99999999-2222-4333-8444-555555555555.uc").write_bytes(b"left")
    (folder / "00000000-0000-4000-8000-000000000000.uc").write_bytes(b"left by an older service")
    (folder / "notes.txt").write_bytes(b"an operator's")
    service.container.clean_staging()()
    assert (staging(tmp_path), list(benches.iterdir())) == (["notes.txt"], [])

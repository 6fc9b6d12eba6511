"""What is staged becomes the image, where that saves writing it again."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from tests.integration.imports.test_plugins import again, data_of, imported, staging
from tests.service import wait_until
from tests.unit.http.service import ADMIN, OCTETS, Service

DATA = b"a disk. " * 400_000
TWO_DIRECTORIES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = first:file, second:file
    [glance_store]
    default_backend = first
    [first]
    filesystem_store_datadir = {folder}/first
    [second]
    filesystem_store_datadir = {folder}/second
    [image_import_opts]
    image_import_plugins = [{plugins}]
"""


def a_service(folder: Path, plugins: str = "") -> Service:
    text = TWO_DIRECTORIES.replace("{folder}", str(folder)).replace("{plugins}", plugins)
    service = Service.configured(folder, text)
    service.container.stores().start()
    return service


def staged(service: Service) -> str:
    image_id = service.an_image()
    answer = service.ask("PUT", f"/v2/images/{image_id}/stage", DATA, {"Content-Type": OCTETS})
    assert answer.status == 204
    return image_id


def number(file: Path) -> int:
    """Return what tells a file from all others of its file system."""
    return file.stat().st_ino


def test_one_store_takes_the_staged_file_and_the_other_a_copy(tmp_path: Path) -> None:
    service = a_service(tmp_path)
    image_id = staged(service)
    before = number(tmp_path / "staging" / image_id)

    image, task = again(service, image_id, ["first", "second"])

    assert task["status"] == "success", task["message"]
    assert number(tmp_path / "first" / image_id) == before
    assert number(tmp_path / "second" / image_id) != before
    wait_until(lambda: staging(tmp_path) == [], "staging is empty")
    for store in ("first", "second"):
        assert (tmp_path / store / image_id).read_bytes() == DATA
        assert os.stat(tmp_path / store / image_id).st_nlink == 1
    assert data_of(service, image) == DATA


def test_unpacked_data_is_taken_from_the_workbench(tmp_path: Path) -> None:
    service = a_service(tmp_path, "image_decompression")

    image, task = imported(service, gzip.compress(DATA), stores=["second"])

    assert task["status"] == "success", task["message"]
    assert data_of(service, image) == DATA
    wait_until(lambda: staging(tmp_path) == [], "staging is empty")
    assert os.stat(tmp_path / "second" / image["id"]).st_nlink == 1


def test_a_copy_is_a_file_of_its_own(tmp_path: Path) -> None:
    service = a_service(tmp_path)
    image, _ = again(service, staged(service), ["first"])
    body: dict[str, Any] = {"method": {"name": "copy-image"}, "stores": ["second"]}

    operator = service.seen_by(ADMIN)
    assert operator.send("POST", f"/v2/images/{image['id']}/import", body).status == 202

    wait_until(lambda: service.show(image["id"])["stores"] == "first,second", "it is copied")
    first, second = (tmp_path / store / image["id"] for store in ("first", "second"))
    assert number(first) != number(second)
    assert first.read_bytes() == second.read_bytes() == DATA


def test_staged_data_that_was_damaged_is_not_taken(tmp_path: Path) -> None:
    service = a_service(tmp_path)
    image_id = staged(service)
    with (tmp_path / "staging" / image_id).open("r+b") as file:
        file.write(b"B")

    image, task = again(service, image_id, ["first", "second"])

    assert (task["status"], image["status"]) == ("failure", "importing")
    assert os.listdir(tmp_path / "first") == os.listdir(tmp_path / "second") == []
    assert staging(tmp_path) == []


@pytest.mark.parametrize("stores", [["first"], ["first", "second"]])
def test_an_import_that_was_taken_can_be_deleted(tmp_path: Path, stores: list[str]) -> None:
    service = a_service(tmp_path)
    image, _ = again(service, staged(service), stores)

    assert service.ask("DELETE", f"/v2/images/{image['id']}").status == 204

    for store in ("first", "second"):
        wait_until(lambda store=store: os.listdir(tmp_path / store) == [], f"{store} is empty")  # type: ignore[misc]

"""Real disk images: a bootable ISO of Debian's, and the same in the formats of hypervisors."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api import ADMIN, Api, sha256
from tests.service import Service

ISO = Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
PACKAGES = "apt-get install --no-install-recommends grub-rescue-pc qemu-utils"
FORMATS = ("iso", "qcow2", "vmdk", "vhdx", "vdi")

WRONG = {"iso": "qcow2", "qcow2": "vmdk", "vmdk": "vdi", "vhdx": "iso", "vdi": "vhdx"}
"""For each format another one, which its files are not of."""


def absent(problem: str) -> None:
    """Fail where everything must be there; elsewhere let the tests be left out, with a reason."""
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make the same disk in each format."""
    if not ISO.exists() or shutil.which("qemu-img") is None:
        absent(f"real disk images need packages: {PACKAGES}")
    folder = tmp_path_factory.mktemp("disks")
    made = {"iso": ISO}
    for name in FORMATS[1:]:
        made[name] = folder / f"disk.{name}"
        command = ["qemu-img", "convert", "-f", "raw", "-O", name, ISO, made[name]]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return made


def virtual_size(file: Path) -> int:
    """Return how large qemu says that the disk is for a machine, in bytes."""
    command = ["qemu-img", "info", "--output=json", str(file)]
    facts: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return int(facts["virtual-size"])


@pytest.fixture
def api(on_proxied_service: Service) -> Api:
    """Return a client of the service."""
    return Api(on_proxied_service.url, ADMIN)


@pytest.mark.parametrize("disk_format", FORMATS)
def test_a_disk_comes_back_identical_with_its_virtual_size_shown(
    api: Api, files: dict[str, Path], disk_format: str
) -> None:
    file = files[disk_format]
    image_id = api.create(disk_format=disk_format)["id"]

    api.upload(image_id, file.read_bytes()).expect(204)
    shown = api.show(image_id)
    saved = api.download(image_id).body
    api.delete(image_id)

    assert sha256(saved) == sha256(file.read_bytes())
    assert shown["virtual_size"] == virtual_size(file)


@pytest.mark.parametrize("disk_format", FORMATS)
def test_a_disk_of_another_format_is_refused_and_the_image_takes_it_once_corrected(
    api: Api, on_proxied_service: Service, files: dict[str, Path], disk_format: str
) -> None:
    data = files[disk_format].read_bytes()
    image_id = api.create(disk_format=WRONG[disk_format])["id"]

    refused = api.upload(image_id, data)
    waiting = api.show(image_id)
    left = on_proxied_service.stored
    api.patch(image_id, {"op": "replace", "path": "/disk_format", "value": disk_format}).expect(200)
    retried = api.upload(image_id, data)
    api.delete(image_id)

    assert refused.status == 415
    assert (waiting["status"], waiting["size"], waiting["checksum"]) == ("queued", None, None)
    assert left == set()
    assert retried.status == 204

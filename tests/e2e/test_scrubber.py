"""Delayed deletions from the DELETE to their end, by the command that operators run."""

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.api import Api
from tests.service import PROGRAM, Service, run, wait_until
from tintype.entrypoints.cli.daemon_lock import LOCK

DATA = b"data of an image" * 1000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that deletes later."""
    folder = tmp_path_factory.mktemp("delayed")
    with Service(folder, {"DEFAULT": {"delayed_delete": "true"}}) as service:
        yield service


@pytest.fixture
def api(service: Service) -> Api:
    """What asks it."""
    return Api(service.url)


def scrub(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the scrubber to its end."""
    return run("scrubber", "--config-file", str(service.config_file), *_state(service), *arguments)


def _state(service: Service) -> tuple[str, ...]:
    return ("--state-dir", str(service.state_dir))


def a_pending_image(api: Api) -> str:
    """Return an image with data, a tag and a property, that has been deleted."""
    image_id = str(api.create(tags=["t"], os_distro="debian")["id"])
    api.upload(image_id, DATA).expect(204)
    api.delete(image_id).expect(204)
    return image_id


def test_data_goes_when_the_scrubber_comes(service: Service, api: Api) -> None:
    image_id = a_pending_image(api)
    assert Path(service.store_dir, image_id).read_bytes() == DATA

    assert scrub(service).returncode == 0

    assert not Path(service.store_dir, image_id).exists()
    told = scrub(service, "--restore", image_id)
    assert told.returncode == 1
    assert "cannot restore the image from deleted to active" in told.stderr


def test_a_restored_image_is_whole(service: Service, api: Api) -> None:
    image_id = a_pending_image(api)
    assert api.status(image_id) == "gone"

    told = scrub(service, "--restore", image_id)

    assert told.returncode == 0, told.stderr
    shown = api.show(image_id)
    assert (shown["status"], shown["tags"], shown["os_distro"]) == ("active", ["t"], "debian")
    assert api.request("GET", f"/v2/images/{image_id}/file").body == DATA


def test_a_directory_of_files_configures_it_too(service: Service, api: Api, tmp_path: Path) -> None:
    image_id = a_pending_image(api)
    Path(tmp_path, "one.conf").write_text(service.config_file.read_text(), encoding="utf-8")

    assert run("scrubber", "--config-dir", str(tmp_path), *_state(service)).returncode == 0

    assert not Path(service.store_dir, image_id).exists()


@pytest.mark.parametrize("option", ["--config-file", "--config-dir"])
def test_a_configuration_that_is_not_there_is_named(tmp_path: Path, option: str) -> None:
    told = run("scrubber", option, str(tmp_path / "nothing"))
    assert told.returncode == 1
    assert option in told.stderr and "nothing" in told.stderr


def test_what_is_not_there_cannot_be_restored(service: Service) -> None:
    told = scrub(service, "--restore", "no-such-image")
    assert (told.returncode, "No image found with ID no-such-image" in told.stderr) == (1, True)


def test_a_daemon_restores_nothing() -> None:
    told = run("scrubber", "--restore", "any", "--daemon")
    assert told.returncode == 1
    assert "The restore and daemon options should not be set together" in told.stderr


def test_nothing_is_restored_while_a_daemon_runs(service: Service) -> None:
    daemon = subprocess.Popen(
        [
            str(PROGRAM),
            "scrubber",
            "--daemon",
            "--config-file",
            service.config_file,
            *_state(service),
        ]
    )
    try:
        wait_until(is_held, "the daemon runs")
        told = run("scrubber", "--restore", "any")
    finally:
        daemon.kill()
        daemon.wait()
    assert (told.returncode, "glance-scrubber is already running" in told.stderr) == (1, True)
    # One that has died does not count.
    assert "already running" not in scrub(service, "--restore", "any").stderr


def is_held() -> bool:
    """Say whether a daemon lives."""
    with Path(tempfile.gettempdir(), LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

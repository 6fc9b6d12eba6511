"""Running services, one a module and database, checked for left-overs after each test."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.databases import KINDS, blank_url
from tests.e2e.api import ADMIN, MIB, Api, noise
from tests.service import Options, Service, wait_until

UPLOAD_SIZE = int(os.environ.get("TINTYPE_E2E_MIB", "4")) * MIB


@pytest.fixture(scope="session")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file of random bytes, TINTYPE_E2E_MIB large and a bit."""
    file = tmp_path_factory.mktemp("disk") / "disk.raw"
    file.write_bytes(noise(UPLOAD_SIZE + 4321))
    return file


def served(folder: Path, kind: str, options: Options | None = None) -> Iterator[Service]:
    """Run a service on an empty database of that kind, for the time of a block."""
    with blank_url(kind) as url:
        given = {**(options or {}), "database": {"connection": url}}
        with Service(folder, given) as service:
            yield service


@pytest.fixture(scope="module", params=KINDS)
def open_service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Run a service without authentication, on each kind of database."""
    yield from served(tmp_path_factory.mktemp("open"), request.param)


@pytest.fixture(scope="module", params=KINDS)
def proxied_service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Run a service that believes identity headers, on each kind of database."""
    options = {"DEFAULT": {"auth_strategy": "trusted_headers"}}
    yield from served(tmp_path_factory.mktemp("proxied"), request.param, options)


@pytest.fixture
def on_open_service(open_service: Service) -> Iterator[Service]:
    """Lend the service without authentication to one test."""
    yield open_service
    leave_nothing(open_service)


@pytest.fixture
def on_proxied_service(proxied_service: Service) -> Iterator[Service]:
    """Lend the service behind a proxy to one test."""
    yield proxied_service
    leave_nothing(proxied_service)


def leave_nothing(service: Service, headers: Mapping[str, str] = ADMIN) -> None:
    """Fail if a test left images or bytes behind; the next test finds nothing of them.

    `headers` are those of an administrator.
    """
    api = Api(service.url, headers)
    left = [image["id"] for image in api.images()]
    for image_id in left:
        api.patch(image_id, {"op": "replace", "path": "/protected", "value": False})
        api.delete(image_id)
    assert not left, "the test left images behind"
    # An upload whose client has just left ends a moment later, and takes its bytes along.
    wait_until(lambda: not service.stored, "the bytes of deleted images are gone")

"""A real Swift for tests: a container of one's own, gone afterwards.

Taken from TINTYPE_TEST_SWIFT_AUTH_URL and its fellows, else started by the script of
`tests/services`. Each user has a container of its own, so that test runs beside one another do
not meet.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.s3_server import s3_settings
from tintype.adapters.stores.swift import SwiftDriver
from tintype.adapters.stores.swift.settings import SwiftSettings

_SCRIPT = Path(__file__).parent / "services" / "swift.sh"
_AUTH_URL = "TINTYPE_TEST_SWIFT_AUTH_URL"
_numbers = count(1)


def swift_options(**other: object) -> dict[str, Any]:
    """Return the options of a store in a container that is not there yet."""
    return _options(swift_settings(), "TINTYPE_TEST_SWIFT", other)


def radosgw_options(**other: object) -> dict[str, Any]:
    """Return the same for the Swift interface of radosgw."""
    settings = s3_settings()
    if "TINTYPE_TEST_RGW_SWIFT_AUTH_URL" not in settings:
        pytest.skip("TINTYPE_TEST_RGW_SWIFT_AUTH_URL is not set")
    return _options(settings, "TINTYPE_TEST_RGW_SWIFT", other)


def _options(
    settings: Mapping[str, str], prefix: str, other: Mapping[str, object]
) -> dict[str, Any]:
    return {
        "swift_store_auth_address": settings[f"{prefix}_AUTH_URL"],
        "swift_store_auth_version": "1",
        "swift_store_user": settings[f"{prefix}_USER"],
        "swift_store_key": settings[f"{prefix}_KEY"],
        "swift_store_container": f"tintype-{os.getpid()}-{next(_numbers)}",
        "swift_store_create_container_on_put": True,
        **other,
    }


def small_segments(options: Mapping[str, Any], segment_size: int = 400_000) -> SwiftDriver:
    """Return a driver that cuts what has 1000 bytes or more into segments."""
    settings = SwiftSettings.read("shelf", options, named=True)
    return SwiftDriver(replace(settings, large_object_size=1000, segment_size=segment_size))


def whole_objects(options: Mapping[str, Any]) -> SwiftDriver:
    """Return a driver that cuts large objects only."""
    return SwiftDriver.from_settings("shelf", options, named=True)


@contextmanager
def swift_store(
    options: Mapping[str, Any], build: Callable[[Mapping[str, Any]], SwiftDriver] = whole_objects
) -> Iterator[SwiftDriver]:
    """Give a started driver on an empty container."""
    driver = build(options)
    driver.start()
    try:
        yield driver
    finally:
        remove_container(options)


def client(options: Mapping[str, Any]) -> Any:
    """Return a client of the service."""
    from swiftclient.client import Connection

    return Connection(
        options["swift_store_auth_address"],
        options["swift_store_user"],
        options["swift_store_key"],
        auth_version="1",
    )


def remove_container(options: Mapping[str, Any]) -> None:
    """Remove the container and whatever a test left in it."""
    service = client(options)
    for container in containers(service, options["swift_store_container"]):
        for entry in service.get_container(container, full_listing=True)[1]:
            service.delete_object(container, entry["name"])
        service.delete_container(container)
    service.close()


def containers(service: Any, prefix: str) -> list[str]:
    """Return the names of the containers that begin so."""
    return [entry["name"] for entry in service.get_account(prefix=prefix)[1]]


@cache
def swift_settings() -> Mapping[str, str]:
    """Return what the script prints of the server, or what is set of another one."""
    if _AUTH_URL in os.environ:
        return os.environ
    started = subprocess.run([str(_SCRIPT), "start"], capture_output=True, text=True, check=False)
    settings = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
    if _AUTH_URL in settings:
        return settings
    absent(
        "Swift cannot be started; try: apt-get install swift-proxy swift-account swift-container "
        f"swift-object python3-swift memcached\n{started.stderr}"
    )


def absent(problem: str) -> NoReturn:
    """Fail where everything must be there; elsewhere let the tests be left out, with a reason."""
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)

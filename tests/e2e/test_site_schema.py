"""python-glanceclient against a service whose site states types of custom properties."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from glanceclient import Client  # type: ignore[import-untyped]
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session
from requests import Session as requests_session

from tests.e2e.conftest import served
from tests.service import Service

SAMPLE = Path(__file__).parents[2] / "etc" / "schema-image.json.sample"
KERNEL = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a service with the sample beside its configuration file."""
    folder = tmp_path_factory.mktemp("typed")
    shutil.copy(SAMPLE, folder / "schema-image.json")
    yield from served(folder, "sqlite")


@pytest.fixture
def client(service: Service) -> Iterator[Any]:
    """Lend the library's client."""
    with closing(requests_session()) as requests:
        session = Session(NoAuth(endpoint=service.url), requests)
        yield Client("2", session=session, endpoint_override=service.url)


def test_the_model_of_the_client_has_the_properties_of_the_site(client: Any) -> None:
    model = client.schemas.get("image").raw()["properties"]
    assert {"kernel_id", "os_distro"} <= {
        name for name in model if not model[name].get("is_base", True)
    }


def test_the_client_keeps_values_that_the_site_does_not_allow(client: Any) -> None:
    with pytest.raises(TypeError):
        client.images.create(name="bad", kernel_id="mine")


def test_properties_of_the_site_are_made_changed_and_removed(client: Any) -> None:
    made = client.images.create(name="typed", kernel_id=KERNEL, os_distro="gentoo", other="text")

    client.images.update(made.id, kernel_id=None, os_version="17")
    client.images.update(made.id, remove_props=["os_distro"])
    shown = client.images.get(made.id)
    client.images.delete(made.id)

    names = ("kernel_id", "os_version", "os_distro", "other")
    assert [shown.get(name) for name in names] == [None, "17", None, "text"]
    assert "kernel_id" in shown and "os_distro" not in shown

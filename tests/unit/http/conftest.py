from pathlib import Path

import pytest

from tests.unit.http.service import Service


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The one that is shared by all tests that change nothing but what is in it."""
    return Service.configured(tmp_path_factory.mktemp("application"))


@pytest.fixture
def service(application: Service) -> Service:
    """The application with two stores, asked by a member of the project that owns images."""
    application.forget()
    return application


@pytest.fixture
def own_service(tmp_path: Path) -> Service:
    """Such an application that no other test meets."""
    return Service.configured(tmp_path)

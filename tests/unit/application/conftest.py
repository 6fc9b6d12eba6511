import pytest

from tests.unit.adapters.policy.builders import a_configuration
from tests.unit.application.service import Service
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser


@pytest.fixture(scope="session")
def authoriser(tmp_path_factory: pytest.TempPathFactory) -> OsloAuthoriser:
    """The default policies."""
    return OsloAuthoriser(a_configuration(tmp_path_factory.mktemp("policy")))


@pytest.fixture
def service(authoriser: OsloAuthoriser) -> Service:
    """A service without images."""
    return Service(authoriser)

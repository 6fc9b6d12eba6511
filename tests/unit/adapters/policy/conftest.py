from pathlib import Path

import pytest

from tests.unit.adapters.policy.builders import a_configuration
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser


@pytest.fixture(scope="session")
def authoriser(tmp_path_factory: pytest.TempPathFactory) -> OsloAuthoriser:
    """The default policies."""
    directory: Path = tmp_path_factory.mktemp("policy")
    return OsloAuthoriser(a_configuration(directory))

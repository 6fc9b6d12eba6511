from collections.abc import Iterator

import pytest

from tests.service import Service


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in processes of its own, with files in a directory."""
    with Service(tmp_path_factory.mktemp("service")) as running:
        yield running
        assert running.stop() == 0
        assert "Traceback" not in running.output

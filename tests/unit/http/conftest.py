from pathlib import Path

import pytest

from tests.unit.http.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application with two stores, asked by a member of the project that owns images."""
    return Service.configured(tmp_path)

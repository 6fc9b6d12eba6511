from pathlib import Path

import pytest

from tests.unit.http.metadefs.catalogue import EVERYTHING, made
from tests.unit.http.service import ADMIN, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application, asked by an administrator, with a public namespace full of definitions."""
    service = Service.configured(tmp_path).seen_by(ADMIN)
    made(service, **EVERYTHING)
    return service

import pytest

from tests.unit.http.metadefs.catalogue import EVERYTHING, made
from tests.unit.http.service import ADMIN, Service


@pytest.fixture
def service(application: Service) -> Service:
    """The application, asked by an administrator, with a public namespace full of definitions."""
    application.forget()
    service = application.seen_by(ADMIN)
    made(service, **EVERYTHING)
    return service

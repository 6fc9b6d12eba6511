import pytest

from tests.unit.adapters.inspection.disks import Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """What makes disks."""
    return Workshop(tmp_path_factory.mktemp("disks"))

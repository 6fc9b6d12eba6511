"""The catalogue that a test of the contract is about."""

from collections.abc import Iterator

import pytest

from tests.contract.catalogue.catalogues import CATALOGUES
from tintype.domain.ports.unit_of_work import Work


@pytest.fixture(params=CATALOGUES)
def work(request: pytest.FixtureRequest) -> Iterator[Work]:
    """Yield what begins units of work on an empty catalogue."""
    with CATALOGUES[request.param]() as work:
        yield work

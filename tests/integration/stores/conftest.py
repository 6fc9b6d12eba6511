"""Places for file stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stores.machine import a_small_disk


@pytest.fixture
def datadir(tmp_path: Path) -> Path:
    """A directory that is not there yet."""
    return tmp_path / "images"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    with a_small_disk(tmp_path / "small") as path:
        yield path

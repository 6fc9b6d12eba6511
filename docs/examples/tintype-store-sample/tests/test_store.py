"""Tintype's own tests of what every driver promises, over this one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tintype_store_sample import SqliteDriver

from tintype.testing.storage import *  # noqa: F403


@pytest.fixture
def storage_driver(tmp_path: Path) -> Iterator[SqliteDriver]:
    """A store that is started and empty."""
    driver = SqliteDriver.from_settings(
        "shelf", {"sqlite_store_path": str(tmp_path / "images.sqlite")}, named=True
    )
    driver.start()
    yield driver

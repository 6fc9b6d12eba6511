"""Unified limits as a Keystone on the loopback interface says them."""

from pathlib import Path

import pytest

from tests.keystone import Keystone, blank, configured
from tintype.adapters.quota.keystone import KeystoneLimits


@pytest.fixture
def keystone() -> Keystone:
    """A Keystone in which no limit is registered."""
    return blank()


@pytest.fixture
def keeper(keystone: Keystone, tmp_path: Path) -> KeystoneLimits:
    """What asks it."""
    return KeystoneLimits(configured(keystone, tmp_path))

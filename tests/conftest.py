"""What all tests have in common."""

import gc
import os

from hypothesis import settings

# Where a person waits for nothing else, fewer made-up cases do: each run makes up others.
settings.register_profile("ci", max_examples=8, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def pytest_collection_finish() -> None:
    """Leave what is there by now out of every search for garbage: it stays to the end."""
    gc.freeze()

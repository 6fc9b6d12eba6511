"""How long a run of the tests may take."""

import os


def examples(count: int) -> int:
    """Return how many made-up cases a costly test tries: fewer where others wait for the run.

    Each run makes up others.
    """
    return max(10, count // 3) if os.environ.get("CI") == "true" else count

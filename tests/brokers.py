"""Real brokers for tests: the URL of one, started once a session.

Taken from TINTYPE_TEST_REDIS_URL or TINTYPE_TEST_RABBITMQ_URL, else started by the scripts of
`tests/services`.
"""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

KINDS = ("redis", "rabbitmq")
_SERVICES = Path(__file__).parent / "services"


@cache
def broker_url(kind: str) -> str:
    """Return the URL of a running broker of that kind."""
    name = f"TINTYPE_TEST_{kind.upper()}_URL"
    if name in os.environ:
        return os.environ[name]
    script = str(_SERVICES / f"{kind}.sh")
    started = subprocess.run([script, "start"], capture_output=True, text=True, check=False)
    for line in started.stdout.splitlines():
        key, _, value = line.partition("=")
        if key == name:
            return value
    problem = f"{kind} cannot be started; try: apt-get install {kind}-server\n{started.stderr}"
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)

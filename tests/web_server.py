"""A real web server for tests: files put beside it are under its URLs.

Taken from TINTYPE_TEST_NGINX_URL and its fellows, else started by the script of
`tests/services`. Each user has a folder of its own, so that test runs beside one another do
not meet.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

_SCRIPT = Path(__file__).parent / "services" / "nginx.sh"
_URL = "TINTYPE_TEST_NGINX_URL"


@dataclass(frozen=True)
class WebServer:
    """A folder, and where the server gives its files out."""

    folder: Path
    plain: str
    tls: str
    ca_file: str

    def put(self, name: str, data: bytes) -> str:
        """Write a file and return its URL."""
        (self.folder / name).write_bytes(data)
        return self.url(name)

    def url(self, name: str, *, manner: str = "", tls: bool = False) -> str:
        """Return the URL of a file, there or not; `manner` is one of the script's."""
        return f"{self.tls if tls else self.plain}{manner}/{self.folder.name}/{quote(name)}"

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self.folder / name).unlink()


@contextmanager
def web_server() -> Iterator[WebServer]:
    """Give a folder of the server, gone afterwards."""
    settings = _settings()
    folder = tempfile.mkdtemp(prefix="test-", dir=settings["TINTYPE_TEST_NGINX_ROOT"])
    os.chmod(folder, 0o755)
    try:
        yield WebServer(
            Path(folder),
            settings[_URL],
            settings["TINTYPE_TEST_NGINX_TLS_URL"],
            settings["TINTYPE_TEST_NGINX_CA"],
        )
    finally:
        shutil.rmtree(folder)


@cache
def _settings() -> Mapping[str, str]:
    if _URL in os.environ:
        return os.environ
    started = subprocess.run([str(_SCRIPT), "start"], capture_output=True, text=True, check=False)
    settings = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
    if _URL in settings:
        return settings
    problem = f"nginx cannot be started; try: apt-get install nginx-light\n{started.stderr}"
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)

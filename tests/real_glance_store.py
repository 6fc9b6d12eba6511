"""A real glance_store, for tests of whether one reads what the other wrote.

It runs as it was published, in an environment of its own.
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.own_environment import environment

_PARTS = Path(__file__).parent / "services" / "glance_store"


class RealGlanceStore:
    """Stores of a configuration, in a process of their own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._next() == "ready"

    def _next(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "glance_store ended"
        return json.loads(line)

    def ask(self, function: str, *arguments: Any) -> Any:
        """Call a function; a failure is its name under `raised`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([function, *arguments]) + "\n")
        self._process.stdin.flush()
        return self._next()

    def add(self, key: str, data: bytes, store: str) -> dict[str, Any]:
        """Store data; return its location as it would be recorded."""
        url, *_, metadata = self.ask("add", key, base64.b64encode(data).decode(), store)
        return {"url": url, "metadata": metadata}

    def get(self, url: str, store: str) -> bytes:
        """Return the data at a URL."""
        return base64.b64decode(self.ask("get", url, store))


@contextmanager
def real_glance_store(configuration: str, folder: Path) -> Iterator[RealGlanceStore]:
    """Start it with a configuration, for the time of a block."""
    home = environment("glance_store", _PARTS / "requirements.txt")
    file = folder / "glance-store.conf"
    file.write_text(configuration, encoding="utf-8")
    with (folder / "glance-store.log").open("wb") as log:
        process = subprocess.Popen(
            [str(home / "bin" / "python"), str(_PARTS / "serve.py"), str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with process:
        try:
            yield RealGlanceStore(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)

"""Programs from PyPI that tests run, each in an environment of its own.

Their libraries must not meet those of the service. An environment is made at the first time
and kept under TINTYPE_SERVICES for the next.
"""

import fcntl
import hashlib
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest


@cache
def environment(
    name: str, requirements: Path, finish: Callable[[Path], None] | None = None
) -> Path:
    """Return the environment with these requirements, made if there is none yet.

    `finish` prepares whatever else is to be kept in its directory.
    """
    root = Path(os.environ.get("TINTYPE_SERVICES") or f"{tempfile.gettempdir()}/tintype-services")
    root.mkdir(parents=True, exist_ok=True)
    finishing = inspect.getsource(finish) if finish else ""
    recipe = f"{sys.base_prefix} {sys.version_info[:2]} {requirements.read_text()} {finishing}"
    home = root / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    try:
        with _alone(home.with_suffix(".lock")):
            if not (home / "complete").exists():
                shutil.rmtree(home, ignore_errors=True)
                _install(home, requirements)
                if finish:
                    finish(home)
                (home / "complete").touch()
    except subprocess.CalledProcessError as error:
        absent(f"{name} cannot be installed: {error}\n{error.stdout}")
    return home


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _install(home: Path, requirements: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "--seed", "--python", sys.executable, home)
    install = (uv, "pip", "install", "--quiet", "--python", home / "bin" / "python")
    run(*install, "--requirement", requirements)


def run(*command: object, variables: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed.

    Raises:
        CalledProcessError: it failed.
    """
    return subprocess.run(
        list(map(str, command)),
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


def absent(problem: str) -> None:
    """Fail where everything must be there; elsewhere let the tests be left out, with a reason."""
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)

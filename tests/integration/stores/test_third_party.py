"""A driver of somebody else's, built, installed and used as such (docs/examples)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "tintype-store-sample"

USE = """
import sys
from tintype.entrypoints.python.stores import ImageStores

stores = ImageStores.from_config({
    "enabled_backends": {"archive": "sqlite"},
    "glance_store": {"default_backend": "archive"},
    "archive": {"sqlite_store_path": sys.argv[1]},
})
stored = stores.add("3f0c", [b"some ", b"bytes"])
assert stores.get(stored.url, offset=5).read() == b"bytes"
stores.delete(stored.url)
print(stored.url, [(each.type, each.health) for each in stores.stores()])
"""


STATEFUL = """
from tintype.adapters.stores.memory import MemoryDriver

MADE = []

class StatefulDriver(MemoryDriver):
    TYPE = "stateful"
    REUSABLE = False
    kept = {}

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        MADE.append(self)
        self._objects = self.kept
"""
USE_STATEFUL = """
import stateful
from tintype.entrypoints.python.stores import ImageStores

stores = ImageStores.from_config({
    "enabled_backends": {"a": "stateful"}, "glance_store": {"default_backend": "a"},
})
before = len(stateful.MADE)
url = stores.add("image", [b"data"]).url
assert (stores.get_size(url), stores.get(url).read()) == (4, b"data")
stores.delete(url)
print(len(stateful.MADE) - before, stores.stores()[0].capabilities)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The sample is built from a copy, and installed beside what is here."""
    folder = tmp_path_factory.mktemp("sample")
    source, installed = folder / "source", folder / "installed"
    shutil.copytree(EXAMPLE, source)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    options = ("--no-deps", "--target", str(installed), str(source))
    told = subprocess.run([*pip, *options], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return {**os.environ, "PYTHONPATH": str(installed), "SUITE": str(source / "tests")}


def run(environment: Mapping[str, str], folder: Path, *arguments: str) -> str:
    told = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_its_entry_point_alone_makes_it_a_type_of_store(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    told = run(environment, tmp_path, "-c", USE, str(tmp_path / "images.sqlite"))
    assert told.split(maxsplit=1) == ["sqlite://archive/3f0c", "[('sqlite', 'ok')]\n"]


def test_it_passes_the_tests_that_come_with_the_package(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    told = run(environment, tmp_path, "-m", "pytest", "-q", environment["SUITE"])
    assert " passed" in told and "failed" not in told


def test_one_that_keeps_state_is_made_anew_for_each_operation(tmp_path: Path) -> None:
    (tmp_path / "stateful.py").write_text(STATEFUL)
    about = tmp_path / "stateful-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stateful\nVersion: 1.0\n")
    entry = "[tintype.stores]\nstateful = stateful:StatefulDriver\n"
    (about / "entry_points.txt").write_text(entry)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    assert run(environment, tmp_path, "-c", USE_STATEFUL) == "4 15\n"

"""Backends of the database that another package brings, chosen by name (database §1)."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

MODULE = '''\
"""Backends that say what they are asked to do."""

from pathlib import Path

from tintype.domain.ports.migration_backend import Version


class Migrations:
    """Needs no database."""

    done = False

    def __init__(self, engine):
        self.database = engine.url.database

    def version(self):
        return Version("theirs" if Migrations.done else None, "theirs")

    def upgrade(self):
        Migrations.done = True
        print("upgrading", Path(self.database).name)


class Definitions:
    """Has one definition."""

    def __init__(self, engine):
        self.database = engine.url.database

    def load_metadefs(self, path, merge, *, dry_run=False):
        print("loading", path.name, merge.value)
        return iter(())

    def unload_metadefs(self):
        print("unloading")

    def export_metadefs(self, path):
        yield path / "theirs.json"

'''
BROKEN = 'raise ImportError("a library is missing")'
ENTRY_POINTS = """\
[tintype.database.migration_backend]
theirs = their_backends:Migrations
broken = their_broken_backend:Broken
[tintype.database.metadata_backend]
theirs = their_backends:Definitions
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Install a package that brings backends, as pip leaves one."""
    folder = tmp_path / "site"
    facts = folder / "their_backends-1.0.dist-info"
    facts.mkdir(parents=True)
    for file, text in {
        folder / "their_backends.py": MODULE,
        folder / "their_broken_backend.py": BROKEN,
        facts / "METADATA": "Metadata-Version: 2.1\nName: their-backends\nVersion: 1.0\n",
        facts / "entry_points.txt": ENTRY_POINTS,
        folder / "definitions.json": "{}",
    }.items():
        file.write_text(text, encoding="utf-8")
    return folder


IN_ONE_PROCESS = """\
import json, sys
from click.testing import CliRunner
from tintype.entrypoints.cli import main
for command in json.loads(sys.argv[1]):
    print(CliRunner().invoke(main, command).output, end="")
"""


def run(package: Path, options: str, *commands: Sequence[str]) -> CompletedProcess[str]:
    """Run commands, one after the other, with the package installed."""
    config = package.parent / "tintype.conf"
    config.write_text(f"[database]\n{options}\n", encoding="utf-8")
    where = ("--config-file", str(config), "--state-dir", str(package.parent / "state"))
    return subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS, json.dumps([[*it, *where] for it in commands])],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )


THEIRS = "migration_backend = theirs\nmetadata_backend = theirs"


def test_what_is_asked_for_is_done_by_the_backends_that_are_named(package: Path) -> None:
    done = run(
        package,
        THEIRS,
        ("db", "upgrade"),
        ("db", "load_metadefs", "--path", str(package), "--merge"),
        ("db", "unload_metadefs"),
        ("db", "export_metadefs", "--path", "/there"),
    )

    assert (done.returncode, done.stderr) == (0, "")
    said = [line for line in done.stdout.splitlines() if line != "upgrading tintype.sqlite"]
    assert said == [
        "The database is at theirs.",
        "loading site add-missing",
        "unloading",
        "/there/theirs.json",
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("migration_backend = none", "migration_backend: there is no 'none', only broken, "),
        ("migration_backend = broken", "'broken' cannot be loaded: a library is missing"),
    ],
)
def test_a_backend_that_cannot_be_had_is_refused(package: Path, options: str, problem: str) -> None:
    refused = run(package, options, ("db", "version"))

    assert refused.stdout.startswith("Error: ")
    assert problem in refused.stdout

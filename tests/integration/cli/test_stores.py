"""`tintype stores`, as an operator runs it."""

import json
import sqlite3
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.integration.stores.machine import a_small_disk
from tests.service import run

TWO = """
[DEFAULT]
enabled_backends = a:file, b:file, web:http
[glance_store]
default_backend = a
[a]
filesystem_store_datadir = {here}/a
weight = 3
[b]
filesystem_store_datadir = {here}/b
[database]
connection = sqlite:///{here}/tintype.sqlite
"""


class Installation:
    """A configuration of two file stores, and a catalogue in SQLite."""

    def __init__(self, here: Path) -> None:
        self.here = here
        self.file = here / "tintype.conf"
        self.file.write_text(TWO.format(here=here))

    def run(self, *arguments: str) -> CompletedProcess[str]:
        """Run `tintype stores …`."""
        where = ("--config-file", str(self.file), "--state-dir", str(self.here / "state"))
        return run("stores", *arguments, *where)

    def catalogue(self) -> sqlite3.Connection:
        """Return the catalogue, for what only other programs do to it."""
        return sqlite3.connect(self.here / "tintype.sqlite")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_stores_are_listed_with_what_they_can_do_and_how_they_are(
    installation: Installation, tmp_path: Path
) -> None:
    with a_small_disk(tmp_path / "b", "1m") as disk:
        with (disk / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))
        shown = installation.run("list").stdout
        listed = json.loads(installation.run("list", "--json").stdout)

    assert "a (default)" in shown and "full" in shown
    told = {each["id"]: each for each in listed}
    assert told["a"]["weight"] == 3 and told["a"]["default"]
    assert {each for each in told if "write" not in told[each]["capabilities"]} == {"b", "web"}
    assert {each["health"] for each in listed if each["id"] != "b"} == {"ok"}
    assert told["b"]["health"] == "full" and "store b" in told["b"]["reason"]


LOCATIONS = [
    ("file://{here}/a/1", "{{}}"),
    ("file://{here}/b/1", None),
    ("file://{here}/b/2", '{{"store": "former"}}'),
    ("file://{here}/b/3", '{{"store": "b"}}'),
    ("rbd://pool/1", "{{}}"),
]


def test_locations_are_given_the_names_of_their_stores(
    installation: Installation, tmp_path: Path
) -> None:
    assert run("db", "upgrade", "--config-file", str(installation.file)).returncode == 0
    with installation.catalogue() as catalogue:
        catalogue.execute(
            "INSERT INTO images (id, status, created_at, min_disk, min_ram, visibility, protected,"
            " deleted, os_hidden) VALUES ('i', 'active', '2026-01-01', 0, 0, 'shared', 0, 0, 0)"
        )
        for url, metadata in LOCATIONS:
            catalogue.execute(
                "INSERT INTO image_locations (image_id, value, meta_data, created_at, deleted,"
                " status) VALUES ('i', ?, ?, '2026-01-01', 0, 'active')",
                (url.format(here=tmp_path), metadata and metadata.format()),
            )
    dry = installation.run("identify", "--dry-run")
    assert dry.stdout == (
        "1 locations would be found to be in store a.\n"
        "2 locations would be found to be in store b.\n"
        "1 locations of scheme 'rbd' are in no store that is enabled.\n"
    )
    assert stores_of(installation) == [None, None, "former", "b", None]

    done = installation.run("identify")

    assert done.returncode == 0, done.stderr
    assert stores_of(installation) == ["a", "b", "b", "b", None]


def stores_of(installation: Installation) -> list[str | None]:
    with installation.catalogue() as catalogue:
        rows = catalogue.execute("SELECT meta_data FROM image_locations ORDER BY id").fetchall()
    return [json.loads(text or "{}").get("store") for (text,) in rows]

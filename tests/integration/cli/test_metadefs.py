"""`tintype metadefs`, and the commands of old, as an operator runs them (metadefs §6)."""

import json
import os
import subprocess
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.service import PROGRAM, run


class Installation:
    """A state directory of its own, and a directory of definition files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.out = folder / "out"

    def run(self, *arguments: str) -> CompletedProcess[str]:
        """Run a command; the words after it come last."""
        return run(*arguments, "--state-dir", str(self.folder / "state"))

    def write(self, namespace: str, **values: Any) -> None:
        """Write a definition file."""
        self.files.mkdir(exist_ok=True)
        text = json.dumps({"namespace": namespace, **values})
        (self.files / f"{namespace}.json").write_text(text, encoding="utf-8")

    def exported(self) -> dict[str, Any]:
        """Return all definitions by namespace."""
        assert self.run("metadefs", "export", str(self.out)).returncode == 0
        found = [json.loads(it.read_text(encoding="utf-8")) for it in self.out.glob("*.json")]
        return {document["namespace"]: document for document in found}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation whose catalogue is empty, with two definition files."""
    made = Installation(tmp_path)
    made.write("a", description="old", tags=[{"name": "kept"}])
    made.write("b", description="old")
    return made


def test_load_export_and_unload(installation: Installation) -> None:
    loaded = installation.run("metadefs", "load", str(installation.files))

    assert (loaded.returncode, loaded.stdout) == (0, "added        a\nadded        b\n")
    assert installation.exported()["a"] == {
        "namespace": "a",
        "description": "old",
        "visibility": "private",
        "protected": False,
        "owner": "admin",
        "tags": [{"name": "kept"}],
    }
    assert installation.run("metadefs", "unload", "--yes").returncode == 0
    again = installation.run("metadefs", "load", "--dry-run", str(installation.files))
    assert again.stdout == loaded.stdout


@pytest.mark.parametrize("export", [("metadefs", "export"), ("db", "export_metadefs", "--path")])
def test_a_dry_export_names_the_files_and_writes_none(
    installation: Installation, export: tuple[str, ...]
) -> None:
    assert installation.run("metadefs", "load", str(installation.files)).returncode == 0

    told = installation.run(*export, str(installation.out), "--dry-run")

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.split() == [str(installation.out / f"{name}.json") for name in "ab"]
    assert not installation.out.exists()


@pytest.mark.parametrize("unload", [("metadefs", "unload"), ("db", "unload_metadefs")])
def test_a_dry_unload_names_the_namespaces_and_deletes_none(
    installation: Installation, unload: tuple[str, ...]
) -> None:
    assert installation.run("metadefs", "load", str(installation.files)).returncode == 0

    told = installation.run(*unload, "--dry-run")

    assert (told.returncode, told.stdout) == (0, "deleted      a\ndeleted      b\n")
    assert set(installation.exported()) == {"a", "b"}


def test_unloading_names_what_is_deleted_and_asks_before(installation: Installation) -> None:
    assert installation.run("metadefs", "load", str(installation.files)).returncode == 0

    unanswered = installation.run("metadefs", "unload")
    assert (unanswered.returncode, "Delete all" in unanswered.stdout) == (1, True)
    assert set(installation.exported()) == {"a", "b"}

    unloaded = installation.run("metadefs", "unload", "--yes")
    assert (unloaded.returncode, unloaded.stdout) == (0, "deleted      a\ndeleted      b\n")
    assert installation.run("metadefs", "unload", "--dry-run").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "step"),
    [
        (("load", "--starter"), "Loading"),
        (("export", "{out}"), "Exporting"),
        (("unload", "--yes"), "Deleting"),
    ],
)
def test_a_terminal_is_shown_how_far_it_is(
    installation: Installation, arguments: tuple[str, ...], step: str
) -> None:
    assert installation.run("metadefs", "load", str(installation.files)).returncode == 0
    words = [word.format(out=installation.out) for word in arguments]

    shown = subprocess.run(
        [PROGRAM, "metadefs", *words, "--state-dir", str(installation.folder / "state")],
        env={**os.environ, "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert step in shown.stderr


def test_the_starter_is_loaded(installation: Installation) -> None:
    loaded = installation.run("metadefs", "load", "--starter")

    assert loaded.returncode == 0
    assert "added        OS::Compute::Watchdog" in loaded.stdout


@pytest.mark.parametrize(
    ("arguments", "said", "description", "tags"),
    [
        ((), "skipped", "old", ["kept"]),
        (("--merge",), "merged", "old", ["kept", "new"]),
        (("--merge", "--prefer_new"), "updated", "new", ["kept", "new"]),
        (("--merge", "--overwrite"), "overwritten", "new", ["new"]),
    ],
)
def test_the_options_of_old_decide_what_becomes_of_a_namespace_that_is_there(
    installation: Installation,
    arguments: tuple[str, ...],
    said: str,
    description: str,
    tags: list[str],
) -> None:
    load = ("db", "load_metadefs", "--path", str(installation.files))
    assert installation.run(*load).returncode == 0
    installation.write("a", description="new", tags=[{"name": "new"}])

    loaded = installation.run(*load, *arguments)

    assert f"{said:<12} a" in loaded.stdout
    exported = installation.exported()["a"]
    assert exported["description"] == description
    assert [tag["name"] for tag in exported["tags"]] == tags


@pytest.mark.parametrize(
    "arguments", [("--prefer_new",), ("--overwrite",), ("--merge", "--prefer_new", "--overwrite")]
)
def test_options_that_contradict_each_other_do_nothing(
    installation: Installation, arguments: tuple[str, ...]
) -> None:
    path = str(installation.files)
    refused = installation.run("db", "load_metadefs", "--path", path, *arguments)

    assert refused.returncode == 2
    assert installation.run("metadefs", "load", path).stdout.startswith("added")


def test_the_words_of_long_ago(installation: Installation) -> None:
    path = str(installation.files)
    assert "added" in installation.run("db_load_metadefs", path).stdout
    installation.write("a", description="new")

    assert "updated" in installation.run("db_load_metadefs", path, "True", "True").stdout
    exported = installation.run("db_export_metadefs", str(installation.out))
    assert exported.stdout.split() == [str(installation.out / f"{name}.json") for name in "ab"]
    assert installation.run("db_unload_metadefs").returncode == 0
    assert "added" in installation.run("db", "load_metadefs", "--path", path).stdout


def test_a_file_that_cannot_be_loaded_is_named_and_fails_the_command(
    installation: Installation,
) -> None:
    (installation.files / "0.json").write_text("{", encoding="utf-8")

    loaded = installation.run("metadefs", "load", str(installation.files))

    assert loaded.returncode == 1
    assert f"{installation.files}/0.json: it is no JSON" in loaded.stderr
    assert "added        a" in loaded.stdout


def test_without_a_path_the_configured_one_is_taken(installation: Installation) -> None:
    file = installation.folder / "tintype.conf"
    file.write_text(f"[DEFAULT]\nmetadata_source_path = {installation.files}\n", encoding="utf-8")

    loaded = installation.run("metadefs", "load", "--config-file", str(file))

    assert "added        a" in loaded.stdout

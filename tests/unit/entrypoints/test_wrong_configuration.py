"""What programs that build the application are told of a mistake (contract, building)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.service import run

# Logging is set up for a whole process, so mistakes are made in another one.
PROGRAM = """
import json, sys
from tintype.entrypoints.http import wsgi

def outcome(call, path):
    try:
        call(path)
    except RuntimeError as error:
        return str(error)
    except BaseException as error:
        return repr(error)
    return "nothing"

paths = json.load(sys.stdin)
calls = (wsgi.build, wsgi.db_sync, wsgi.staging_cleanup)
told = {name: [outcome(call, path) for call in calls] for name, path in paths.items()}
json.dump(told, sys.__stdout__)
"""

LINES = {
    "debug = zz": "[DEFAULT] debug: Unexpected boolean value 'zz'",
    "debug =": "[DEFAULT] debug: Unexpected boolean value ''",
    "use_json = zz": "[DEFAULT] use_json: Unexpected boolean value 'zz'",
    "use_stderr = zz": "[DEFAULT] use_stderr: Unexpected boolean value 'zz'",
    "log_rotation_type = size\nmax_logfile_size_mb = zz": "[DEFAULT] max_logfile_size_mb: it must "
    "be a whole number, not 'zz'",
    "log_file = {folder}": "[DEFAULT] log_file: {folder} cannot be written: Is a directory",
    "log_dir = /dev/null/x": "[DEFAULT] log_dir: /dev/null/x cannot be written: Not a directory",
    "log_config_append = {folder}/none": "[DEFAULT] log_config_append: {folder}/none cannot be "
    "used: ",
    "log_config_append = {folder}/binary.conf": "[DEFAULT] log_config_append: ",
    "default_log_levels = zz": "[DEFAULT] default_log_levels: 'zz' must be the name of a logger "
    "and a level",
    "use_syslog = true\nsyslog_log_facility = zz": "[DEFAULT] syslog_log_facility: syslog "
    "facility must be one of: ",
    "[healthcheck]\nbackends = zz": "[healthcheck] backends: Valid values are "
    "[disable_by_file], but found 'zz'",
}
"""What stands in a file, and what is said of it."""

BACKENDS = {
    f"[database]\n{kind}_backend = zz": f"[database] {kind}_backend: there is no 'zz', only "
    for kind in ("migration", "metadata")
}
"""The same, of what not every function has a use for."""

PATHS: dict[str, tuple[str | None, str]] = {
    "none": (None, "--config-file: None is no file that can be read"),
    "a directory": ("{folder}", "--config-file: {folder} is no file that can be read"),
    "not text": ("{folder}/binary.conf", "files: {folder}/binary.conf: the text must be UTF-8: "),
}
"""A path that is named, and what is said of it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file that is not UTF-8."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "binary.conf").write_bytes(b"\xff\xfe\x00[DEFAULT]\n")
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> Any:
    """What the functions of the module say of each mistake."""
    paths: dict[str, str | None] = {
        name: path and path.format(folder=folder) for name, (path, _) in PATHS.items()
    }
    for number, lines in enumerate(LINES | BACKENDS):
        file = folder / f"{number}.conf"
        file.write_text(
            f"[database]\nconnection = sqlite:///{folder}/catalogue.sqlite\n"
            f"[DEFAULT]\n{lines.format(folder=folder)}\n"
        )
        paths[lines] = str(file)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("mistake", "said"), [*LINES.items(), *((name, said) for name, (_, said) in PATHS.items())]
)
def test_a_mistake_is_a_runtime_error_that_names_it(
    told: Any, folder: Path, mistake: str, said: str
) -> None:
    expected = f"Configuration option {said.format(folder=folder)}"
    assert [sentence[: len(expected)] for sentence in told[mistake]] == [expected] * 3


@pytest.mark.parametrize("mistake", BACKENDS)
def test_an_unknown_backend_stops_the_start(told: Any, mistake: str) -> None:
    built, *_ = told[mistake]
    assert built.startswith(f"Configuration option {BACKENDS[mistake]}")


@pytest.mark.parametrize("mistake", [*BACKENDS, "[healthcheck]\nbackends = zz"])
def test_the_command_that_checks_says_the_same(tmp_path: Path, mistake: str) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text(f"[DEFAULT]\n{mistake}\n")

    checked = run("config", "check", "--config-file", str(file), "--state-dir", str(tmp_path))

    assert checked.returncode == 1
    assert f"Configuration option {(LINES | BACKENDS)[mistake]}" in checked.stderr

"""What a process leaves in its log (contract, configuration beyond the obvious)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Logging is set up for a whole process, so each test has one of its own.
PROGRAM = """
import json, os, sys
from falcon import testing
from tintype.entrypoints.http.wsgi import build

config_file, log_file, *requests = sys.argv[1:]
app = build(config_file)
built = os.path.exists(log_file)
headers = {"X-Identity-Status": "Confirmed", "X-Roles": "reader", "X-Project-Id": "p"}
for request in requests:
    if request == "MOVE":
        os.rename(log_file, log_file + ".1")
    else:
        method, path = request.split()
        testing.simulate_request(app, method, path, headers=headers)
print(json.dumps({"built": built}))
"""


class Process:
    """Processes that serve some requests and end, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "logs" / "tintype.log"
        self.log_options = f"log_file = {self.log}"
        self._config = folder / "tintype.conf"
        self._folder = folder

    def serve(self, *requests: str, debug: bool = True, more: str = "") -> Any:
        """Serve; `MOVE` moves the log file away in between, `more` is configured first."""
        self._config.write_text(
            "[DEFAULT]\n"
            "auth_strategy = trusted_headers\n"
            "enabled_backends = ram:memory\n"
            f"{more}\n"
            f"node_staging_uri = file://{self._folder}/staging\n"
            f"debug = {debug}\n"
            f"{self.log_options}\n"
            "logging_default_format_string = %(levelname)s|%(name)s|%(message)s\n"
            "logging_context_format_string = %(levelname)s|%(name)s|%(request_id)s "
            "%(user_identity)s|%(message)s\n"
            "[glance_store]\n"
            "default_backend = ram\n"
            f"[database]\nconnection = sqlite:///{self._folder}/catalogue.sqlite\n"
        )
        command = [sys.executable, "-c", PROGRAM, str(self._config), str(self.log), *requests]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def debug_lines(self) -> list[str]:
        """The DEBUG lines of our own loggers so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.startswith("DEBUG|tintype")]


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """A place for processes."""
    return Process(tmp_path)


REQUESTS = (
    *("GET /v2/images", "GET /v2/images/none", "GET /", "GET /versions", "GET /healthcheck"),
    *("GET /v2", "POST /v2/images", "DELETE /v2/none", "HEAD /v2/images"),
)


def test_the_log_is_there_once_the_application_is_built(process: Process) -> None:
    assert process.serve() == {"built": True}


def test_a_directory_for_logs_is_made_and_holds_a_file_named_after_the_program(
    process: Process,
) -> None:
    process.log_options = f"log_dir = {process.log.parent}"
    process.serve()
    assert [file.suffix for file in process.log.parent.iterdir()] == [".log"]


def test_with_debug_every_request_leaves_a_line(process: Process) -> None:
    process.serve(*REQUESTS)
    told = "\n".join(process.debug_lines)
    assert [request for request in REQUESTS if f"|{request} " not in told] == []


def test_a_line_says_whose_request_it_is_about_if_that_is_known(process: Process) -> None:
    process.serve("GET /v2/images", "GET /versions")
    whose = [line.split("|")[2] for line in process.debug_lines if " answered " in line]
    assert [text.split(" ")[0][:4] for text in whose] == ["req-", "GET"]
    assert " - p " in whose[0]


def test_without_debug_requests_leave_no_such_line(process: Process) -> None:
    process.serve(*REQUESTS, debug=False)
    assert process.debug_lines == []


def test_the_log_is_only_appended_to(process: Process) -> None:
    process.serve("GET /v2/images")
    before = process.log.read_bytes()
    process.serve("GET /v2/images")
    after = process.log.read_bytes()
    assert after.startswith(before) and len(after) > len(before)


def test_a_log_that_was_moved_away_is_made_anew(process: Process) -> None:
    process.serve("GET /v2/images", "MOVE", "GET /versions")
    moved = process.log.with_name("tintype.log.1").read_text(encoding="utf-8")
    assert "GET /v2/images " in moved and "GET /versions " not in moved
    assert any("GET /versions " in line for line in process.debug_lines)


def test_options_of_former_times_are_told_of(process: Process) -> None:
    process.serve(debug=False, more="owner_is_tenant = true")

    assert "owner_is_tenant" in process.log.read_text(encoding="utf-8")

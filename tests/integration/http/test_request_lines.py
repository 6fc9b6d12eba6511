"""The line that each request leaves in the log (operations §4, log lines)."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.http.wire import Wire, an_image, ask, head
from tests.service import Service, wait_until

LINE = re.compile(
    r" INFO tintype\.access \[([^]]*)\] "
    r"(\S+) (\S+) answered (\d+) to 127\.0\.0\.1: (\w+) bytes in \d+\.\d{3} s$",
    re.MULTILINE,
)
DATA = random.Random(4).randbytes(20 << 20)


class Logged(Service):
    """A service that writes a log."""

    @property
    def log(self) -> str:
        """What the log says so far."""
        file = self.config_file.with_name("tintype.log")
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def lines(self, path: str) -> list[tuple[str, str, str]]:
        """Return method, status and bytes of each line about a path."""
        found = (match.groups() for match in LINE.finditer(self.log))
        return [(method, status, sent) for _, method, about, status, sent in found if about == path]


@pytest.fixture(scope="module", params=["read", "sendfile"])
def logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Logged]:
    """A service that sends files itself, or has the kernel do it."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    options = {
        "log_file": folder / "tintype.log",
        "default_log_levels": "tintype.access=INFO",
        "sendfile": request.param == "sendfile",
    }
    cors = {"allowed_origin": "https://dashboard.example"}
    with Logged(folder, {"DEFAULT": options, "cors": cors}) as service:
        yield service


def test_a_request_leaves_one_line_that_says_what_went_out_and_whose_it_is(
    logged: Logged,
) -> None:
    answer = ask(logged, "GET", "/v2/images?name=secret")

    assert logged.lines("/v2/images")[-1] == ("GET", "200", str(len(answer.body)))
    request_id = answer.headers["x-openstack-request-id"]
    assert len([whose for whose, *_ in LINE.findall(logged.log) if request_id in whose]) == 1
    assert "secret" not in logged.log


def test_a_line_about_nobody_does_not_name_the_last_caller(logged: Logged) -> None:
    with Wire(logged) as wire:
        for path in ("/v2/images", "/healthcheck"):
            wire.send(head("GET", path))
            wire.answer()

    whose, _, path, _, _ = LINE.findall(logged.log)[-1]
    assert (whose, path) == ("-", "/healthcheck")


def test_what_others_answer_in_the_applications_place_leaves_a_line_too(logged: Logged) -> None:
    with Wire(logged) as wire:
        ask_first = {"Origin": "https://dashboard.example", "Access-Control-Request-Method": "GET"}
        wire.send(head("OPTIONS", "/v2/preflight", **ask_first))
        wire.answer()

    assert logged.lines("/v2/preflight") == [("OPTIONS", "200", "0")]


def test_a_path_cannot_make_lines_of_its_own(logged: Logged) -> None:
    ask(logged, "GET", "/v2/a%0a2026%C3%A4")
    assert logged.lines("/v2/a%0A2026%C3%A4") != []


def test_a_download_leaves_its_line_at_its_end_with_the_bytes_that_went_out(
    logged: Logged,
) -> None:
    path = f"/v2/images/{an_image(logged, DATA)}/file"

    assert ask(logged, "GET", path).body == DATA
    wait_until(lambda: logged.lines(path)[1:], "the download is told of")
    with Wire(logged) as wire:
        wire.send(head("GET", path, Range="bytes=5-14"))
        wire.answer()
    wait_until(lambda: logged.lines(path)[2:], "the part is told of")

    uploaded, *downloads = logged.lines(path)
    assert uploaded == ("PUT", "204", "0")
    assert downloads == [("GET", "200", str(len(DATA))), ("GET", "206", "10")]


def test_a_download_that_is_broken_off_is_told_of_with_less(logged: Logged) -> None:
    path = f"/v2/images/{an_image(logged, DATA)}/file"

    with Wire(logged) as wire:
        wire.send(head("GET", path))
        wire.read(100_000)
    wait_until(lambda: logged.lines(path)[1:], "the download is told of")

    method, status, sent = logged.lines(path)[1]
    assert (method, status) == ("GET", "200")
    assert sent == "some" or 100_000 <= int(sent) < len(DATA)


def test_a_site_that_does_not_ask_for_these_lines_has_none(tmp_path: Path) -> None:
    with Logged(tmp_path, {"DEFAULT": {"log_file": tmp_path / "tintype.log"}}) as service:
        assert ask(service, "GET", "/v2/images").status == 200
        assert service.lines("/v2/images") == []

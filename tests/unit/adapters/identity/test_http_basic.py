import base64
import os
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import bcrypt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tintype.adapters.identity.http_basic import HttpBasic
from tintype.domain.errors import BadConfiguration, Unauthenticated


def line(name: str, password: str) -> str:
    return f"{name}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"


def header(name: str, password: str, scheme: str = "Basic") -> dict[str, str]:
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"{scheme} {token}"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two users."""
    file = tmp_path / "htpasswd"
    file.write_text("# who may come in\n\n" + line("ulla", "pass:word") + line("åke", "smörgås"))
    return file


@pytest.fixture
def basic(file: Path) -> HttpBasic:
    return HttpBasic(str(file), lambda caller: caller.user_id == "ulla")


def test_whoever_knows_the_password_is_let_in(basic: HttpBasic) -> None:
    assert basic.identify(header("ulla", "pass:word")).user_id == "ulla"


def test_names_and_passwords_may_have_any_letters(basic: HttpBasic) -> None:
    assert basic.identify(header("åke", "smörgås")).user_id == "åke"


def test_the_scheme_may_be_written_in_any_case(basic: HttpBasic) -> None:
    assert basic.identify(header("ulla", "pass:word", "bAsIc")).user_id == "ulla"


def test_every_user_has_the_roles_that_policies_ask_for(basic: HttpBasic) -> None:
    assert basic.identify(header("ulla", "pass:word")).roles == {"admin", "member", "reader"}


def test_no_user_has_a_project(basic: HttpBasic) -> None:
    assert basic.identify(header("ulla", "pass:word")).project_id is None


@pytest.mark.parametrize(
    ("name", "password", "admin"), [("ulla", "pass:word", True), ("åke", "smörgås", False)]
)
def test_an_administrator_is_whom_the_policy_says(
    basic: HttpBasic, name: str, password: str, admin: bool
) -> None:
    assert basic.identify(header(name, password)).is_admin is admin


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_wrong_password_is_refused_each_time(basic: HttpBasic, attempt: int) -> None:
    for _ in range(attempt):
        with pytest.raises(Unauthenticated):
            basic.identify(header("ulla", "guess"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_AUTHORIZATION": ""},
        {"HTTP_AUTHORIZATION": "Basic"},
        {"HTTP_AUTHORIZATION": "Basic !!!"},
        {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"ulla").decode()},
        {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
        header("ulla", "pass:word", "Bearer"),
        header("nobody", "pass:word"),
        header("", ""),
        header("ulla", "x" * 100),
        header("ulla", "a\0b"),
        header("# who may come in", ""),
    ],
)
def test_everything_else_is_refused(basic: HttpBasic, headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        basic.identify(headers)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(codec="latin-1")))
def test_no_header_whatever_breaks_it(basic: HttpBasic, text: str) -> None:
    with pytest.raises(Unauthenticated):
        basic.identify({"HTTP_AUTHORIZATION": f"Basic {text}"})


def test_nobody_is_let_in_by_an_empty_file(tmp_path: Path) -> None:
    file = tmp_path / "htpasswd"
    file.write_text("")
    with pytest.raises(Unauthenticated):
        HttpBasic(str(file), lambda caller: True).identify(header("", ""))


def test_a_password_once_proven_costs_no_more_bcrypt(tmp_path: Path) -> None:
    file = tmp_path / "htpasswd"
    file.write_text(f"ulla:{bcrypt.hashpw(b'word', bcrypt.gensalt(10)).decode()}")
    basic = HttpBasic(str(file), lambda caller: True)

    def seconds() -> float:
        start = time.perf_counter()
        basic.identify(header("ulla", "word"))
        return time.perf_counter() - start

    first = seconds()
    later = statistics.median(seconds() for _ in range(9))

    assert later < first / 20


def test_a_password_changed_in_the_file_counts_at_once(basic: HttpBasic, file: Path) -> None:
    basic.identify(header("ulla", "pass:word"))

    file.write_text(line("ulla", "another"))

    with pytest.raises(Unauthenticated):
        basic.identify(header("ulla", "pass:word"))


def test_a_user_added_to_the_file_is_let_in_at_once(basic: HttpBasic, file: Path) -> None:
    file.write_text(file.read_text() + line("eve", "word"))
    assert basic.identify(header("eve", "word")).user_id == "eve"


def test_nobody_is_let_in_once_the_file_is_gone(basic: HttpBasic, file: Path) -> None:
    basic.identify(header("ulla", "pass:word"))

    os.unlink(file)

    with pytest.raises(Unauthenticated):
        basic.identify(header("ulla", "pass:word"))


def test_a_line_broken_later_shuts_out_its_user_alone(basic: HttpBasic, file: Path) -> None:
    file.write_text("ulla:plain\n" + line("eve", "word"))
    assert basic.identify(header("eve", "word")).user_id == "eve"


def test_the_service_does_not_start_without_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="http_basic_auth_user_file"):
        HttpBasic(str(tmp_path / "missing"), lambda caller: True)


def test_the_service_does_not_start_with_passwords_that_are_not_by_bcrypt(file: Path) -> None:
    file.write_text("ulla:{SHA}Ys23Ag/5IOWqZCw9QGaVDdHwH00=")
    with pytest.raises(BadConfiguration, match="ulla"):
        HttpBasic(str(file), lambda caller: True)


def test_the_refusal_to_start_shows_no_password(file: Path) -> None:
    file.write_text("ulla:plain")
    with pytest.raises(BadConfiguration) as caught:
        HttpBasic(str(file), lambda caller: True)
    assert "plain" not in str(caught.value)


def answered(basic: HttpBasic, status: str) -> list[tuple[str, str]]:
    """Return the headers of an answer of the wrapped application."""
    sent: list[tuple[str, str]] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [("X-Of-App", "1")])
        return [b""]

    def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        sent.extend(headers)
        return lambda data: None

    list(basic.wrap(app)({}, start))
    return sent


def test_a_refusal_asks_for_a_password(basic: HttpBasic) -> None:
    assert dict(answered(basic, "401 Unauthorized"))["WWW-Authenticate"].startswith("Basic ")


def test_other_answers_pass_as_they_are(basic: HttpBasic) -> None:
    assert answered(basic, "200 OK") == [("X-Of-App", "1")]

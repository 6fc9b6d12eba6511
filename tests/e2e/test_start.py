"""Starting and stopping: what keeps the service from starting, and what it goes on with."""

import os
import signal
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest
from sqlalchemy import inspect

from tests.databases import KINDS, blank_url
from tests.e2e.api import Api, member_of
from tests.service import Options, Service, free_port, run, wait_until
from tintype.adapters.database.engine import make_engine

PROMPT_S = 10
"""More than anything here takes, and far less than `graceful_timeout`."""


class FreshService(Service):
    """A service whose processes import everything themselves, as its users' do."""

    imported = False


# ---------------------------------------------------------------------- refusals

WRONG: dict[str, tuple[Options, str, str]] = {
    "noauth for the whole network": (
        {"DEFAULT": {"bind_host": "0.0.0.0"}},
        "bind_host",
        "can be reached from other machines, and without authentication everyone who connects "
        "may do everything",
    ),
    "a word for a number": ({"DEFAULT": {"workers": "many"}}, "workers", "many"),
    "a number out of range": (
        {"DEFAULT": {"image_size_cap": "0"}},
        "image_size_cap",
        "greater than or equal to 1",
    ),
    "an unknown choice": ({"DEFAULT": {"auth_strategy": "trust"}}, "auth_strategy", "trust"),
    "an unknown default store": (
        {
            "DEFAULT": {"enabled_backends": "fast:file"},
            "glance_store": {"default_backend": "slow"},
            "fast": {"filesystem_store_datadir": "/nonexistent"},
        },
        "default_backend",
        "slow",
    ),
    "no default store": ({"DEFAULT": {"enabled_backends": "a:file,b:file"}}, "default_backend", ""),
    "an unknown type of store": (
        {"DEFAULT": {"enabled_backends": "a:tape"}, "glance_store": {"default_backend": "a"}},
        "enabled_backends",
        "tape",
    ),
    "a database of an unknown kind": ({"database": {"connection": "dbase:///x"}}, "connection", ""),
    "a user file that is not there": (
        {
            "DEFAULT": {"auth_strategy": "http_basic"},
            "oslo_middleware": {"http_basic_auth_user_file": "/nonexistent/htpasswd"},
        },
        "http_basic_auth_user_file",
        "/nonexistent/htpasswd",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_the_configuration_stops_the_start_with_a_sentence_that_names_it(
    tmp_path: Path, mistake: str
) -> None:
    options, option, why = WRONG[mistake]
    service = Service(tmp_path, options)

    ended = run(*service.command[1:])

    assert ended.returncode not in (0, None)
    assert is_one_sentence(ended.stderr)
    assert option in ended.stderr
    assert why in ended.stderr


def test_a_missing_configuration_file_stops_the_start_with_a_sentence_that_names_it(
    tmp_path: Path,
) -> None:
    file = str(tmp_path / "nowhere.conf")

    ended = run("serve", "--config-file", file, "--state-dir", str(tmp_path / "state"))

    assert ended.returncode != 0
    assert is_one_sentence(ended.stderr)
    assert "--config-file" in ended.stderr
    assert file in ended.stderr


def test_a_database_that_does_not_answer_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/none"
    service = Service(tmp_path, {"database": {"connection": url}})

    ended = run(*service.command[1:])

    assert ended.returncode != 0
    assert is_one_sentence(ended.stderr)
    assert "database" in ended.stderr
    assert "secret" not in ended.stderr


def test_a_port_that_is_taken_stops_the_start_with_the_reason(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        service = Service(tmp_path, {"DEFAULT": {"bind_port": other.getsockname()[1]}})

        ended = run(*service.command[1:])

    assert ended.returncode != 0
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def is_one_sentence(text: str) -> bool:
    """Tell whether this is a line for a reader, and no traceback."""
    return text.startswith("Error: ") and text.rstrip().count("\n") == 0


# ---------------------------------------------------------------------- start and stop


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Run a service as `tintype serve --state-dir` does."""
    with FreshService(tmp_path) as service:
        yield service


def test_the_first_answer_comes_within_seconds_and_the_url_is_printed(tmp_path: Path) -> None:
    service = FreshService(tmp_path)

    begun = time.monotonic()
    with service:
        seconds = time.monotonic() - begun

        print(f"start to first answer: {seconds:.2f} s")
        assert seconds < PROMPT_S
        assert service.url in service.output
        assert "openstack --os-auth-type none --os-endpoint" in service.output


def test_ctrl_c_ends_it_with_status_0(service: Service) -> None:
    assert service.interrupt() == 0


def test_ctrl_c_in_a_terminal_which_reaches_all_processes_ends_it_with_status_0(
    service: Service,
) -> None:
    wait_until(lambda: len(service.workers) == 2, "both processes have started")

    os.killpg(service.processes[0], signal.SIGINT)

    assert service.stop() == 0
    assert "Traceback" not in service.output


def test_a_client_that_keeps_an_idle_connection_does_not_delay_the_end(service: Service) -> None:
    api = Api(service.url)
    with api.connection() as connection:
        connection.request("GET", "/v2/images")
        connection.getresponse().read()

        begun = time.monotonic()
        service.interrupt()
        seconds = time.monotonic() - begun

    assert seconds < PROMPT_S


def test_a_second_start_goes_on_with_the_same_images(service: Service) -> None:
    api = Api(service.url)
    image_id = api.create(name="lasting", tags=["kept"])["id"]
    api.upload(image_id, b"lasting bytes").expect(204)
    before = api.show(image_id)

    service.interrupt()
    service.start()

    assert api.show(image_id) == before
    assert api.download(image_id).body == b"lasting bytes"


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_start_that_is_killed_does_not_hinder_the_next(tmp_path: Path, kind: str) -> None:
    with blank_url(kind) as url:
        service = Service(tmp_path, {"database": {"connection": url}})
        service.launch()
        wait_until(lambda: has_tables(url), "the schema is being made")
        service.kill()

        with service:
            api = Api(service.url)
            assert api.status(api.create()["id"]) == "queued"


def has_tables(url: str) -> bool:
    """Tell whether there is any table in a database."""
    engine = make_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


# ---------------------------------------------------------------------- identity


@pytest.fixture
def behind_a_proxy(tmp_path: Path) -> Iterator[str]:
    """Run a service that believes identity headers, and give its URL."""
    options = {"DEFAULT": {"auth_strategy": "trusted_headers", "bind_host": "0.0.0.0"}}
    with Service(tmp_path, options) as service:
        yield service.url


def test_trusted_headers_tell_projects_apart(behind_a_proxy: str) -> None:
    image_id = Api(behind_a_proxy, member_of("ours")).create()["id"]

    assert Api(behind_a_proxy, member_of("ours")).status(image_id) == "queued"
    assert Api(behind_a_proxy, member_of("theirs")).status(image_id) == "gone"


def test_without_trusted_headers_nobody_gets_in(behind_a_proxy: str) -> None:
    assert Api(behind_a_proxy).request("GET", "/v2/images").status == 401


@pytest.fixture
def with_passwords(tmp_path: Path) -> Iterator[str]:
    """Run a service that asks for a password, and give its URL."""
    users = tmp_path / "htpasswd"
    crypted = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4, prefix=b"2b"))
    users.write_bytes(b"ann:" + crypted + b"\n")
    options: Options = {
        "DEFAULT": {"auth_strategy": "http_basic"},
        "oslo_middleware": {"http_basic_auth_user_file": users},
    }
    with Service(tmp_path / "service", options) as service:
        yield service.url


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header that proves to know a password."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def test_the_right_password_lets_in(with_passwords: str) -> None:
    api = Api(with_passwords, basic("ann", "correct horse"))

    assert api.status(api.create()["id"]) == "queued"


def test_a_wrong_password_is_refused_with_a_challenge(with_passwords: str) -> None:
    answer = Api(with_passwords, basic("ann", "battery staple")).request("GET", "/v2/images")

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")

"""The middleware in front of an application that says whom it took the caller for."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from oslo_config import cfg

from tintype.adapters.identity.keystone import Keystone
from tintype.adapters.identity.trusted_headers import TrustedHeaders
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration, IdentityUnavailable, Unauthenticated

CLOSED = "http://127.0.0.1:9"
FORGED = {
    "HTTP_X_IDENTITY_STATUS": "Confirmed",
    "HTTP_X_USER_ID": "mallory",
    "HTTP_X_PROJECT_ID": "p",
    "HTTP_X_TENANT": "p",
    "HTTP_X_ROLES": "admin",
    "HTTP_X_ROLE": "admin",
    "HTTP_X_SERVICE_ROLES": "service",
    "HTTP_OPENSTACK_SYSTEM_SCOPE": "all",
}


def a_token(*roles: str, **scope: Any) -> dict[str, Any]:
    expiry = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "user": {"id": "u1", "name": "ulla", "domain": {"id": "default", "name": "Default"}},
        "roles": [{"id": role, "name": role} for role in roles],
        "methods": ["password"],
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": expiry,
        **scope,
    }


PROJECT = {"project": {"id": "p1", "name": "demo", "domain": {"id": "default", "name": "Default"}}}
TOKENS = {
    "member": a_token("Member", "reader", **PROJECT),
    "domain": a_token("admin", domain={"id": "d1", "name": "corner"}),
    "system": a_token("admin", system={"all": True}),
    "service": a_token("service", **PROJECT),
}

REFUSALS = {"of a server that breaks": 500, "of a server that does not know us": 401}
"""What is answered to the question about a token, without a word about the token."""


class TokenService(BaseHTTPRequestHandler):
    """As much of Keystone as it takes to look tokens up."""

    def do_GET(self) -> None:
        if self.path.rstrip("/").endswith("/auth/tokens"):
            name = self.headers["X-Subject-Token"]
            status = REFUSALS.get(name, 200 if name in TOKENS else 404)
            self.answer(status, {"token": TOKENS.get(name)})
        else:
            url = f"http://{self.headers['Host']}/v3/"
            version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": url}]}
            self.answer(200, {"version": version})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def keystone_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenService)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v3"
    server.shutdown()
    thread.join()
    server.server_close()


def a_configuration(url: str, directory: Path, auth_type: str = "admin_token") -> cfg.ConfigOpts:
    ini = directory / "tintype.conf"
    ini.write_text(
        "[keystone_authtoken]\n"
        f"www_authenticate_uri = {url}\n"
        f"auth_type = {auth_type}\n"
        f"endpoint = {url}\n"
        "token = of-the-image-service\n"
        "service_token_roles_required = true\n"
        "http_connect_timeout = 5\n"
        "http_request_max_retries = 0\n"
    )
    conf = cfg.ConfigOpts()
    conf([], project="tintype", default_config_files=[str(ini)], default_config_dirs=[])
    return conf


Asking = Callable[..., Caller | str]


def asking(conf: cfg.ConfigOpts) -> Asking:
    """Return what sends a request and gives the caller, or the challenge of a refusal."""
    identity = Keystone(conf, TrustedHeaders(lambda caller: "admin" in caller.roles))
    seen: list[Caller] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            seen.append(identity.identify(environ))
        except Unauthenticated:
            start_response("401 Unauthorized", [("Content-Length", "0")])
        else:
            start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    wrapped: WSGIApplication = identity.wrap(app)

    def ask(**headers: str) -> Caller | str:
        challenges: list[str] = []

        def start(status: str, sent: list[tuple[str, str]], *exc_info: Any) -> Any:
            challenges.extend(value for name, value in sent if name == "WWW-Authenticate")
            return lambda data: None

        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "t", **headers}
        environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1"}
        list(wrapped(environ, start))
        return seen.pop() if seen else ",".join(challenges)

    return ask


@pytest.fixture(scope="module")
def ask(keystone_url: str, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return asking(a_configuration(keystone_url, tmp_path_factory.mktemp("keystone")))


@pytest.fixture(scope="module")
def ask_without_keystone(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return asking(a_configuration(CLOSED, tmp_path_factory.mktemp("closed")))


def test_without_a_token_nobody_is_let_in(ask_without_keystone: Asking) -> None:
    assert isinstance(ask_without_keystone(), str)


def test_a_refusal_names_keystone(ask_without_keystone: Asking) -> None:
    assert ask_without_keystone() == f'Keystone uri="{CLOSED}"'


def test_headers_that_the_client_made_up_let_nobody_in(ask_without_keystone: Asking) -> None:
    assert isinstance(ask_without_keystone(**FORGED), str)


@pytest.mark.parametrize("header", ["HTTP_X_AUTH_TOKEN", "HTTP_X_SERVICE_TOKEN"])
def test_while_keystone_is_away_no_token_is_called_wrong(
    ask_without_keystone: Asking, header: str
) -> None:
    with pytest.raises(IdentityUnavailable):
        ask_without_keystone(**{header: "member", **FORGED})


@pytest.mark.parametrize("token", REFUSALS)
def test_a_keystone_that_refuses_the_question_is_as_good_as_away(ask: Asking, token: str) -> None:
    with pytest.raises(IdentityUnavailable):
        ask(HTTP_X_AUTH_TOKEN=token)


def test_a_token_that_keystone_does_not_know_lets_nobody_in(ask: Asking) -> None:
    assert isinstance(ask(HTTP_X_AUTH_TOKEN="stale"), str)


@pytest.fixture
def member() -> Caller:
    return Caller(
        user_id="u1",
        project_id="p1",
        roles=frozenset({"member", "reader"}),
        user_name="ulla",
        project_name="demo",
        user_domain_id="default",
        user_domain_name="Default",
        project_domain_id="default",
        project_domain_name="Default",
        auth_token="member",
    )


def test_the_token_says_who_the_caller_is(ask: Asking, member: Caller) -> None:
    assert ask(HTTP_X_AUTH_TOKEN="member") == member


def test_the_token_says_so_whatever_the_client_makes_up(ask: Asking, member: Caller) -> None:
    assert ask(HTTP_X_AUTH_TOKEN="member", **FORGED) == member


def test_a_token_for_a_domain_shows_as_such(ask: Asking) -> None:
    caller = ask(HTTP_X_AUTH_TOKEN="domain")
    assert isinstance(caller, Caller)
    assert (caller.domain_id, caller.project_id) == ("d1", None)


def test_a_token_for_the_system_shows_as_such(ask: Asking) -> None:
    caller = ask(HTTP_X_AUTH_TOKEN="system")
    assert isinstance(caller, Caller)
    assert caller.system_scope == "all"


def test_a_service_token_lends_its_roles(ask: Asking) -> None:
    caller = ask(HTTP_X_AUTH_TOKEN="member", HTTP_X_SERVICE_TOKEN="service")
    assert isinstance(caller, Caller)
    assert caller.service_roles == {"service"}


def test_a_service_token_does_not_hide_that_the_token_is_for_the_system(ask: Asking) -> None:
    caller = ask(HTTP_X_AUTH_TOKEN="system", HTTP_X_SERVICE_TOKEN="service")
    assert isinstance(caller, Caller)
    assert caller.system_scope == "all"


def test_another_users_token_is_no_service_token(ask: Asking) -> None:
    caller = ask(HTTP_X_AUTH_TOKEN="member", HTTP_X_SERVICE_TOKEN="domain")
    assert isinstance(caller, Caller)
    assert caller.service_roles == frozenset()


def test_a_body_is_handed_on_as_it_is(tmp_path: Path) -> None:
    # The server sends files by itself, if it gets what it made of them for the purpose.
    body = iter([b"bytes"])

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return body

    identity = Keystone(a_configuration(CLOSED, tmp_path), TrustedHeaders(lambda caller: False))

    answer = identity.wrap(app)({"REQUEST_METHOD": "GET"}, lambda *args: lambda data: None)

    assert answer is body


def test_the_service_does_not_start_with_a_way_to_authenticate_that_is_none(
    tmp_path: Path,
) -> None:
    conf = a_configuration(CLOSED, tmp_path, auth_type="carrier_pigeon")
    with pytest.raises(BadConfiguration, match="carrier_pigeon"):
        asking(conf)

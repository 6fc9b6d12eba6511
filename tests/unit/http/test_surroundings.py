"""What stands between the server and the application: identity, proxies, pages of other sites."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from falcon import testing

from tests.unit.http.service import OWNER, TWO_STORES, Answer, Service
from tintype.entrypoints.http.wsgi import surrounded

KEYSTONE = """
    [DEFAULT]
    auth_strategy = keystone
    enabled_backends = ram:memory
    {defaults}
    [glance_store]
    default_backend = ram
    [keystone_authtoken]
    www_authenticate_uri = {url}
    auth_type = admin_token
    endpoint = {url}
    token = of-the-image-service
    http_connect_timeout = 5
    http_request_max_retries = 0
"""
ORIGIN = "https://dashboard.example"


class Whole:
    """A service with everything around it."""

    def __init__(self, folder: Path, text: str = TWO_STORES, *defaults: str) -> None:
        service = Service.configured(folder, text, *defaults)
        container = service.container
        app = surrounded(container.application(), container.identity(), container.conf())
        # The simulation looks at the signature of what it calls, and WebOb's has none.
        self.app: WSGIApplication = lambda environ, start: app(environ, start)

    def ask(self, method: str, path: str, headers: Mapping[str, str], **environ: Any) -> Answer:
        """Send a request."""
        result = testing.simulate_request(
            self.app, method, path, headers=dict(headers), extras=environ
        )
        return Answer(result.status_code, result.headers, result.content)


# ---------------------------------------------------------------------- identity


@pytest.fixture
def without_keystone(tmp_path: Path) -> Whole:
    """The service where nobody answers at the address of Keystone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Whole(tmp_path, KEYSTONE.replace("{url}", f"http://127.0.0.1:{port}/v3"))


TOKEN = {"X-Auth-Token": "some"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        *(("/v2/images", TOKEN, 503), ("/v2/images", {}, 401), ("/versions", TOKEN, 200)),
        *(("/", TOKEN, 300), ("/healthcheck", TOKEN, 200)),
    ],
)
def test_without_keystone_only_those_are_refused_whom_it_would_know(
    without_keystone: Whole, path: str, headers: Mapping[str, str], status: int
) -> None:
    assert without_keystone.ask("GET", path, headers).status == status


def test_that_keystone_is_away_is_told_in_our_form(without_keystone: Whole) -> None:
    answer = without_keystone.ask("GET", "/v2/images", TOKEN)
    told = answer.json["error"]
    assert (told["code"], answer.headers["Content-Type"]) == (503, "application/json")
    assert "identity service" in told["message"]


class Broken:
    """A way to identify callers that has a fault."""

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """Return what always fails."""

        def fail(environ: Any, start: Any) -> Any:
            raise RuntimeError("the password is swordfish")

        return fail


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_a_fault_in_identity_is_answered_in_our_form(
    tmp_path: Path, accept: str, expected: str
) -> None:
    whole = Whole(tmp_path)
    whole.app = surrounded(
        whole.app,
        Broken(),  # type: ignore[arg-type]
        Service.configured(tmp_path).container.conf(),
    )
    answer = whole.ask("GET", "/v2/images", {"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (500, expected)
    assert b"swordfish" not in answer.body


# ---------------------------------------------------------------------- proxies


def location(whole: Whole, headers: Mapping[str, str]) -> str:
    """Return where a new image is said to be."""
    result = testing.simulate_post(
        whole.app, "/v2/images", body=json.dumps({}), headers={**OWNER, **headers}
    )
    assert result.status_code == 201
    return str(result.headers["Location"])


@pytest.mark.parametrize(
    ("option", "begin"),
    [("true", "https://images.example/v2/"), ("false", "http://falconframework.org/v2/")],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "images.example"},
        {"Forwarded": "for=192.0.2.1;proto=https;host=images.example"},
    ],
    ids=["X-Forwarded", "Forwarded"],
)
def test_a_proxy_says_where_the_service_is_if_it_is_believed(
    tmp_path: Path, option: str, begin: str, headers: Mapping[str, str]
) -> None:
    believed = f"[oslo_middleware]\nenable_proxy_headers_parsing = {option}"
    whole = Whole(tmp_path, TWO_STORES, believed)
    links = whole.ask("GET", "/versions", headers).json["versions"][0]["links"]
    assert location(whole, headers).startswith(begin)
    assert links[0]["href"] == begin


# ---------------------------------------------------------------------- other sites


@pytest.fixture
def shared(tmp_path: Path) -> Whole:
    """The service, for the pages of one other site."""
    return Whole(tmp_path, TWO_STORES, f"[cors]\nallowed_origin = {ORIGIN}")


ALLOWED = "Access-Control-Allow-Origin"


@pytest.mark.parametrize(
    ("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://evil.example", None), (None, None)]
)
@pytest.mark.parametrize(("path", "status"), [("/v2/images", 200), ("/v2/x", 404), ("/", 300)])
def test_the_pages_of_the_site_may_read_what_all_are_answered(
    shared: Whole, origin: str | None, allowed: str | None, path: str, status: int
) -> None:
    headers = {**OWNER, **({} if origin is None else {"Origin": origin})}
    answer = shared.ask("GET", path, headers)
    assert (answer.status, answer.headers.get(ALLOWED)) == (status, allowed)


@pytest.mark.parametrize(
    "name",
    [
        *("X-OpenStack-Request-ID", "Location", "ETag", "Content-Range"),
        *("OpenStack-image-store-ids", "OpenStack-image-import-task-id"),
    ],
)
def test_the_pages_of_the_site_may_read_our_headers(shared: Whole, name: str) -> None:
    answer = shared.ask("GET", "/v2/images", {**OWNER, "Origin": ORIGIN})
    assert name in answer.headers["Access-Control-Expose-Headers"].split(",")


@pytest.mark.parametrize(
    ("origin", "method", "header", "allowed"),
    [
        (ORIGIN, "PATCH", "If-Match", True),
        (ORIGIN, "DELETE", "X-Auth-Token", True),
        (ORIGIN, "BREW", "X-Auth-Token", False),
        (ORIGIN, "GET", "X-Unheard-Of", False),
        ("https://evil.example", "GET", "X-Auth-Token", False),
    ],
)
def test_a_browser_learns_beforehand_what_is_allowed(
    shared: Whole, origin: str, method: str, header: str, allowed: bool
) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": header,
    }
    # Not simulated: the library's answer has no Content-Type, which the simulation misses.
    answer = testing.StartResponseMock()
    list(shared.app(testing.create_environ("/v2/images", method="OPTIONS", headers=asked), answer))
    told = (answer.status, answer.headers_dict.get(ALLOWED))
    assert told == ("200 OK", origin if allowed else None)


def test_without_a_site_nothing_is_said(tmp_path: Path) -> None:
    answer = Whole(tmp_path).ask("GET", "/v2/images", {**OWNER, "Origin": ORIGIN})
    assert answer.headers.get(ALLOWED) is None

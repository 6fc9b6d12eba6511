"""As much of Keystone as unified limits need, over real HTTP on the loopback interface."""

import atexit
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oslo_config import cfg

from tintype.entrypoints.config import new_config

ENDPOINT = {"id": "the-endpoint", "service_id": "images", "region_id": None, "region": None}
SERVICE = {"id": "images", "name": "tintype", "type": "image"}
USER, PASSWORD = "tintype", "a password"


@dataclass
class Keystone:
    """Limits as an operator registered them, and what was asked for.

    `projects` has limits of single projects by their ids. `failing` is a status that every
    question about limits is answered with instead.
    """

    registered: dict[str, int] = field(default_factory=dict)
    projects: dict[str, dict[str, int]] = field(default_factory=dict)
    failing: int | None = None
    model: str = "flat"
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def options(self, **other: object) -> Mapping[str, object]:
        """Return the section `[oslo_limit]` of a service that asks here."""
        return {
            "auth_type": "password",
            "auth_url": self.url,
            "username": USER,
            "password": PASSWORD,
            "user_domain_id": "default",
            "system_scope": "all",
            "endpoint_id": ENDPOINT["id"],
            **other,
        }

    def limit(self, limits: Mapping[str, int], project: str | None = None) -> None:
        """Register limits, or set those of a project."""
        target = self.registered if project is None else self.projects.setdefault(project, {})
        target.update(limits)

    # ------------------------------------------------------------------ answers

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        """Return status and body for a GET."""
        self.asked.append(path)
        if path in ("", "/", "/v3", "/v3/"):
            return 200, {"version": self._version()}
        if self.failing is not None:
            return self.failing, {"error": {"code": self.failing, "message": "as the test wants"}}
        if path == "/v3/limits/model":
            return 200, {"model": {"name": self.model, "description": ""}}
        if path == "/v3/limits":
            found = self.projects.get(query.get("project_id", [""])[0], {})
            return 200, {"limits": [_limit(name, "resource_limit", n) for name, n in found.items()]}
        if path == "/v3/registered_limits":
            every = [_limit(name, "default_limit", n) for name, n in self.registered.items()]
            return 200, {"registered_limits": every}
        if path == f"/v3/endpoints/{ENDPOINT['id']}":
            return 200, {"endpoint": ENDPOINT}
        if path == "/v3/services":
            wanted = query.get("type", [SERVICE["type"]])[0]
            return 200, {"services": [SERVICE] if wanted == SERVICE["type"] else []}
        if path == "/v3/endpoints":
            return 200, {"endpoints": [ENDPOINT]}
        return 404, {"error": {"code": 404, "message": f"no such thing as {path}"}}

    def _version(self) -> Any:
        links = [{"rel": "self", "href": f"{self.url}/v3/"}]
        return {"id": "v3.14", "status": "stable", "links": links, "media-types": []}

    def token(self, request: Any) -> tuple[int, Any]:
        """Return status and body for a request for a token."""
        password = request["auth"]["identity"]["password"]["user"]["password"]
        if password != PASSWORD:
            return 401, {"error": {"code": 401, "message": "wrong password"}}
        now = datetime.now(UTC)
        identity = {"id": "keystone", "type": "identity", "name": "keystone"}
        urls = [
            {"id": name, "interface": name, "region_id": "r", "region": "r", "url": self.url}
            for name in ("public", "internal", "admin")
        ]
        return 201, {
            "token": {
                "methods": ["password"],
                "issued_at": now.isoformat(),
                "expires_at": (now + timedelta(hours=1)).isoformat(),
                "user": {"id": "u", "name": USER, "domain": {"id": "default", "name": "Default"}},
                "system": {"all": True},
                "roles": [{"id": "r", "name": "reader"}],
                "catalog": [{**identity, "endpoints": urls}],
            }
        }


def _limit(name: str, key: str, value: int) -> Mapping[str, object]:
    return {"id": name, "resource_name": name, key: value, **_SCOPE}


_SCOPE = {"service_id": SERVICE["id"], "region_id": None, "description": None}


@contextmanager
def serving(keystone: Keystone, port: int = 0) -> Iterator[Keystone]:
    """Let it answer on a port of the loopback interface, for the time of a block."""
    handler = type("Handler", (_Handler,), {"keystone": keystone})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        keystone.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield keystone
        finally:
            server.shutdown()
            thread.join()


@cache
def shared() -> Keystone:
    """Return the one Keystone of this process: oslo.limit asks no second one."""
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(serving(Keystone()))


def blank() -> Keystone:
    """Return the shared Keystone with nothing registered and nothing asked yet."""
    keystone = shared()
    keystone.registered, keystone.projects, keystone.failing = {}, {}, None
    keystone.asked.clear()
    return keystone


def configured(keystone: Keystone, folder: Path) -> cfg.ConfigOpts:
    """Return the configuration of a service that asks it."""
    file = folder / "tintype.conf"
    lines = (f"{name} = {value}" for name, value in keystone.options().items())
    file.write_text("\n".join(["[oslo_limit]", *lines]))
    return new_config([str(file)])


class _Handler(BaseHTTPRequestHandler):
    keystone: Keystone

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._send(*self.keystone.answer(parts.path, parse_qs(parts.query)))

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(*self.keystone.token(request), {"X-Subject-Token": "a token"})

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass

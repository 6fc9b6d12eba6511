"""Users, projects and endpoints of a real Keystone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.api import Answer, Api
from tests.real_keystone import PASSWORD, RealKeystone

HOUR_S = 3600
REGION = "RegionOne"


@dataclass(frozen=True)
class Account:
    """A user who has roles in a project, and its password."""

    keystone: str
    user: str
    password: str
    project: str
    project_id: str

    @property
    def options(self) -> Mapping[str, str]:
        """What the clients' libraries need to know to log in."""
        return {
            "auth_url": self.keystone,
            "username": self.user,
            "password": self.password,
            "user_domain_id": "default",
            "project_name": self.project,
            "project_domain_id": "default",
        }

    @property
    def environment(self) -> Mapping[str, str]:
        """What the clients' commands need to know to log in."""
        variables = {f"OS_{name.upper()}": value for name, value in self.options.items()}
        return variables | {"OS_IDENTITY_API_VERSION": "3", "OS_REGION_NAME": REGION}

    def token(self, lifetime_s: int = HOUR_S, scope: Mapping[str, Any] | None = None) -> str:
        """Return a new token, for the project if no other scope is given."""
        user = {"name": self.user, "domain": {"id": "default"}, "password": self.password}
        return new_token(
            self.keystone,
            {"methods": ["password"], "password": {"user": user}},
            lifetime_s,
            scope or {"project": {"id": self.project_id}},
        )

    def api(self, url: str) -> Api:
        """Return a client of the Images API with a new token."""
        return Api(url, {"X-Auth-Token": self.token()})


def new_token(
    keystone: str,
    identity: Mapping[str, Any],
    lifetime_s: int = HOUR_S,
    scope: Mapping[str, Any] | None = None,
) -> str:
    """Log in at Keystone and return the token."""
    auth = {"identity": identity, **({"scope": scope} if scope else {})}
    headers = {"Content-Type": "application/json", "X-Token-Lifetime": str(lifetime_s)}
    body = json.dumps({"auth": auth}).encode()
    answer = Api(keystone).request("POST", "/v3/auth/tokens", body, headers).expect(201)
    return answer.headers["x-subject-token"]


def _of(service_id: str) -> Mapping[str, str]:
    return {"service_id": service_id, "region_id": REGION}


class Cloud:
    """What an operator makes in Keystone."""

    def __init__(self, keystone: RealKeystone) -> None:
        self.keystone = keystone
        self._token = Account(keystone.url, "admin", PASSWORD, "admin", "").token(
            scope={"system": {"all": True}}
        )
        self.admin = Account(
            keystone.url, "admin", PASSWORD, "admin", self._find("project", "admin")
        )
        self.offer("identity", keystone.url)

    def project(self, name: str) -> str:
        """Make a project and return its id."""
        return self._make("project", name=name, domain_id="default")

    def user(self, name: str, project: str, *roles: str) -> Account:
        """Make a user, and a project if there is none of that name, and grant roles in it."""
        password = f"of-{name}"
        user_id = self._make("user", name=name, password=password, domain_id="default")
        project_id = self._find("project", project) or self.project(project)
        for role in roles:
            role_id = self._find("role", role)
            path = f"/v3/projects/{project_id}/users/{user_id}/roles/{role_id}"
            self.ask("PUT", path).expect(204)
        return Account(self.keystone.url, name, password, project, project_id)

    def let_read_limits(self, account: Account) -> None:
        """Let somebody read the limits of every project."""
        user_id, role_id = self._find("user", account.user), self._find("role", "reader")
        self.ask("PUT", f"/v3/system/users/{user_id}/roles/{role_id}").expect(204)

    def limit(self, service_id: str, **limits: int) -> None:
        """Register what each project may have of the resources of a service."""
        wanted = [
            {**_of(service_id), "resource_name": name, "default_limit": limit}
            for name, limit in limits.items()
        ]
        self.ask("POST", "/v3/registered_limits", {"registered_limits": wanted}).expect(201)

    def limit_project(self, project_id: str, service_id: str, **limits: int) -> None:
        """Say what one project may have instead."""
        wanted = [
            {
                **_of(service_id),
                "project_id": project_id,
                "resource_name": name,
                "resource_limit": limit,
            }
            for name, limit in limits.items()
        ]
        self.ask("POST", "/v3/limits", {"limits": wanted}).expect(201)

    def offer(self, service_type: str, url: str) -> tuple[str, str]:
        """Put a service into the catalogue; return its id, and that of its public endpoint."""
        service_id = self._make("service", type=service_type, name=f"the {service_type} service")
        place = {"service_id": service_id, "url": url, "region": REGION}
        self._make("endpoint", interface="internal", **place)
        return service_id, self._make("endpoint", interface="public", **place)

    def knows(self, token: str) -> bool:
        """Tell whether Keystone takes a token for valid."""
        headers = {"X-Subject-Token": token}
        path = "/v3/auth/tokens"
        return self.ask("HEAD", path, headers=headers).expect(200, 404).status == 200

    def revoke(self, token: str) -> None:
        """Make a token invalid before its time."""
        self.ask("DELETE", "/v3/auth/tokens", headers={"X-Subject-Token": token}).expect(204)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request to Keystone as its administrator."""
        content = None if body is None else json.dumps(body).encode()
        given = {"X-Auth-Token": self._token, "Content-Type": "application/json"}
        url = self.keystone.url
        return Api(url).request(method, path, content, given | dict(headers or {}))

    def _make(self, kind: str, **attributes: Any) -> str:
        made = self.ask("POST", f"/v3/{kind}s", {kind: attributes}).expect(201)
        return str(made.json[kind]["id"])

    def _find(self, kind: str, name: str) -> str:
        found = self.ask("GET", f"/v3/{kind}s?name={name}").expect(200).json[f"{kind}s"]
        return str(found[0]["id"]) if found else ""


@dataclass(frozen=True)
class People:
    """The accounts of the tests: three in a project that owns images, and others."""

    member: Account
    reader: Account
    friend: Account
    stranger: Account
    service: Account
    nova: Account

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest

from tests.unit.adapters.policy.builders import MINE, THEIRS, a_caller, a_configuration, an_image
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser, credentials_of
from tintype.domain.location import Location


def overridden(directory: Path, policy: str) -> OsloAuthoriser:
    return OsloAuthoriser(a_configuration(directory, policy))


def test_a_rule_that_nothing_defines_allows_nothing(authoriser: OsloAuthoriser) -> None:
    assert not authoriser.allows(a_caller("admin"), "frobnicate_image", an_image())


def test_a_rule_that_only_the_file_defines_is_asked(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, "bill: role:accountant")
    assert authoriser.allows_target(a_caller("accountant"), "bill", {})


def test_a_rule_that_only_the_file_defines_is_for_projects_only(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, "bill: role:accountant")
    caller = a_caller("accountant", project_id=None, system_scope="all")
    assert not authoriser.allows_target(caller, "bill", {})


def test_a_rule_that_the_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, "delete_image: '!'")
    assert authoriser.allows(a_caller("member"), "modify_image", an_image())


def test_a_policy_file_may_be_json(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, '{"publicize_image": "role:member"}')
    assert authoriser.allows(a_caller("member"), "publicize_image", an_image())


def test_an_administrator_has_the_role_admin(authoriser: OsloAuthoriser) -> None:
    assert authoriser.is_admin(a_caller("admin"))


def test_a_member_is_no_administrator(authoriser: OsloAuthoriser) -> None:
    assert not authoriser.is_admin(a_caller("member", "reader"))


def test_the_flag_of_a_caller_does_not_make_it_an_administrator(
    authoriser: OsloAuthoriser,
) -> None:
    assert not authoriser.is_admin(a_caller("member", is_admin=True))


def test_nobody_is_an_administrator_where_the_policy_says_so(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, "context_is_admin: '!'")
    assert not authoriser.is_admin(a_caller("admin"))


def test_administrators_may_be_those_of_one_project(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, f"context_is_admin: role:admin and '{MINE}':%(project_id)s")
    assert not authoriser.is_admin(a_caller("admin", project_id=THEIRS))


@pytest.mark.parametrize(
    "check",
    [
        "'f00d':%(id)s and 'f00d':%(image_id)s",
        f"'{THEIRS}':%(owner)s and '{THEIRS}':%(project_id)s",
        "'shared':%(visibility)s and 'queued':%(status)s",
        "'golden':%(name)s",
        "'aki':%(container_format)s and 'raw':%(disk_format)s",
        "'7':%(min_disk)s and '0':%(min_ram)s and 'None':%(size)s",
        "True:%(protected)s and False:%(os_hidden)s",
        "tenant:%(member)s and project_id:%(member_id)s",
        "'alpine':%(os_distro)s",
        "role:%(os_distro)s_team",
        "user_id:%(made_by)s",
        "service_roles:%(made_for)s",
    ],
)
def test_a_policy_may_look_at(tmp_path: Path, check: str) -> None:
    authoriser = overridden(tmp_path, f'get_image: "{check}"')
    image = an_image(
        *(THEIRS, "shared"),
        name="golden",
        container_format="aki",
        disk_format="raw",
        min_disk=7,
        protected=True,
        properties={"os_distro": "alpine", "made_by": "ulla", "made_for": "nova"},
    )
    caller = a_caller("alpine_team", service_roles=frozenset({"nova"}))

    assert authoriser.allows(caller, "get_image", image)


def test_a_policy_may_not_look_at_locations(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, "get_image: \"not 'x':%(locations)s and x:%(locations)s\"")
    image = an_image(locations=[Location("file:///x")])
    assert not authoriser.allows(a_caller("admin"), "get_image", image)


def test_what_an_image_lacks_matches_nothing(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, 'get_image: "None:%(os_distro)s"')
    assert not authoriser.allows(a_caller("admin"), "get_image", an_image())


def test_a_policy_may_be_for_ownerless_images(tmp_path: Path) -> None:
    authoriser = overridden(tmp_path, 'delete_image: "role:janitor and None:%(owner)s"')
    assert authoriser.allows(a_caller("janitor"), "delete_image", an_image(None))


class PolicyServer(BaseHTTPRequestHandler):
    """Allows everything, and keeps what it was asked."""

    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append({name: json.loads(value) for name, [value] in form.items()})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"True")

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def policy_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), PolicyServer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_policy_server_is_told_rule_image_and_caller(tmp_path: Path, policy_server: str) -> None:
    rules = f'{{get_image: "rule:elsewhere", elsewhere: "{policy_server}/%(id)s"}}'
    authoriser = overridden(tmp_path, rules)
    image = an_image(properties={"os_distro": "alpine"})

    authoriser.allows(a_caller("member", auth_token="gAAAA-secret"), "get_image", image)

    asked = PolicyServer.asked.pop()
    assert (asked["rule"], asked["target"]["os_distro"], asked["credentials"]["roles"]) == (
        "get_image",
        "alpine",
        ["member"],
    )


def test_policies_never_learn_a_token() -> None:
    caller = a_caller("member", auth_token="gAAAA-secret")
    assert "gAAAA-secret" not in str(credentials_of(caller))


def test_nothing_of_a_caller_is_logged(
    authoriser: OsloAuthoriser, caplog: pytest.LogCaptureFixture
) -> None:
    caller = a_caller("member", auth_token="gAAAA-secret")
    with caplog.at_level(logging.DEBUG):
        authoriser.allows(caller, "get_image", an_image())
    assert caplog.text == ""

"""The service answers as its OpenAPI document says, whatever it is sent.

TINTYPE_OPENAPI_CASES is the number of requests to each operation; one that has not succeeded by
then gets as many again, a few times.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from falcon import testing
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import embed
from tintype.entrypoints.http.schemas.patch import V20, V21
from tintype.entrypoints.http.wsgi import assemble

CASES = int(os.environ.get("TINTYPE_OPENAPI_CASES", "20"))
PATIENCE = 5
CHECKS: list[Any] = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.allow_header_conformance,
    checks.unsupported_method,
]
PLAIN = {"Accept-Encoding": "identity"}  # the client in process does not unpack
OUT_OF_REACH = {
    "DELETE /v2/stores/{store}/{image_id}",
    "POST /v2/images/{image_id}/import",
    "POST /v2/images/{image_id}/locations",
    "GET /v2/tasks/{task_id}",
    "POST /v2/tasks/{task_id}/cancel",
    "POST /v2/tasks/{task_id}/retry",
}
"""Operations that never succeed here: it takes data in two stores, in staging, or elsewhere, or a
task that goes on or has failed."""

FORMATS = {"disk_format": "raw", "container_format": "bare"}


PATCHES = {
    V20: [{"add": "/color", "value": "red"}],
    V21: [{"op": "add", "path": "/color", "value": "red"}],
}

PROPERTY = {"type": "string", "title": "A property"}
HELD = {
    "properties": {"old-property": PROPERTY},
    "objects": [{"name": "old-object"}],
    "tags": [{"name": "old-tag"}],
    "resource_type_associations": [{"name": "old-type"}],
}
KINDS = {"objects": "object", "properties": "property", "tags": "tag", "resource_types": "type"}
ONE = "/v2/metadefs/namespaces/{namespace}"
DEFINITIONS = {
    f"PUT {ONE}": {"namespace": "renamed"},
    f"PUT {ONE}/objects/{{name}}": {"name": "new"},
    f"PUT {ONE}/properties/{{name}}": {"name": "new", **PROPERTY},
    f"PUT {ONE}/tags/{{name}}": {"name": "new"},
    f"POST {ONE}/tags": {"tags": [{"name": "new"}]},
}
"""Bodies that fit, by operation."""


@schemathesis.serializer(*PATCHES)
def as_json(_context: Any, value: Any) -> bytes:
    """Write a patch."""
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application on SQLite and files, without authentication."""
    folder = tmp_path_factory.mktemp("described")
    file = Path(folder, "tintype.conf")
    file.write_text("[DEFAULT]\nauth_strategy = noauth\n", encoding="utf-8")
    conf = new_config([str(file)])
    embed(conf, str(folder))
    return assemble(conf, str(folder))


@dataclass(frozen=True)
class Aim:
    """What a request is to meet: invented names lead nowhere.

    Hypothesis draws it. It also seeds `random` anew for each request, which would always
    choose the same.
    """

    image: bool
    data: bool
    part: bool

    def take(self, case: Any, app: Any) -> None:
        """Put names of what is there into the path, and a change that fits into a patch."""
        if "image_id" in case.path_parameters and self.image:
            case.path_parameters["image_id"] = an_image(app, self.data)
            for name, value in (("member_id", "friend"), ("tag", "old")):
                if name in case.path_parameters and self.part:
                    case.path_parameters[name] = value
        if "namespace" in case.path_parameters and self.image:
            case.path_parameters["namespace"] = a_namespace(app)
            self._take_definition(case)
        if case.media_type in PATCHES and self.part:
            case.body = PATCHES[case.media_type]
            case.headers.pop("If-Match", None)

    def _take_definition(self, case: Any) -> None:
        if case.operation.label in DEFINITIONS and self.part:
            case.body = DEFINITIONS[case.operation.label]
        # What is added must have another name than what is there.
        if "name" in case.path_parameters and case.method != "POST":
            kind = case.operation.path.split("/")[5]
            case.path_parameters["name"] = f"old-{KINDS[kind]}"


AIMS = st.builds(Aim, st.sampled_from([True, True, True, False]), st.booleans(), st.booleans())


def an_image(app: Any, with_data: bool) -> str:
    """Create an image with a tag and a member, and return its id."""
    created = testing.simulate_post(app, "/v2/images", body=json.dumps(FORMATS | {"tags": ["old"]}))
    image_id = str(created.json["id"])
    path = f"/v2/images/{image_id}"
    offer = testing.simulate_post(app, f"{path}/members", body=json.dumps({"member": "friend"}))
    assert offer.status_code == 200
    if with_data:
        octets = {"Content-Type": "application/octet-stream"}
        upload = testing.simulate_put(app, f"{path}/file", body=b"0123456789", headers=octets)
        assert upload.status_code == 204
    return image_id


def a_namespace(app: Any) -> str:
    """Create a namespace with one of everything, and return its name."""
    testing.simulate_delete(app, "/v2/metadefs/namespaces/renamed")
    name = str(uuid4())
    body = json.dumps({"namespace": name, **HELD})
    created = testing.simulate_post(app, "/v2/metadefs/namespaces", body=body)
    assert created.status_code == 201, created.text
    return name


def modes_of(operation: Any) -> list[GenerationMode]:
    """Say how to make requests; any text fits into paths and headers, so none is wrong."""
    may_be_wrong = [*operation.body, *operation.query]
    return [*GenerationMode] if may_be_wrong else [GenerationMode.POSITIVE]


def exercise(operation: Any, mode: GenerationMode, app: Any) -> set[int]:
    """Send requests to one operation, as described or not, and check each answer.

    Return the statuses that were met.
    """
    met: set[int] = set()

    @settings(
        # Requests that are not as described need no luck to meet all that they can.
        max_examples=CASES if mode is GenerationMode.POSITIVE else max(1, CASES // 4),
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(operation.as_strategy(generation_mode=mode), AIMS)
    def check(case: Any, aim: Aim) -> None:
        aim.take(case, app)
        met.add(case.call_and_validate(headers=PLAIN, checks=CHECKS).status_code)

    check()
    return met


def successes_of(operation: Any) -> set[int]:
    """Return the statuses of success that an operation is described with."""
    statuses = {int(status) for status in operation.definition.raw["responses"]}
    return {status for status in statuses if status < 400}


def test_every_answer_is_one_that_was_described(app: Any, subtests: pytest.Subtests) -> None:
    described = schemathesis.openapi.from_wsgi("/openapi.json", app)
    results: list[Any] = list(described.get_all_operations())
    assert results
    for operation in (result.ok() for result in results):
        for mode in modes_of(operation):
            with subtests.test(f"{operation.label}, {mode.value}"):
                met = exercise(operation, mode, app)
                if operation.label in OUT_OF_REACH or mode is not GenerationMode.POSITIVE:
                    continue
                if good := successes_of(operation):
                    for _ in range(PATIENCE):
                        met |= set() if met & good else exercise(operation, mode, app)
                    assert met & good, f"none of {good} was met, only {met}"

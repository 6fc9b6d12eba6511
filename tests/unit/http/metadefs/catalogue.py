"""Definitions that are there before a test, and what is written to make them."""

from typing import Any

from tests.unit.http.service import ADMIN, Answer, Service

ROOT = "/v2/metadefs/namespaces"
X = f"{ROOT}/OS::X"
OTHERS = f"{ROOT}/OS::Others"

A_PROPERTY: dict[str, Any] = {"type": "integer", "title": "Cores", "minimum": 1, "default": 2}
AN_OBJECT: dict[str, Any] = {
    "name": "o",
    "description": "An object",
    "required": ["a"],
    "properties": {"a": {"type": "string", "title": "A"}},
}
EVERYTHING: dict[str, Any] = {
    "namespace": "OS::X",
    "display_name": "X",
    "description": "About X",
    "visibility": "public",
    "protected": False,
    "owner": "operators",
    "resource_type_associations": [
        {"name": "OS::Nova::Flavor", "prefix": "hw:", "properties_target": "image"}
    ],
    "properties": {"p": A_PROPERTY},
    "objects": [AN_OBJECT],
    "tags": [{"name": "t1"}, {"name": "t2"}],
}
SCALARS = {
    *("namespace", "display_name", "description", "visibility", "protected", "owner"),
    *("created_at", "updated_at", "self", "schema"),
}


def made(service: Service, **values: Any) -> Answer:
    """Make a namespace as the administrator."""
    answer = service.seen_by(ADMIN).send("POST", ROOT, {"namespace": "OS::X"} | values)
    assert answer.status == 201, answer.body
    return answer


def without_times(value: Any) -> Any:
    """Return a JSON value less the moments that nobody can foretell."""
    if isinstance(value, list):
        return [without_times(item) for item in value]
    if isinstance(value, dict):
        return {
            name: without_times(item)
            for name, item in value.items()
            if name not in ("created_at", "updated_at")
        }
    return value

"""What happened to definitions, told to whoever listens once it is true for good."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Part, Property

_GROUPS = {
    Kind.OBJECT: "metadef_object",
    Kind.PROPERTY: "metadef_property",
    Kind.TAG: "metadef_tag",
    Kind.ASSOCIATION: "metadef_resource_type",
}


@dataclass(frozen=True, slots=True)
class MetadefEvent:
    """A fact about definitions: `name` as listeners know it, `payload` the fields of the thing.

    The payload names the thing and its namespace as they are now, and by `name_old` or
    `namespace_old` as they were. Source: spec metadefs §5, operations §5.
    """

    name: str
    payload: Mapping[str, Any]


def namespace_event(verb: str, now: Namespace, before: Namespace | None = None) -> MetadefEvent:
    """Tell what became of a namespace; verbs are create, update, delete and delete_objects …"""
    payload = _fields(now)
    payload["namespace"] = payload.pop("name")
    payload["namespace_old"] = (before or now).name
    return MetadefEvent(f"metadef_namespace.{verb}", payload)


def part_event(
    verb: str, namespace: Namespace, now: Part, before: Part | None = None
) -> MetadefEvent:
    """Tell what became of a part; verbs are create, update and delete."""
    payload = _fields(now)
    if isinstance(now, Property):
        payload |= payload.pop("schema")
    payload |= {
        "name": now.name,
        "name_old": (before or now).name,
        "namespace": namespace.name,
    }
    return MetadefEvent(f"{_GROUPS[now.KIND]}.{verb}", payload)


def _fields(thing: Namespace | Part) -> dict[str, Any]:
    fields = asdict(thing)
    del fields["id"]
    return fields

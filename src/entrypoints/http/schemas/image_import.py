"""Requests to import, as callers send them (import-and-tasks §3)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.location_import import LENGTHS, ExpectedHash
from tintype.domain.uri_filter import without_credentials
from tintype.entrypoints.http import json
from tintype.entrypoints.http.schemas.fields import StrictBoolean
from tintype.entrypoints.http.schemas.member import load


def _distinct(stores: list[str]) -> None:
    if len(set(stores)) < len(stores):
        raise ValidationError("Each store must be named once.")


class MethodSchema(Schema):
    """Where the data comes from."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(
        required=True, validate=validate.OneOf([method.value for method in Method])
    )
    uri = fields.String()
    os_hash_algo = fields.String(validate=validate.OneOf(list(LENGTHS)))
    os_hash_value = fields.String()
    glance_region = fields.String()
    glance_image_id = fields.String()
    glance_service_interface = fields.String(load_default="public")

    @validates_schema
    def _both_or_neither(self, loaded: Mapping[str, Any], **_: object) -> None:
        if ("os_hash_algo" in loaded) != ("os_hash_value" in loaded):
            raise ValidationError("os_hash_algo and os_hash_value go together.")


class ImportSchema(Schema):
    """The body of a request to import."""

    class Meta:
        unknown = EXCLUDE

    method = fields.Nested(MethodSchema(), required=True)
    stores = fields.List(fields.String(), validate=[validate.Length(min=1), _distinct])
    all_stores = StrictBoolean()
    all_stores_must_succeed = StrictBoolean()


IMPORT = ImportSchema()


def load_import(body: Any, header_store: str | None, received: bytes) -> ImportRequest:
    """Return what a caller asks for; `received` is the body as it came.

    Raises:
        Invalid: it is malformed.
    """
    loaded = load(IMPORT, body)
    method = loaded["method"]
    if method["name"] != Method.REMOTE:
        del method["glance_service_interface"]
    uri = method.get("uri")
    stores = loaded.get("stores")
    return ImportRequest(
        Method(method["name"]),
        uri,
        method.get("glance_region"),
        method.get("glance_image_id"),
        ExpectedHash(method["os_hash_algo"], method["os_hash_value"])
        if "os_hash_value" in method
        else None,
        None if stores is None else tuple(stores),
        header_store,
        loaded.get("all_stores", False),
        loaded.get("all_stores_must_succeed", True),
        _shown(loaded, uri),
        received,
    )


def of_task(body: Any) -> ImportRequest:
    """Return what the caller had asked for whose task has that body; stores come from the task.

    Raises:
        Invalid: it is none of ours.
    """
    return load_import(body, None, json.dumps(body))


def _shown(loaded: dict[str, Any], uri: str | None) -> dict[str, Any]:
    """Return the body without credentials: whoever sees the image may read it."""
    if uri is None:
        return loaded
    return {**loaded, "method": {**loaded["method"], "uri": without_credentials(uri)}}

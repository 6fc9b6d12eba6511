"""The image as callers send it and are shown it (images-api §3)."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate
from marshmallow.exceptions import ValidationError

from tintype.application.images.patch_locations import Claim
from tintype.domain.errors import Invalid, ReadOnlyAttribute
from tintype.domain.limits import Limits
from tintype.domain.status import Status
from tintype.domain.validation import ValidationData
from tintype.domain.visibility import Visibility
from tintype.entrypoints.http.schemas.fields import StrictBoolean, StrictInteger, WholeText
from tintype.entrypoints.http.schemas.site import SiteProperties

UUID = r"^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"

NEVER_SENT = ("direct_url", "self", "file", "schema", "stores")
"""Computed fields: naming one in a request is refused before all else (images-api §4.1)."""


class ValidationDataSchema(Schema):
    """What the data at a location must be."""

    os_hash_algo = fields.String(required=True)
    os_hash_value = fields.String(required=True)
    checksum = fields.String()

    @post_load
    def make(self, values: dict[str, str], **_: Any) -> ValidationData:
        """Return it as the use cases take it."""
        return ValidationData(**values)


class LocationSchema(Schema):
    """Where data is."""

    url = fields.String(required=True)
    metadata = fields.Dict(required=True, keys=fields.String())
    validation_data = fields.Nested(
        ValidationDataSchema,
        load_only=True,
        metadata={"description": "What the data must be; never shown"},
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Claim:
        """Return it as the use cases take it."""
        return Claim(values["url"], values["metadata"], values.get("validation_data"))


def _text(length: int, description: str, **options: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(max=length), metadata={"description": description}, **options
    )


def _computed(kind: type[fields.Field[Any]], description: str, **options: Any) -> fields.Field[Any]:
    return kind(metadata={"description": description, "readOnly": True}, **options)


def _one_of(values: tuple[str, ...], description: str) -> fields.String:
    return fields.String(
        allow_none=True, validate=validate.OneOf(values), metadata={"description": description}
    )


class ImageSchema(Schema):
    """An image; whatever else a body has are custom properties.

    Their values are text, unless the site's schema gives them another type. To the rest of
    the service they are text in any case.
    """

    class Meta:
        unknown = EXCLUDE

    id = fields.String(
        validate=WholeText(UUID), metadata={"description": "An identifier for the image"}
    )
    name = _text(255, "Descriptive name for the image", allow_none=True)
    status = fields.String(
        validate=validate.OneOf([status.value for status in Status]),
        metadata={"description": "Status of the image", "readOnly": True},
    )
    visibility = fields.String(
        validate=validate.OneOf([visibility.value for visibility in Visibility]),
        metadata={"description": "Scope of image accessibility"},
    )
    protected = StrictBoolean(metadata={"description": "If true, image will not be deletable"})
    os_hidden = StrictBoolean(
        metadata={"description": "If true, image will not appear in default lists"}
    )
    checksum = _computed(
        fields.String,
        "MD5 of the image data",
        allow_none=True,
        validate=validate.Length(max=32),
    )
    os_hash_algo = _computed(
        fields.String,
        "Algorithm of os_hash_value",
        allow_none=True,
        validate=validate.Length(max=64),
    )
    os_hash_value = _computed(
        fields.String,
        "Hexdigest of the image data by os_hash_algo",
        allow_none=True,
        validate=validate.Length(max=128),
    )
    owner = _text(255, "Owner of the image", allow_none=True)
    size = _computed(StrictInteger, "Size of the image data in bytes", allow_none=True)
    virtual_size = _computed(
        StrictInteger, "Size in bytes of the disk that the data describes", allow_none=True
    )
    container_format = fields.String(allow_none=True)
    disk_format = fields.String(allow_none=True)
    created_at = _computed(fields.String, "Date and time of image registration")
    updated_at = _computed(fields.String, "Date and time of the last change")
    tags = fields.List(
        _text(255, "A label"), metadata={"description": "List of labels of the image"}
    )
    direct_url = _computed(fields.String, "URL from which the store gives the data")
    min_ram = StrictInteger(
        metadata={"description": "Amount of memory (MB) that the image needs to boot"}
    )
    min_disk = StrictInteger(
        metadata={"description": "Amount of disk (GB) that the image needs to boot"}
    )
    self = _computed(fields.String, "URL of the image")
    file = _computed(fields.String, "URL of the image data")
    stores = _computed(fields.String, "Stores that hold the image data, the preferred one first")
    schema = _computed(fields.String, "URL of the schema of an image")
    locations = fields.List(
        fields.Nested(LocationSchema),
        metadata={"description": "Where the image data is"},
    )

    def __init__(self, limits: Limits, site: SiteProperties | None = None) -> None:
        super().__init__()
        self.site = site or SiteProperties()
        self.fields["disk_format"] = _one_of(limits.disk_formats, "Format of the disk")
        self.fields["container_format"] = _one_of(
            limits.container_formats, "Format of the container"
        )
        for name in ("disk_format", "container_format"):
            self.load_fields[name] = self.fields[name]

    def load_new(self, body: Any) -> dict[str, Any]:
        """Check the body of a creation; return attributes and custom properties, flat.

        Raises:
            ReadOnlyAttribute, Invalid.
        """
        if not isinstance(body, dict):
            raise Invalid("An image must be a JSON object.")
        for name in NEVER_SENT:
            if name in body:
                raise ReadOnlyAttribute(name)
        self._check(self.validate(body))
        self._check({name: ["Required."] for name in self.site.required if name not in body})
        loaded = self.load(body)
        custom = {
            name: self.load_custom(name, value)
            for name, value in body.items()
            if name not in self.fields
        }
        return {**loaded, **custom}

    def load_attribute(self, name: str, value: Any) -> Any:
        """Check the value that a patch gives to an attribute or custom property.

        Raises:
            Invalid: it is not of the attribute's type.
        """
        field = self.fields.get(name)
        if field is None:
            return self.load_custom(name, value)
        try:
            return field.deserialize(value)
        except ValidationError as error:
            raise self._refusal({name: error.messages}) from None

    def load_custom(self, name: str, value: Any) -> str:
        """Check the value of a custom property and return its text.

        Raises:
            Invalid: it is not of the type that the site states, or not text where it states none.
        """
        typed = self.site.properties.get(name)
        if typed is not None:
            return typed.to_text(value)
        if not isinstance(value, str):
            raise self._refusal({name: ["Not a valid string."]})
        return value

    def require_removable(self, name: str) -> None:
        """Raise Invalid if the site's schema requires images to have the property."""
        if name in self.site.required and name not in self.fields:
            raise self._refusal({name: ["Required."]})

    def _check(self, problems: dict[str, Any]) -> None:
        if problems:
            raise self._refusal(problems)

    @staticmethod
    def _refusal(problems: dict[str, Any]) -> Invalid:
        told = "; ".join(f"{name}: {_flat(problem)}" for name, problem in problems.items())
        return Invalid(f"Provided object does not match schema 'image': {told}")


def _flat(problem: Any) -> str:
    if isinstance(problem, dict):
        return ", ".join(f"{key}: {_flat(value)}" for key, value in problem.items())
    return " ".join(str(part) for part in problem) if isinstance(problem, list) else str(problem)

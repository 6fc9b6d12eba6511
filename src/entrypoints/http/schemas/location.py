"""Places of data as other services send and see them (images-api §9.2)."""

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from tintype.domain.location import Location
from tintype.domain.location_import import LENGTHS


class ExpectedDigestSchema(Schema):
    """The digest that the data must have: both of its parts, or neither."""

    class Meta:
        unknown = RAISE

    os_hash_algo = fields.String(validate=validate.OneOf(list(LENGTHS)))
    os_hash_value = fields.String(validate=validate.Length(max=128))

    @validates_schema
    def _both_or_neither(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len(data) == 1:
            raise ValidationError("os_hash_algo and os_hash_value go together.")


class NewLocationSchema(Schema):
    """The body of a request to take data from where it is."""

    class Meta:
        unknown = EXCLUDE

    url = fields.String(required=True, validate=validate.Length(min=1))
    validation_data = fields.Nested(ExpectedDigestSchema())


NEW_LOCATION = NewLocationSchema()


def expected_hash(body: dict[str, Any]) -> tuple[str, str] | None:
    """Return algorithm and digest from a loaded body, if it has them."""
    validation = body.get("validation_data")
    return (validation["os_hash_algo"], validation["os_hash_value"]) if validation else None


def dump(location: Location) -> dict[str, Any]:
    """Return the JSON object of a location."""
    return {"url": location.url, "metadata": dict(location.metadata)}

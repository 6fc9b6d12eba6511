"""What callers write: one marshmallow schema a noun, and the domain's values from it.

Definition files are written in the same way.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, pre_load, validate
from marshmallow.exceptions import ValidationError

from tintype.domain.errors import Invalid, ReadOnlyAttribute
from tintype.domain.metadef.kind import MAX_DESCRIPTION, MAX_NAME, MAX_OWNER
from tintype.domain.metadef.part import Association, Content, Object, Property, Tag
from tintype.domain.visibility import Visibility
from tintype.entrypoints.http.schemas.fields import StrictBoolean, StrictInteger

TYPES = ("array", "boolean", "integer", "number", "object", "string", "null")
TIMES = ("created_at", "updated_at")
READ_ONLY = ("self", "schema", *TIMES)

_NAME = validate.Length(min=1, max=MAX_NAME)
_COUNT = validate.Range(min=0, max=(1 << 63) - 1)  # what JSON is written with knows no more


class Number(fields.Field[float]):
    """A JSON number, kept as it is written."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValidationError("Not a valid number.")
        return value


class Body(Schema):
    """What a caller writes; `set_by_service` are further fields, which it only reads."""

    set_by_service: ClassVar[Sequence[str]] = TIMES


class Nestable(Body):
    """What may stand within another body, and there also as it was read.

    By itself it is refused with what the service sets, before this is asked.
    """

    @pre_load
    def leave_out_what_the_service_sets(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name not in self.set_by_service}


class ItemsSchema(Schema):
    """What the items of an array are."""

    type = fields.String(validate=validate.OneOf(TYPES))
    enum = fields.List(fields.Raw(allow_none=True))


class DefinitionSchema(Body):
    """Which values a property takes, in terms of JSON Schema."""

    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    title = fields.String(required=True)
    description = fields.String()
    operators = fields.List(fields.String())
    default = fields.Raw(allow_none=True)
    readonly = StrictBoolean()
    confidential = StrictBoolean()
    required = fields.List(fields.String())
    minimum = Number()
    maximum = Number()
    minLength = StrictInteger(validate=_COUNT)
    maxLength = StrictInteger(validate=_COUNT)
    pattern = fields.String()
    enum = fields.List(fields.Raw(allow_none=True))
    items = fields.Nested(ItemsSchema)
    uniqueItems = StrictBoolean()
    minItems = StrictInteger(validate=_COUNT)
    maxItems = StrictInteger(validate=_COUNT)
    additionalItems = StrictBoolean()


class PropertySchema(DefinitionSchema):
    """A property by itself."""

    name = fields.String(required=True, validate=_NAME)

    @post_load
    def to_values(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {"name": data.pop("name"), "schema": data}


class ListedPropertySchema(DefinitionSchema):
    """A property in a dictionary, whose key is its name whether it says so again or not."""

    name = fields.String(validate=validate.Length(max=MAX_NAME))

    @post_load
    def leave_the_name_to_the_key(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        data.pop("name", None)
        return data


class ObjectSchema(Nestable):
    """An object."""

    set_by_service = READ_ONLY

    name = fields.String(required=True, validate=_NAME)
    description = fields.String()
    required = fields.List(fields.String())
    properties = fields.Dict(
        keys=fields.String(validate=_NAME), values=fields.Nested(ListedPropertySchema)
    )


class TagSchema(Nestable):
    """A tag."""

    name = fields.String(required=True, validate=_NAME)


class TagsSchema(Body):
    """Tags."""

    tags = fields.List(fields.Nested(TagSchema), required=True)


class AssociationSchema(Nestable):
    """The tie between a namespace and a type of resource."""

    name = fields.String(required=True, validate=_NAME)
    prefix = fields.String(validate=validate.Length(max=MAX_NAME))
    properties_target = fields.String(validate=validate.Length(max=MAX_NAME))


class NamespaceSchema(Body):
    """A namespace, with all that it holds."""

    set_by_service = READ_ONLY

    name = fields.String(required=True, validate=_NAME, data_key="namespace")
    display_name = fields.String(validate=validate.Length(max=MAX_NAME))
    description = fields.String(validate=validate.Length(max=MAX_DESCRIPTION))
    visibility = fields.String(
        validate=validate.OneOf([Visibility.PUBLIC.value, Visibility.PRIVATE.value])
    )
    protected = StrictBoolean()
    owner = fields.String(validate=validate.Length(max=MAX_OWNER))
    resource_type_associations = fields.List(fields.Nested(AssociationSchema))
    properties = fields.Dict(
        keys=fields.String(validate=_NAME), values=fields.Nested(ListedPropertySchema)
    )
    objects = fields.List(fields.Nested(ObjectSchema))
    tags = fields.List(fields.Nested(TagSchema))


NAMESPACE = NamespaceSchema()
OBJECT = ObjectSchema()
PROPERTY = PropertySchema()
TAG = TagSchema()
TAGS = TagsSchema()
ASSOCIATION = AssociationSchema()


def load(schema: Body, body: Any) -> dict[str, Any]:
    """Check a body against a schema and return what it says.

    Raises:
        ReadOnlyAttribute: it sets what the service alone sets.
        Invalid: it does not fit.
    """
    if isinstance(body, dict):
        for name in schema.set_by_service:
            if name in body:
                raise ReadOnlyAttribute(name)
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise Invalid(f"The request body does not fit: {error.messages}") from None
    return loaded


def load_namespace(body: Any) -> tuple[dict[str, Any], Content]:
    """Return the fields of a namespace, and those of what it is to hold; raises as `load`."""
    values = load(NAMESPACE, body)
    properties = values.pop("properties", {})
    content = {
        Association: values.pop("resource_type_associations", []),
        Property: [{"name": name, "schema": schema} for name, schema in properties.items()],
        Object: values.pop("objects", []),
        Tag: values.pop("tags", []),
    }
    if "visibility" in values:
        values["visibility"] = Visibility(values["visibility"])
    return values, content

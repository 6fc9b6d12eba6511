"""The membership of a project in an image (images-api §10)."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate
from marshmallow.exceptions import ValidationError

from tintype.domain.errors import Invalid
from tintype.domain.member import MAX_MEMBER_ID, Member, MemberStatus


class MemberSchema(Schema):
    """A membership as callers are shown it."""

    member_id = fields.String(
        validate=validate.Length(max=MAX_MEMBER_ID),
        metadata={"description": "The project that the image is shared with"},
    )
    image_id = fields.String(metadata={"description": "The image that is shared"})
    status = fields.String(
        validate=validate.OneOf([status.value for status in MemberStatus]),
        metadata={"description": "What the member made of the offer"},
    )
    created_at = fields.String(metadata={"description": "Date and time of the offer"})
    updated_at = fields.String(metadata={"description": "Date and time of the last change"})
    schema = fields.String(metadata={"readOnly": True})


class NewMemberSchema(Schema):
    """The body of an offer."""

    class Meta:
        unknown = EXCLUDE

    member = fields.String(required=True, validate=validate.Length(min=1, max=MAX_MEMBER_ID))


class AnswerSchema(Schema):
    """The body of an answer to an offer."""

    class Meta:
        unknown = EXCLUDE

    status = fields.String(
        required=True, validate=validate.OneOf([status.value for status in MemberStatus])
    )


NEW_MEMBER = NewMemberSchema()
ANSWER = AnswerSchema()


def load(schema: Schema, body: Any) -> dict[str, Any]:
    """Check a body against a schema and return what it says.

    Raises:
        Invalid: it does not fit.
    """
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise Invalid(f"The request body does not fit: {error.messages}") from None
    return loaded


def dump(member: Member) -> dict[str, Any]:
    """Return the JSON object of a membership."""
    return {
        "member_id": member.member_id,
        "image_id": member.image_id,
        "status": member.status,
        "created_at": member.created_at,
        "updated_at": member.updated_at,
        "schema": "/v2/schemas/member",
    }

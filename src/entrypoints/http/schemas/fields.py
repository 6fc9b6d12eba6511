"""Fields as strict as JSON is: no text for numbers, no numbers for booleans."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate
from marshmallow.exceptions import ValidationError


class StrictInteger(fields.Integer):
    """A JSON integer; `1.0` counts as one, `true` and `"1"` do not (images-api §3)."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Not a valid integer.")
        return value


class StrictBoolean(fields.Boolean):
    """A JSON boolean."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
        return value


class WholeText(validate.Regexp):
    """A pattern for the whole text: `$` alone lets a line end follow in Python, not in JSON."""

    def __call__(self, value: Any) -> Any:
        """Check the text."""
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value

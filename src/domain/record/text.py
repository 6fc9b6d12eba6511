"""What the database functions refuse, whatever it is for."""

import json
from collections.abc import Mapping
from typing import Any

from tintype.domain.errors import Invalid


def require_three_bytes(*values: Any) -> None:
    """Refuse any text, however deep in mappings and lists, with a character beyond U+FFFF.

    Our tables could hold it; programs that share the database may not (database §1).

    Raises:
        Invalid: there is such a text.
    """
    for value in values:
        if isinstance(value, str):
            if not value.isascii() and any(char > "\uffff" for char in value):
                raise Invalid("Name can't contain 4 byte unicode characters")
        elif isinstance(value, Mapping):
            require_three_bytes(*value.keys(), *value.values())
        elif isinstance(value, (list, tuple, set, frozenset)):
            require_three_bytes(*value)


def require_mapping(what: str, values: Any) -> None:
    """Refuse values that have no names.

    Raises:
        Invalid: they are no mapping.
    """
    if not isinstance(values, Mapping):
        raise Invalid(f"{what} must be given as a mapping of names to values, not as {values!r}.")


def json_text(what: str, value: Any) -> str:
    """Return a value as JSON.

    Raises:
        Invalid: it holds what JSON has no form for.
    """
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid(f"{what} must be a value of JSON: {error}.") from error

"""The query strings of lists of definitions (metadefs §2, §3); unknown parameters are ignored."""

import re
from collections.abc import Sequence

from tintype.domain.errors import Invalid
from tintype.domain.metadef.query import (
    NAMESPACE_SORT_KEYS,
    PART_SORT_KEYS,
    NamespaceQuery,
    PartQuery,
)
from tintype.domain.visibility import Visibility
from tintype.entrypoints.http.schemas.query import DIRECTIONS, Paging, Pairs

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_NO_END = 2**31 - 1
"""More than any list has, and a number that every database takes."""

_VISIBILITIES = (Visibility.PUBLIC.value, Visibility.PRIVATE.value)


def load_namespace_query(pairs: Pairs, paging: Paging) -> NamespaceQuery:
    """Read the question for a page of namespaces.

    Raises:
        Invalid: a parameter has a value that it cannot have.
    """
    values = dict(pairs)
    limit = _limit(values.get("limit"), at_least=0)
    visibility = _choice("visibility", values.get("visibility"), _VISIBILITIES)
    types = [name for name in values.get("resource_types", "").split(",") if name]
    return NamespaceQuery(
        limit=min(paging.default if limit is None else limit, paging.maximum),
        marker=values.get("marker"),
        sort_key=_choice("sort_key", values.get("sort_key"), NAMESPACE_SORT_KEYS) or "created_at",
        descending=_descending(values.get("sort_dir"), default=True),
        visibility=None if visibility is None else Visibility(visibility),
        resource_types=tuple(types),
    )


def load_part_query(pairs: Pairs) -> PartQuery:
    """Read the question for objects or properties; by itself it asks for all, oldest first.

    Raises:
        Invalid: a parameter has a value that it cannot have.
    """
    return _part_query(pairs, at_least=1, sort_key="id", descending=False)


def load_tag_query(pairs: Pairs) -> PartQuery:
    """Read the question for tags; by itself it asks for all, newest first. Raises as above."""
    return _part_query(pairs, at_least=0, sort_key="created_at", descending=True)


def _part_query(pairs: Pairs, *, at_least: int, sort_key: str, descending: bool) -> PartQuery:
    values = dict(pairs)
    asked = _choice("sort_key", values.get("sort_key"), PART_SORT_KEYS)
    return PartQuery(
        limit=_limit(values.get("limit"), at_least=at_least),
        marker=values.get("marker"),
        sort_key=asked or sort_key,
        # Whoever names a key and no direction gets that of every other list.
        descending=_descending(values.get("sort_dir"), default=descending or asked is not None),
    )


def _limit(text: str | None, *, at_least: int) -> int | None:
    if text is None:
        return None
    if not _INTEGER.fullmatch(text):
        raise Invalid(f"limit must be an integer, not '{text}'.")
    if int(text) < at_least:
        raise Invalid(f"limit must be at least {at_least}, not {text}.")
    return min(int(text), _NO_END)


def _choice(name: str, value: str | None, choices: Sequence[str]) -> str | None:
    if value is not None and value not in choices:
        raise Invalid(f"{name} must be one of {', '.join(choices)}, not '{value}'.")
    return value


def _descending(value: str | None, *, default: bool) -> bool:
    direction = _choice("sort_dir", value, tuple(DIRECTIONS))
    return default if direction is None else DIRECTIONS[direction]

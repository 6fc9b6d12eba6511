"""The query string of a list of images (images-api §7)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tintype.domain.errors import Invalid
from tintype.domain.image_query import (
    SORT_KEYS,
    Comparison,
    Condition,
    ImageQuery,
    SortKey,
    sort_keys,
)
from tintype.domain.member import MemberStatus
from tintype.domain.visibility import Visibility

TEXT_WITH_OPERATORS = ("name", "id", "status", "container_format", "disk_format")
TEXT = ("owner", "checksum", "os_hash_value", "os_hash_algo")
INTEGERS = ("size", "virtual_size", "min_disk", "min_ram")
TIMES = ("created_at", "updated_at")
IGNORED = ("deleted",)
UNKNOWN = ("locations", "properties", "changes-since")
MAX_FILTERS = 128
"""Tags and properties that one list may be filtered by: as many as an image has by default."""
DIRECTIONS = {"asc": False, "desc": True}
_OPERATOR = re.compile(r"^([a-z]+):(.*)$", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_ONE_ITEM = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)|([^",]*)(?:,|$)', re.DOTALL)


def _parameter(name: str, description: str = "", **schema: Any) -> dict[str, Any]:
    kind = {"type": "string", **schema}
    return {"name": name, "in": "query", "description": description, "schema": kind}


def _repeated(name: str, description: str, **items: Any) -> dict[str, Any]:
    kind = {"type": "string", **items}
    return _parameter(name, description, type="array", items=kind)


PARAMETERS: Sequence[dict[str, Any]] = (
    _parameter("limit", "Images on a page.", type="integer", minimum=0),
    _parameter("marker", "Id of the last image of the page before."),
    _repeated("sort_key", "What to sort by.", enum=[*SORT_KEYS]),
    _repeated("sort_dir", "One for all keys, or one for each.", enum=[*DIRECTIONS]),
    _parameter("sort", "Both in one: `name:asc,size:desc`."),
    _parameter("visibility", "Unset: all but community.", enum=[*Visibility, "all"]),
    _parameter("member_status", "Of images shared with you.", enum=[*MemberStatus, "all"]),
    _parameter("os_hidden", enum=["true", "false"]),
    _parameter("protected", enum=["true", "false"]),
    _repeated("tag", "Each of them must be there."),
    *(_parameter(name, "A value, or `in:a,b`.") for name in TEXT_WITH_OPERATORS),
    *(_parameter(name) for name in TEXT),
    *(_parameter(name, type="integer") for name in INTEGERS),
    *(_parameter(f"{name}_{end}", type="integer") for name in INTEGERS for end in ("min", "max")),
    *(_parameter(name, "A time, or `lt:` and a time.") for name in TIMES),
)
"""The parameters as OpenAPI has them; any other name is that of a custom property."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Paging:
    """How long pages are: by default, and at most."""

    default: int
    maximum: int


def parse_query_string(text: str) -> Pairs:
    """Split a query string into names and values, in order.

    Raises:
        Invalid: it is not UTF-8.
    """
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise Invalid("The query string is not valid UTF-8.") from None


def link(
    pairs: Pairs,
    marker: str | None = None,
    limit: int | None = None,
    *,
    path: str = "/v2/images",
) -> str:
    """Return the path of a page of the same list: the query less its marker, or another one."""
    kept = [(name, value) for name, value in pairs if name != "marker"]
    if limit is not None and all(name != "limit" for name, _ in kept):
        kept.append(("limit", str(limit)))
    if marker is not None:
        kept.append(("marker", marker))
    return f"{path}?{urlencode(kept)}" if kept else path


def load_image_query(pairs: Pairs, paging: Paging) -> ImageQuery:
    """Read the question that a query string asks.

    Raises:
        Invalid: a parameter has a value that it cannot have.
    """
    reader = _Reader(pairs)
    limit = reader.limit(paging)
    sort = reader.sort()
    visibility = reader.choice("visibility", [*Visibility, "all"])
    member_status = reader.choice("member_status", [*MemberStatus, "all"]) or "accepted"
    os_hidden = reader.boolean("os_hidden", any_case=True) or False
    tags = tuple(dict.fromkeys(reader.take_all("tag")))
    marker = reader.take("marker")
    conditions = tuple(reader.conditions())
    properties = reader.rest()
    if len(tags) + len(properties) > MAX_FILTERS:
        raise Invalid(f"A list can be filtered by at most {MAX_FILTERS} tags and properties.")
    return ImageQuery(
        limit=limit,
        sort=sort,
        marker=marker,
        visibility=None if visibility in (None, "all") else Visibility(visibility),
        any_visibility=visibility == "all",
        member_status=None if member_status == "all" else member_status,
        os_hidden=os_hidden,
        tags=tags,
        conditions=conditions,
        properties=properties,
    )


class _Reader:
    """Takes one parameter after the other; what is left are custom properties."""

    def __init__(self, pairs: Pairs) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        for name in UNKNOWN:
            if name in self._values:
                raise Invalid(f"Images cannot be filtered by '{name}'.")
        for name in IGNORED:
            self._values.pop(name, None)

    def take_all(self, name: str) -> list[str]:
        return self._values.pop(name, [])

    def take(self, name: str) -> str | None:
        values = self.take_all(name)
        return values[-1] if values else None

    def rest(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._values.items()}

    def limit(self, paging: Paging) -> int:
        return limit_of(self.take("limit"), paging)

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        value = self.take(name)
        if value is not None and value not in choices:
            raise Invalid(f"{name} must be one of {', '.join(choices)}, not '{value}'.")
        return value

    def boolean(self, name: str, *, any_case: bool) -> bool | None:
        value = self.take(name)
        if value is None:
            return None
        text = value.lower() if any_case else value
        if text not in ("true", "false"):
            raise Invalid(f"{name} must be true or false, not '{value}'.")
        return text == "true"

    def sort(self) -> tuple[SortKey, ...]:
        keys, directions = self.take_all("sort_key"), self.take_all("sort_dir")
        combined = self.take("sort")
        if combined is None:
            return _sort_by_keys(keys, directions)
        if keys or directions:
            raise Invalid("sort goes not together with sort_key and sort_dir.")
        return sort_keys(tuple(_sort_item(item) for item in combined.split(",")), None)

    def conditions(self) -> Sequence[Condition]:
        found: list[Condition] = []
        readers: list[tuple[Sequence[str], Callable[[str, str], Condition]]] = [
            (TEXT_WITH_OPERATORS, _text_condition),
            (TEXT, lambda name, value: Condition(name, Comparison.EQ, value)),
            (INTEGERS, lambda name, value: Condition(name, Comparison.EQ, _integer(name, value))),
            ([f"{name}_min" for name in INTEGERS], _bound(Comparison.GTE)),
            ([f"{name}_max" for name in INTEGERS], _bound(Comparison.LTE)),
            (TIMES, _time_condition),
        ]
        for names, read in readers:
            for name in names:
                found += [read(name, value) for value in self.take_all(name)[-1:]]
        protected = self.boolean("protected", any_case=False)
        if protected is not None:
            found.append(Condition("protected", Comparison.EQ, protected))
        return found


def _sort_by_keys(keys: list[str], directions: list[str]) -> tuple[SortKey, ...]:
    for direction in directions:
        if direction not in DIRECTIONS:
            raise Invalid(f"Unknown sort direction '{direction}': use asc or desc.")
    if len(directions) == 1:
        single = DIRECTIONS[directions[0]]
        return sort_keys(_sort_pairs(keys or ["created_at"], [single] * len(keys or [1])), single)
    if directions and len(directions) != len(keys):
        raise Invalid("There must be one sort_dir, or as many as there are sort_keys.")
    descending = [DIRECTIONS[direction] for direction in directions] or [True] * len(keys)
    return sort_keys(_sort_pairs(keys, descending), None)


def _sort_pairs(keys: list[str], descending: list[bool]) -> tuple[SortKey, ...]:
    for key in keys:
        if key not in SORT_KEYS:
            raise Invalid(f"Images cannot be sorted by '{key}': use {', '.join(SORT_KEYS)}.")
    return tuple(map(SortKey, keys, descending))


def _sort_item(item: str) -> SortKey:
    key, _, direction = item.strip().partition(":")
    direction = direction.strip() or "desc"
    if direction not in DIRECTIONS:
        raise Invalid(f"Unknown sort direction '{direction}': use asc or desc.")
    return _sort_pairs([key.strip()], [DIRECTIONS[direction]])[0]


def limit_of(text: str | None, paging: Paging) -> int:
    """Return how long a page is to be, by what was asked for and what is allowed.

    Raises:
        Invalid: something else than a number was asked for.
    """
    if text is None:
        return min(paging.default, paging.maximum)
    limit = _integer("limit", text)
    if limit < 0:
        raise Invalid("limit must not be negative.")
    return min(limit, paging.maximum)


def _integer(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise Invalid(f"{name} must be an integer, not '{text}'.")
    return int(text)


def _bound(comparison: Comparison) -> Callable[[str, str], Condition]:
    return lambda name, value: Condition(name[:-4], comparison, _integer(name, value))


def _text_condition(name: str, value: str) -> Condition:
    operator, colon, rest = value.partition(":")
    if not colon:
        return Condition(name, Comparison.EQ, value)
    if operator == "eq":
        return Condition(name, Comparison.EQ, rest)
    if operator == "in":
        return Condition(name, Comparison.IN, split_list(rest))
    raise Invalid(
        f"Unknown filter operator '{operator}' for {name}: use in:, or eq: before a value that "
        "has a colon."
    )


def split_list(text: str) -> tuple[str, ...]:
    r"""Split values at commas; quotes keep a comma, `\\"` is a quote within quotes.

    Raises:
        Invalid: a quote is not closed, or stands inside of a value.
    """
    values: list[str] = []
    at = 0
    while True:
        match = _ONE_ITEM.match(text, at)
        if match is None:
            raise Invalid(f"The quotes in '{text}' are not balanced.")
        quoted, plain = match.groups()
        values.append(plain if quoted is None else quoted.replace('\\"', '"'))
        at = match.end()
        if not match.group().endswith(","):
            return tuple(values)


def _time_condition(name: str, value: str) -> Condition:
    match = _OPERATOR.match(value)
    operator, text = match.groups() if match else ("eq", value)
    if operator == "in" or operator not in [*Comparison]:
        raise Invalid(f"Unknown comparison '{operator}' for {name}: use gt, gte, lt, lte, eq, neq.")
    return Condition(name, Comparison(operator), parse_time(name, text))


def parse_time(name: str, text: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is UTC.

    Raises:
        Invalid: it is none.
    """
    try:
        # A plus sign that was not encoded arrives as a space.
        time = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"{name} must be an ISO 8601 time, not '{text}'.") from None

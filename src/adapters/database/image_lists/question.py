"""A question to the catalogue, taken apart: the shape of its statement, and its values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from tintype.adapters.database.values import naive, storable
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import Comparison, Condition, ImageQuery, SortKey
from tintype.domain.member import MemberStatus
from tintype.domain.visibility import Visibility

_BIGGEST = (1 << 63) - 1
_NOT_ACCEPTED = frozenset({MemberStatus.PENDING, MemberStatus.REJECTED})


class Filter(NamedTuple):
    """A condition without its value; None for a value that no column can hold.

    Then `holds` says what is true of every row that has the attribute.
    """

    attribute: str
    comparison: Comparison | None
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a question that shows in the text of its statement.

    With `from_offers` what is shared with the caller is found by the offers to it: those that it
    has not accepted are few, and an image without one is nearly every image.
    `start` is the number of the anchor that the page is made from (`anchors`), None for none.
    `along` is the number of the label that the page is read along (`labels`), None for none.
    `boundary` says whether the page is cut at a value of its first key (`page.boundary`); False
    cuts it at the marker only, None not at all.
    """

    sort: tuple[SortKey, ...]
    continued: bool
    admin: bool
    has_project: bool
    visibility: Visibility | None
    any_visibility: bool
    any_member_status: bool
    os_hidden: bool
    filters: tuple[Filter, ...]
    tags: int
    properties: int
    from_offers: bool = False
    start: int | None = None
    along: int | None = None
    boundary: bool | None = None

    @property
    def labels(self) -> int:
        """How many tags and properties are asked for."""
        return self.tags + self.properties

    @property
    def shows_shared(self) -> bool:
        """Whether images of others that are shared with the caller are among those it sees."""
        asked_for = self.visibility in (None, Visibility.SHARED)
        return self.has_project and not self.admin and asked_for


def take_apart(
    query: ImageQuery, caller: Caller, after: Image | None
) -> tuple[Shape, dict[str, Any]]:
    """Return the shape of a question and the values that its statements take."""
    size = min(query.limit, _BIGGEST)
    parameters: dict[str, Any] = {"page_size": size, "all_but_one": size - 1}
    project = caller.project_id
    if project is not None and not storable(project):
        project = None
    if project is not None:
        parameters["project"] = project
    if query.member_status is not None:
        parameters["member_status"] = query.member_status
    sort = _up_to_id(query.sort)
    if after is not None:
        parameters |= _place(sort, after)
    shape = Shape(
        sort=sort,
        continued=after is not None,
        admin=caller.is_admin,
        has_project=project is not None,
        visibility=query.visibility,
        any_visibility=query.any_visibility,
        any_member_status=query.member_status is None,
        os_hidden=query.os_hidden,
        filters=_filters(query, parameters),
        tags=len(query.tags),
        properties=len(query.properties),
    )
    few_offers = shape.shows_shared and query.member_status in _NOT_ACCEPTED
    return replace(shape, from_offers=few_offers), parameters


def _up_to_id(sort: tuple[SortKey, ...]) -> tuple[SortKey, ...]:
    """Leave out what follows the id: no two images are equal up to there."""
    names = [key.name for key in sort]
    return sort[: names.index("id") + 1]


def _place(sort: tuple[SortKey, ...], image: Image) -> dict[str, Any]:
    return {f"after_{key.name}": _key_value(key.name, image) for key in sort}


def _key_value(name: str, image: Image) -> Any:
    value = getattr(image, name)
    if value is None:
        return 0 if name == "size" else ""
    return naive(value) if isinstance(value, datetime) else value


def _filters(query: ImageQuery, parameters: dict[str, Any]) -> tuple[Filter, ...]:
    filters = [
        _filter(condition, f"condition_{number}", parameters)
        for number, condition in enumerate(query.conditions)
    ]
    texts = {f"tag_{number}": tag for number, tag in enumerate(query.tags)}
    for number, (name, value) in enumerate(query.properties.items()):
        texts |= {f"property_{number}": name, f"value_{number}": value}
    if not all(map(storable, texts.values())):
        filters.append(_NOTHING)
        texts = {name: text if storable(text) else "" for name, text in texts.items()}
    parameters |= texts
    return tuple(filters)


_NOTHING = Filter("id", None, holds=False)


def _filter(condition: Condition, parameter: str, parameters: dict[str, Any]) -> Filter:
    attribute, comparison, value = condition
    if isinstance(value, str) and not storable(value):
        return Filter(attribute, None, holds=comparison is Comparison.NEQ)
    if isinstance(value, int) and abs(value) > _BIGGEST:
        return Filter(attribute, None, holds=_beyond(comparison, value))
    if isinstance(value, tuple):
        parameters[parameter] = [text for text in value if storable(text)]
    else:
        parameters[parameter] = _naive_or_edge(value) if isinstance(value, datetime) else value
    return Filter(attribute, comparison)


def _beyond(comparison: Comparison, value: int) -> bool:
    """Tell how every number that a column can hold compares with one that it cannot."""
    if comparison in (Comparison.LT, Comparison.LTE):
        return value > 0
    if comparison in (Comparison.GT, Comparison.GTE):
        return value < 0
    return comparison is Comparison.NEQ


def _naive_or_edge(time: datetime) -> datetime:
    try:
        return naive(time)
    except OverflowError:
        return datetime.max if time.year > 1 else datetime.min

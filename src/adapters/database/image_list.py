"""Pages of images: which rows, in which order, from where on.

What a caller may see is the union of a few ranges (own, public, community, shared with it).
Each range is read along an index that ends in the sort keys, from the marker on, and gives at
most one page of ids; the union of these, cut to a page, is the answer. A statement is built
once for each shape of a question, and reused for all values. Source: spec images-api §6-7.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Select,
    String,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union,
)

from tintype.adapters.database.image_rows import whole_images
from tintype.adapters.database.tables import (
    image_members,
    image_properties,
    image_tags,
    images,
    prefix,
    sortable,
)
from tintype.adapters.database.values import naive, storable
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import Comparison, Condition, ImageQuery, SortKey
from tintype.domain.visibility import Visibility

_BIGGEST = (1 << 63) - 1
_REMEMBERED = 512
"""Statements kept; callers choose the shapes, so there must be a bound."""

_KILLED = "killed"


class _Filter(NamedTuple):
    """A condition without its value; None for a value that no column can hold.

    Then `holds` says what is true of every row that has the attribute.
    """

    attribute: str
    comparison: Comparison | None
    holds: bool = True


@dataclass(frozen=True, slots=True)
class _Shape:
    """All of a question that shows in the text of its statement."""

    sort: tuple[SortKey, ...]
    continued: bool
    admin: bool
    has_project: bool
    visibility: Visibility | None
    any_visibility: bool
    any_member_status: bool
    os_hidden: bool
    filters: tuple[_Filter, ...]
    tags: int
    properties: int


class ListStatements:
    """The statements for the pages of one kind of database; safe between threads."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._known: OrderedDict[_Shape, Select[Any]] = OrderedDict()

    def page(
        self, query: ImageQuery, caller: Caller, after: Image | None
    ) -> tuple[Select[Any], dict[str, Any]]:
        """Return the statement for one page and the values that it takes."""
        parameters: dict[str, Any] = {"page_size": min(query.limit, _BIGGEST)}
        project = caller.project_id
        if project is not None and not storable(project):
            project = None
        if project is not None:
            parameters["project"] = project
        if query.member_status is not None:
            parameters["member_status"] = query.member_status
        if after is not None:
            parameters |= _place(query.sort, after)
        shape = _Shape(
            sort=query.sort,
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
        return self._statement(shape), parameters

    def _statement(self, shape: _Shape) -> Select[Any]:
        statement = self._known.get(shape)
        if statement is None:
            statement = self._known[shape] = _Builder(self._dialect, shape).statement()
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return statement


# ------------------------------------------------------------------ values


def _place(sort: tuple[SortKey, ...], image: Image) -> dict[str, Any]:
    return {f"after_{key.name}": _key_value(key.name, image) for key in sort}


def _key_value(name: str, image: Image) -> Any:
    value = getattr(image, name)
    if value is None:
        return 0 if name == "size" else ""
    return naive(value) if isinstance(value, datetime) else value


def _filters(query: ImageQuery, parameters: dict[str, Any]) -> tuple[_Filter, ...]:
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


_NOTHING = _Filter("id", None, holds=False)


def _filter(condition: Condition, parameter: str, parameters: dict[str, Any]) -> _Filter:
    attribute, comparison, value = condition
    if isinstance(value, str) and not storable(value):
        return _Filter(attribute, None, holds=comparison is Comparison.NEQ)
    if isinstance(value, int) and abs(value) > _BIGGEST:
        return _Filter(attribute, None, holds=_beyond(comparison, value))
    if isinstance(value, tuple):
        parameters[parameter] = [text for text in value if storable(text)]
    else:
        parameters[parameter] = _naive_or_edge(value) if isinstance(value, datetime) else value
    return _Filter(attribute, comparison)


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


# ------------------------------------------------------------------ statements

_NULLABLE_TEXTS = frozenset({"name", "disk_format", "container_format"})
_DIRECTLY = {
    Comparison.EQ: "__eq__",
    Comparison.NEQ: "__ne__",
    Comparison.GT: "__gt__",
    Comparison.GTE: "__ge__",
    Comparison.LT: "__lt__",
    Comparison.LTE: "__le__",
}
_visibility = type_coerce(images.c.visibility, String)
_project = bindparam("project", type_=String)
_OWN = images.c.owner == _project


def _sort_column(name: str) -> ColumnElement[Any]:
    """Return what is sorted by, in which NULL equals '' or 0 (images-api §7)."""
    column: ColumnElement[Any] = images.c[name]
    if name in _NULLABLE_TEXTS:
        return sortable(column)
    if name == "size":
        return func.coalesce(column, literal_column("0"), type_=BigInteger)
    if name == "updated_at":
        return func.coalesce(column, images.c.created_at, type_=column.type)
    return column


class _Builder:
    """Puts the statement for one shape together."""

    def __init__(self, dialect: str, shape: _Shape) -> None:
        self._dialect = dialect
        self._shape = shape
        self._keys = [(_sort_column(key.name), key) for key in shape.sort]

    def statement(self) -> Select[Any]:
        ranges = self._ranges()
        if len(ranges) == 1:
            [page] = ranges
            ids = page.subquery("page")
        else:
            # An image may lie in two ranges; `union` drops the double.
            everything = union(
                *(select(one.subquery(f"range_{number}")) for number, one in enumerate(ranges))
            ).subquery("ranges")
            order = [
                _directed(everything.c[f"key_{number}"], key)
                for number, (_, key) in enumerate(self._keys)
            ]
            ids = select(everything).order_by(*order).limit(_PAGE_SIZE).subquery("page")
        return (
            whole_images(self._dialect)
            .join_from(ids, images, images.c.id == ids.c.image)
            .order_by(*self._order())
        )

    def _order(self) -> list[ColumnElement[Any]]:
        return [_directed(column, key) for column, key in self._keys]

    # -------------------------------------------------------------- ranges

    def _ranges(self) -> list[Select[Any]]:
        scopes = self._administrators() if self._shape.admin else self._others()
        common = and_(*self._conditions())
        keys = [column.label(f"key_{number}") for number, (column, _) in enumerate(self._keys)]
        return [
            select(images.c.id.label("image"), *keys)
            .where(scope, common)
            .order_by(*self._order())
            .limit(_PAGE_SIZE)
            for scope in scopes
        ]

    def _wants(self, visibility: Visibility) -> bool:
        return self._shape.visibility in (None, visibility)

    def _administrators(self) -> list[ColumnElement[bool]]:
        shape = self._shape
        if shape.visibility is not None:
            return [_is(shape.visibility)]
        if shape.any_visibility:
            return [true()]
        not_community = _visibility != literal_column(f"'{Visibility.COMMUNITY.value}'")
        return [or_(not_community, _OWN) if shape.has_project else not_community]

    def _others(self) -> list[ColumnElement[bool]]:
        shape = self._shape
        scopes = []
        if shape.has_project:
            own = _OWN if shape.visibility is None else and_(_OWN, _is(shape.visibility))
            scopes.append(own)
            if self._wants(Visibility.SHARED):
                scopes.append(self._shared_with_project())
        if self._wants(Visibility.PUBLIC):
            scopes.append(_is(Visibility.PUBLIC))
        if shape.visibility is Visibility.COMMUNITY or shape.any_visibility:
            scopes.append(_is(Visibility.COMMUNITY))
        return scopes or [false()]

    def _shared_with_project(self) -> ColumnElement[bool]:
        c = image_members.c
        offered = select(c.image_id).where(c.member == _project, c.deleted == false())
        if not self._shape.any_member_status:
            offered = offered.where(c.status == bindparam("member_status", type_=String))
        return and_(_is(Visibility.SHARED), images.c.id.in_(offered))

    # -------------------------------------------------------------- conditions

    def _conditions(self) -> list[ColumnElement[bool]]:
        shape = self._shape
        conditions = [
            images.c.deleted == false(),
            images.c.os_hidden == (true() if shape.os_hidden else false()),
            images.c.status != literal_column(f"'{_KILLED}'"),
        ]
        conditions += [
            _condition(filter_, f"condition_{number}")
            for number, filter_ in enumerate(shape.filters)
        ]
        conditions += [_has_tag(f"tag_{number}") for number in range(shape.tags)]
        conditions += [self._has_property(number) for number in range(shape.properties)]
        if shape.continued:
            conditions.append(self._after())
        return conditions

    def _has_property(self, number: int) -> ColumnElement[bool]:
        c = image_properties.c
        name = bindparam(f"property_{number}", type_=String)
        value = bindparam(f"value_{number}", type_=String)
        matches = [c.name == name, c.value == value, c.deleted == false()]
        if self._dialect != "mysql":
            matches.append(prefix(c.value) == prefix(value))
        return exists().where(c.image_id == images.c.id, *matches)

    def _after(self) -> ColumnElement[bool]:
        """Say that a row comes later in the order than the marker."""
        if len({key.descending for _, key in self._keys}) == 1 and self._dialect != "mysql":
            row = tuple_(*(column for column, _ in self._keys))
            marker = tuple_(*(_marker(column, key) for column, key in self._keys))
            return row < marker if self._keys[0][1].descending else row > marker
        return self._after_stepwise()

    def _after_stepwise(self) -> ColumnElement[bool]:
        later: ColumnElement[bool] = false()
        for column, key in reversed(self._keys):
            marker = _marker(column, key)
            beyond = column < marker if key.descending else column > marker
            later = or_(beyond, and_(column == marker, later))
        # Implied by the rest, and what the database finds its place in the index by.
        column, key = self._keys[0]
        marker = _marker(column, key)
        return and_(column <= marker if key.descending else column >= marker, later)


_PAGE_SIZE: Any = bindparam("page_size", type_=BigInteger)


def _directed(column: ColumnElement[Any], key: SortKey) -> ColumnElement[Any]:
    return column.desc() if key.descending else column.asc()


def _is(visibility: Visibility) -> ColumnElement[bool]:
    return _visibility == literal_column(f"'{visibility.value}'")


def _marker(column: ColumnElement[Any], key: SortKey) -> ColumnElement[Any]:
    return bindparam(f"after_{key.name}", type_=column.type)


def _has_tag(parameter: str) -> ColumnElement[bool]:
    c = image_tags.c
    return exists().where(
        c.image_id == images.c.id,
        c.value == bindparam(parameter, type_=String),
        c.deleted == false(),
    )


def _condition(filter_: _Filter, parameter: str) -> ColumnElement[bool]:
    column: ColumnElement[Any] = images.c[filter_.attribute]
    if filter_.comparison is None:
        return column.is_not(None) if filter_.holds else false()
    if filter_.comparison is Comparison.IN:
        return column.in_(bindparam(parameter, type_=String, expanding=True))
    if filter_.attribute == "name" and filter_.comparison is Comparison.EQ:
        return _name_is(parameter)
    value = bindparam(parameter, type_=_parameter_type(column))
    compared: ColumnElement[bool] = getattr(column, _DIRECTLY[filter_.comparison])(value)
    return compared


def _name_is(parameter: str) -> ColumnElement[bool]:
    # Both, as the index has names with '' for NULL, and a name sought as '' is not NULL.
    name = bindparam(parameter, type_=String)
    return and_(sortable(images.c.name) == name, images.c.name == name)


def _parameter_type(column: ColumnElement[Any]) -> Any:
    if isinstance(column.type, Boolean | DateTime):
        return column.type
    # A number may be larger than the column takes.
    return BigInteger() if column.type.python_type is int else String()

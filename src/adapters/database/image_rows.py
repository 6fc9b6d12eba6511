"""Images from rows: which columns are read, and what is made of them.

An image is one row: its properties, tags and locations come along as JSON that the database
puts together. So one statement reads any number of images whole, as they were at one moment.
"""

from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Table,
    Text,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)

from tintype.adapters.database.stored_json import read_metadata
from tintype.adapters.database.tables import (
    image_locations,
    image_properties,
    image_tags,
    images,
)
from tintype.adapters.database.url_cipher import UrlCipher
from tintype.adapters.database.values import aware
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

_STATUSES = {status.value: status for status in Status}
_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}

# (object of key and value, array of values, array of its arguments), by database.
_JSON = {
    "sqlite": (func.json_group_object, func.json_group_array, func.json_array),
    "mysql": (func.json_objectagg, func.json_arrayagg, func.json_array),
    "postgresql": (func.json_object_agg, func.json_agg, func.json_build_array),
}

COLUMNS = (
    *("id", "created_at", "updated_at", "status", "visibility", "owner", "name"),
    *("disk_format", "container_format", "min_disk", "min_ram", "protected", "os_hidden"),
    *("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value"),
)
"""Columns of an image, in the order in which the domain's `Image` has its fields."""


@lru_cache
def whole_images(dialect: str, *, gone: bool = False) -> Select[Any]:
    """Select images with all that belongs to them; with `gone`, data about to be deleted too."""
    columns = [
        type_coerce(images.c[name], String).label(name) if name == "visibility" else images.c[name]
        for name in COLUMNS
    ]
    return select(
        *columns,
        _properties(dialect).label("properties"),
        _tags(dialect).label("tags"),
        _locations(dialect, gone).label("locations"),
    )


def _properties(dialect: str) -> ColumnElement[Any]:
    as_object, _, _ = _JSON[dialect]
    c = image_properties.c
    pairs = as_object(c.name, func.coalesce(c.value, literal_column("''")))
    return _gathered(pairs, image_properties, live(image_properties, dialect))


def _tags(dialect: str) -> ColumnElement[Any]:
    _, as_array, array_of = _JSON[dialect]
    c = image_tags.c
    pairs = as_array(array_of(c.id, c.value))
    return _gathered(pairs, image_tags, live(image_tags, dialect))


def _locations(dialect: str, gone: bool) -> ColumnElement[Any]:
    _, as_array, array_of = _JSON[dialect]
    c = image_locations.c
    there = live(image_locations, dialect)
    if gone:
        there = or_(there, c.status == Status.PENDING_DELETE.value)
    return _gathered(as_array(array_of(c.id, c.value, c.meta_data)), image_locations, there)


def live(table: Table, dialect: str) -> ColumnElement[bool]:
    """Say that a row of a table that hangs on images is not deleted."""
    if dialect == "sqlite":
        # The plus keeps it from reading all live rows by the field's index on this column.
        return literal_column(f"+{table.name}.deleted") == literal_column("0")
    return table.c.deleted == false()


def _gathered(
    aggregate: ColumnElement[Any], table: FromClause, there: ColumnElement[bool]
) -> ColumnElement[Any]:
    # As text, lest psycopg2 parse it; on MySQL JSON comes as text anyway.
    text = type_coerce(aggregate, Text) if aggregate.name in _TEXTUAL else cast(aggregate, Text)
    return (
        select(text)
        .where(table.c.image_id == images.c.id, there)
        .correlate(images)
        .scalar_subquery()
    )


_TEXTUAL = frozenset({"json_group_object", "json_group_array", "json_objectagg", "json_arrayagg"})

_by_id = itemgetter(0)


def image_of(row: Any, urls: UrlCipher) -> Image:
    """Make an image of a row of `whole_images`."""
    columns: list[Any]
    *columns, properties, tags, locations = row
    columns[1] = aware(columns[1])
    # The column may be null, but is not in anything that the field's programs wrote.
    columns[2] = aware(columns[2]) if columns[2] else columns[1]
    columns[3] = _STATUSES[columns[3]]
    columns[4] = _VISIBILITIES[columns[4]]
    columns += (
        orjson.loads(properties) if properties else {},
        _tag_list(tags),
        _location_list(locations, urls),
    )
    return Image(*columns)


def _tag_list(text: str | None) -> list[str]:
    if not text:
        return []
    rows = orjson.loads(text)
    if len(rows) > 1:
        rows.sort(key=_by_id)
        # The field's programs may have added one twice.
        return list(dict.fromkeys(value for _, value in rows))
    return [value for _, value in rows]


def _location_list(text: str | None, urls: UrlCipher) -> list[Location]:
    if not text:
        return []
    rows = orjson.loads(text)
    if len(rows) > 1:
        rows.sort(key=_by_id)
    return [
        Location(urls.plain(url), read_metadata(metadata), row_id) for row_id, url, metadata in rows
    ]

"""Reading and rewriting the locations of every image, a piece at a time."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine, bindparam, false, or_, select, update

from tintype.adapters.database.errors import translated
from tintype.adapters.database.tables import image_locations
from tintype.adapters.database.url_cipher import (
    OPTION,
    Form,
    UrlCipher,
    form_of,
    is_encrypted,
)
from tintype.domain.errors import BadConfiguration
from tintype.domain.location import Location
from tintype.domain.status import Status

Fix = Callable[[Location, bool], Location]

_AT_ONCE = 500
_c = image_locations.c
_PIECE = (
    select(_c.id, _c.image_id, _c.value, _c.meta_data)
    .where(
        _c.id > bindparam("after"),
        or_(_c.deleted == false(), _c.status == Status.PENDING_DELETE.value),
    )
    .order_by(_c.id)
    .limit(_AT_ONCE)
)
_WRITE = update(image_locations).where(
    _c.id == bindparam("this_row"), _c.value == bindparam("value_then")
)
_WRITE_IF_NONE = _WRITE.where(_c.meta_data.is_(None))
_WRITE_IF_SAME = _WRITE.where(_c.meta_data == bindparam("meta_data_then"))


def mend(engine: Engine, cipher: UrlCipher, fix: Fix, *, dry_run: bool) -> None:
    """Show each location that may have data to `fix`, and write what comes back.

    A row that changed meanwhile is left as it is. `updated_at` stays: nothing that anybody
    asked for has changed.

    Raises:
        BadConfiguration: a location cannot be read; CatalogueUnavailable.
    """
    for row in _rows(engine):
        before = _location(row, cipher)
        encrypted = is_encrypted(row.value)
        after = fix(before, encrypted)
        if after is not before and not dry_run:
            same = after.url == before.url
            url = row.value if same else cipher.kept(after.url, form_of(row.value))
            _write(engine, row, url, json.dumps(dict(after.metadata)))


def rewrite(engine: Engine, cipher: UrlCipher, form: Form) -> int:
    """Bring the URLs of all locations into one form; return how many had another.

    Raises:
        BadConfiguration: a location cannot be read; CatalogueUnavailable.
    """
    written = 0
    for row in _rows(engine):
        url = _location(row, cipher).url
        if form_of(row.value) is not form:
            _write(engine, row, cipher.kept(url, form), row.meta_data)
            written += 1
    return written


def _rows(engine: Engine) -> Iterator[Any]:
    after = 0
    while True:
        with translated(), engine.connect() as connection:
            piece = connection.execute(_PIECE, {"after": after}).all()
        yield from piece
        if len(piece) < _AT_ONCE:
            return
        after = piece[-1].id


def _location(row: Any, cipher: UrlCipher) -> Location:
    try:
        metadata = json.loads(row.meta_data) if row.meta_data else {}
    except ValueError as error:
        raise BadConfiguration(
            "[database] connection",
            f"the metadata of location {row.id} of image {row.image_id} is no JSON: correct it.",
        ) from error
    url = cipher.plain(row.value)
    if is_encrypted(url):
        raise BadConfiguration(
            OPTION,
            f"the URL of location {row.id} of image {row.image_id} is encrypted, and cannot be "
            "read with the key that is set: set the one that Glance had.",
        )
    return Location(url, metadata, row.id)


def _write(engine: Engine, row: Any, url: str, metadata: str | None) -> None:
    parameters = {
        **{"this_row": row.id, "value_then": row.value},
        **{"value": url, "meta_data": metadata},
    }
    statement = _WRITE_IF_NONE
    if row.meta_data is not None:
        statement = _WRITE_IF_SAME
        parameters["meta_data_then"] = row.meta_data
    with translated(row.image_id), engine.connect() as connection:
        connection.execute(statement, parameters)

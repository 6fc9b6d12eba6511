"""The URL and metadata of single locations, beside everything else about their images."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, false, select, true, update

from tintype.adapters.database.session import Session
from tintype.adapters.database.stored_json import is_metadata, read_metadata
from tintype.adapters.database.tables import image_locations
from tintype.adapters.database.url_cipher import form_of
from tintype.domain.location import Location

_c = image_locations.c
_THIS = (
    _c.id == bindparam("this_row"),
    _c.image_id == bindparam("this_image"),
    _c.deleted == false(),
)
_FIND = select(_c.value, _c.meta_data).where(*_THIS)
_PAST = select(_c.id, _c.value, _c.meta_data).where(
    _c.id == bindparam("this_row"), _c.image_id == bindparam("this_image"), _c.deleted == true()
)
_RELABEL = update(image_locations).where(*_THIS, _c.value == bindparam("value_then"))
_RELABEL_TEXT = _RELABEL.where(_c.meta_data == bindparam("meta_data_then"))
_RELABEL_NOTHING = _RELABEL.where(_c.meta_data.is_(None))
_FROM = (
    select(_c.id, _c.image_id, _c.value, _c.meta_data)
    .where(_c.id > bindparam("after"), _c.deleted == false())
    .order_by(_c.id)
    .limit(bindparam("most"))
)


def locations_after(session: Session, after: int, limit: int) -> Sequence[tuple[str, Location]]:
    """Return recorded locations beyond a number, each with the id of its image."""
    rows = session.find(_FROM, {"after": after, "most": limit})
    return [(row.image_id, _location(session, row)) for row in rows]


def past_location(session: Session, image_id: str, number: int) -> Location | None:
    """Return a location that an image had; None if it has it still, or no row says so."""
    rows = session.find(_PAST, {"this_row": number, "this_image": image_id}, about=image_id)
    return _location(session, rows[0]) if rows else None


def _location(session: Session, row: Row[Any]) -> Location:
    return Location(session.urls.plain(row.value), read_metadata(row.meta_data), row.id)


def relabel_location(session: Session, image_id: str, before: Location, after: Location) -> bool:
    """Write another URL and other metadata if the row still says what it said; tell whether it did.

    The comparison is with the text as it stands there: other programs write JSON with other
    blanks.
    """
    this = {"this_row": before.id, "this_image": image_id}
    rows = session.find(_FIND, this, about=image_id)
    if not rows:
        return False
    url, text = rows[0].value, rows[0].meta_data
    if (session.urls.plain(url), read_metadata(text)) != (before.url, before.metadata):
        return False
    if not is_metadata(text):
        return False  # what cannot be read would be lost
    parameters = {**this, "value_then": url, "meta_data": json.dumps(dict(after.metadata))}
    if after.url != before.url:
        parameters["value"] = session.urls.kept(after.url, form_of(url))
    if text is None:
        done = session.execute(_RELABEL_NOTHING, parameters, about=image_id)
    else:
        parameters["meta_data_then"] = text
        done = session.execute(_RELABEL_TEXT, parameters, about=image_id)
    return done.rowcount == 1

"""Writing which locations of an image are new, different or gone."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from tintype.adapters.database.adoption.facts import WITHOUT_THE_FIELD
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import adoption, image_locations
from tintype.adapters.database.url_cipher import Form
from tintype.adapters.database.values import naive
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.status import Status

ACTIVE: Final = "active"
"""The status of a location whose data is there."""

_ADD = insert(image_locations)
_CHANGE = update(image_locations).where(image_locations.c.id == bindparam("this_row"))
_MARK = update(image_locations).where(
    image_locations.c.image_id == bindparam("this_image"),
    image_locations.c.status == bindparam("status_then"),
)
_WITHOUT_THE_FIELD = select(adoption.c.fact).where(
    adoption.c.fact.in_([fact.value for fact in WITHOUT_THE_FIELD])
)


def new_child(image_id: str, stamp: datetime) -> dict[str, Any]:
    """Return what every new row has that hangs on an image."""
    return {
        "image_id": image_id,
        "created_at": stamp,
        "updated_at": stamp,
        "deleted": False,
        "deleted_at": None,
    }


def gone(status: Status, at: datetime) -> dict[str, Any]:
    """Return what a location becomes whose data is gone, or will be."""
    return {"status": status.value, "deleted": True, "deleted_at": at}


def write_locations(session: Session, image: Image, was: list[Location]) -> None:
    """Write locations that are new, different or gone; new ones get their numbers."""
    stamp = naive(image.updated_at)
    before = {location.id: location for location in was}
    kept = {location.id for location in image.locations}
    for location in was:
        if location.id not in kept:
            _change(session, image.id, location, stamp, gone(Status.DELETED, stamp))
    for place, location in enumerate(image.locations):
        if location.id not in before:
            image.locations[place] = _add(session, image.id, location, stamp)
        elif location != before[location.id]:
            _change(session, image.id, location, stamp, _values(session, location))


def mark_locations(
    session: Session, image_id: str, at: datetime, status_then: str, values: dict[str, Any]
) -> None:
    """Change all locations of an image that have a status."""
    parameters = {"this_image": image_id, "status_then": status_then, "updated_at": at, **values}
    session.execute(_MARK, parameters, about=image_id)


def _add(session: Session, image_id: str, location: Location, at: datetime) -> Location:
    row = {**new_child(image_id, at), **_values(session, location), "status": ACTIVE}
    return replace(location, id=session.insert(_ADD, row, about=image_id))


def _change(
    session: Session, image_id: str, location: Location, at: datetime, values: dict[str, Any]
) -> None:
    parameters = {"this_row": location.id, "updated_at": at, **values}
    session.execute(_CHANGE, parameters, about=image_id)


def _values(session: Session, location: Location) -> dict[str, Any]:
    # PostgreSQL refuses NUL, and JSON says it in ASCII.
    metadata = json.dumps(dict(location.metadata))
    return {"value": kept(session, location.url), "meta_data": metadata}


def kept(session: Session, url: str) -> str:
    """Return what the database keeps of a URL: in the field's form while that reads it too."""
    if not session.urls.encrypts:
        return url
    alone = session.find(_WITHOUT_THE_FIELD)
    return session.urls.kept(url, Form.OWN if alone else Form.FIELD)

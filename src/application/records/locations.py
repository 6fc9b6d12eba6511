"""Locations of images by the database functions (database §3)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tintype.application.records.seen import known_image
from tintype.application.records.times import naive_now
from tintype.application.retry import retried
from tintype.domain.errors import Duplicate, Invalid, NotFound
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.records import Records, RecordWork, Row
from tintype.domain.record.image import MARKED, location_columns, require_mark
from tintype.domain.record.text import json_text, require_mapping, require_three_bytes
from tintype.domain.status import Status


@dataclass(frozen=True)
class LocationRecords:
    """Locations one by one; nobody's right to do so is asked for."""

    work: RecordWork
    clock: Clock

    @retried
    def add(self, image_id: str, location: Mapping[str, Any]) -> None:
        """Add a location to an image.

        Raises:
            ImageNotFound: there is no such image.
            Duplicate: the image has a live location of that URL.
            Invalid: a value cannot be.
        """
        require_mapping("A location", location)
        require_three_bytes(location)
        with self.work() as records:
            known_image(records, image_id, lock=True)
            url = _add(records, image_id, location, naive_now(self.clock))
            _require_once(records, image_id, [url])
            records.commit()

    @retried
    def update(self, image_id: str, location: Mapping[str, Any]) -> None:
        """Change the location whose id is given.

        Raises:
            ImageNotFound, NotFound: there is no such image, or no such location of it.
            Duplicate: the image has another live location of that URL.
            Invalid: a value cannot be, or there is no id.
        """
        require_mapping("A location", location)
        require_three_bytes(location)
        if location.get("id") is None:
            raise Invalid("A location that is to be changed must have an id.")
        with self.work() as records:
            known_image(records, image_id, lock=True)
            url = _change(records, image_id, location, naive_now(self.clock))
            _require_once(records, image_id, [url])
            records.commit()

    @retried
    def delete(
        self, image_id: str, location_id: int, status: str, delete_time: datetime | None = None
    ) -> None:
        """Mark a location as deleted or about to be, at that time or now.

        Raises:
            Invalid: the status is neither.
            NotFound: the image has no such location.
        """
        require_mark(status)
        at = delete_time or naive_now(self.clock)
        mark = {"status": status, "deleted": True, "deleted_at": at, "updated_at": at}
        with self.work() as records:
            if not records.locations.change(mark, id=location_id, image_id=image_id):
                raise _not_there(image_id, location_id)
            records.commit()


def write(
    records: Records, image_id: str, given: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Replace the locations of an image that is locked: those left out are deleted.

    Raises:
        NotFound: one has an id that is not of the image.
        Duplicate: two have the same URL.
        Invalid: a value cannot be, or what is given is no list.
    """
    if not isinstance(given, Sequence):
        raise Invalid(f"Locations must be given as a list, not as {given!r}.")
    for location in given:
        require_mapping("A location", location)
    kept = [location.get("id") for location in given]
    mark = {"status": Status.DELETED.value, "deleted": True, "deleted_at": now, "updated_at": now}
    for row in records.locations.find(image_id=image_id, deleted=False):
        if row["id"] not in kept:
            records.locations.change(mark, id=row["id"])
    urls = []
    for location in given:
        save = _add if location.get("id") is None else _change
        urls.append(save(records, image_id, location, now))
    # Only now: two that exchange their URLs are alike for a moment.
    _require_once(records, image_id, urls)


def _add(records: Records, image_id: str, location: Mapping[str, Any], now: datetime) -> str | None:
    """Add a row, and return its URL if it is a live one."""
    columns = {"metadata": {}, "status": Status.ACTIVE.value, **location_columns(location)}
    if columns.get("value") is None:
        raise Invalid("A location must have a url.")
    records.locations.add(image_id=image_id, created_at=now, **_stored(columns, now))
    return None if columns["status"] in MARKED else columns["value"]


def _change(
    records: Records, image_id: str, location: Mapping[str, Any], now: datetime
) -> str | None:
    """Change a row, and return its URL if it is a live one and was not before."""
    rows = records.locations.find(id=location["id"], image_id=image_id)
    if not rows:
        raise _not_there(image_id, location["id"])
    (row,) = rows
    columns = {"status": row["status"], **location_columns(location)}
    records.locations.change(_stored(columns, now), id=row["id"])
    url = columns.get("value", row["value"])
    known = url == row["value"] and not row["deleted"]
    return None if known or columns["status"] in MARKED else url


def _stored(columns: Row, now: datetime) -> Row:
    gone = columns["status"] in MARKED
    stored = {**columns, "updated_at": now, "deleted": gone, "deleted_at": now if gone else None}
    if "metadata" in stored:
        stored["meta_data"] = json_text("The metadata of a location", stored.pop("metadata") or {})
    return stored


def _require_once(records: Records, image_id: str, urls: Collection[str | None]) -> None:
    live = Counter(row["value"] for row in records.locations.find(image_id=image_id, deleted=False))
    if any(live[url] > 1 for url in urls if url is not None):
        raise Duplicate(f"Image {image_id} has a location of that URL already.")


def _not_there(image_id: str, location_id: object) -> NotFound:
    return NotFound(f"Image {image_id} has no location {location_id}.")

"""Properties of images by the database functions (database §4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tintype.application.records.seen import known_image
from tintype.application.records.times import naive_now
from tintype.application.retry import retried
from tintype.domain.errors import AlikeInDatabase, Duplicate, Invalid, NotFound, StaleWrite
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.records import Records, RecordWork, Row
from tintype.domain.record.text import require_three_bytes

BACK = {"deleted": False, "deleted_at": None}
"""What makes a row that was marked as deleted a live one again."""


@dataclass(frozen=True)
class PropertyRecords:
    """Properties one by one; nobody's right to do so is asked for."""

    work: RecordWork
    clock: Clock

    @retried
    def create(self, image_id: str, name: str, value: Any) -> Row:
        """Give an image a property, and return its row.

        Raises:
            ImageNotFound: there is no such image.
            Duplicate: the image has the property.
            Invalid: the name or the value cannot be.
        """
        require_three_bytes(name, value)
        with self.work() as records:
            known_image(records, image_id, lock=True)
            add(records, image_id, name, value, naive_now(self.clock))
            (row,) = records.properties.find(image_id=image_id, name=name)
            records.commit()
        return row

    @retried
    def delete(self, image_id: str, name: str) -> Row:
        """Mark a property as deleted, and return its row.

        Raises:
            NotFound: the image does not have the property.
        """
        now = naive_now(self.clock)
        mark = {"deleted": True, "deleted_at": now, "updated_at": now}
        with self.work() as records:
            found = records.properties.find(lock=True, image_id=image_id, name=name, deleted=False)
            if not found:
                raise _not_there(image_id, name)
            records.properties.change(mark, id=found[0]["id"])
            records.commit()
        return found[0] | mark


def add(records: Records, image_id: str, name: str, value: Any, now: datetime) -> None:
    """Give an image, which is locked, a property that it has not.

    The row of a property that was removed is still there and must be used again.

    Raises:
        Duplicate: the image has the property, or one that the database takes for it.
    """
    values = {"value": value, "updated_at": now, **BACK}
    for row in records.properties.find(lock=True, image_id=image_id, name=name):
        if row["deleted"]:
            records.properties.change(values, id=row["id"])
            return
        raise Duplicate(f"Image {image_id} has a property '{name}' already.")
    records.properties.add(image_id=image_id, name=name, created_at=now, **values)


def remove(records: Records, image_id: str, name: str, value: str) -> None:
    """Delete the row of a property if it has that value.

    Raises:
        NotFound: there is none.
    """
    this: Row = {"image_id": image_id, "name": name, "value": value, "deleted": False}
    found = records.properties.find(**this)
    if not found or not records.properties.remove(**this, id=found[0]["id"]):
        raise _not_there(image_id, name)


def write(
    records: Records,
    image_id: str,
    given: Mapping[str, Any],
    now: datetime,
    *,
    purge: bool = False,
    untouched: Collection[str] = (),
) -> None:
    """Write the properties of an image that is locked; `purge` marks all others as deleted.

    Raises:
        Invalid: what is given is no mapping.
        AlikeInDatabase: the database takes a name for that of another property.
    """
    if not isinstance(given, Mapping):
        raise Invalid("The properties of an image must be given as a mapping of names to values.")
    there = {row["name"]: row for row in records.properties.find(image_id=image_id)}
    # Before the others, so that one can take the place of a name that is alike in the database.
    if purge:
        mark = {"deleted": True, "deleted_at": now, "updated_at": now}
        for name, row in there.items():
            if not (name in given or name in untouched or row["deleted"]):
                records.properties.change(mark, id=row["id"])
    wanted = {name: value for name, value in given.items() if name not in untouched}
    for name in wanted.keys() & there.keys():
        if there[name]["deleted"] or there[name]["value"] != wanted[name]:
            values = {"value": wanted[name], "updated_at": now, **BACK}
            records.properties.change(values, id=there[name]["id"])
    # After the others, whose rows they must not take.
    for name, value in wanted.items():
        if name not in there:
            values = {"value": value, "updated_at": now, **BACK}
            _add_new(records, image_id, name, now, values)


def _add_new(
    records: Records, image_id: str, name: str, now: datetime, values: Mapping[str, Any]
) -> None:
    try:
        records.properties.add(image_id=image_id, name=name, created_at=now, **values)
    except AlikeInDatabase:
        raise
    except Duplicate as error:
        # Who sets atomic properties does not wait for the image.
        raise StaleWrite(image_id) from error


def _not_there(image_id: str, name: str) -> NotFound:
    return NotFound(f"Image {image_id} does not have that property '{name}'.")

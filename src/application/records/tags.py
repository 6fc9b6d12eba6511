"""Tags of images by the database functions (database §6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tintype.application.records.properties import BACK
from tintype.application.records.seen import distinct, known_image
from tintype.application.records.times import naive_now
from tintype.application.retry import retried
from tintype.domain.errors import TagNotFound
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.records import Records, RecordWork
from tintype.domain.record.text import require_three_bytes


@dataclass(frozen=True)
class TagRecords:
    """Tags one by one, or all of an image; nobody's right to do so is asked for."""

    work: RecordWork
    clock: Clock

    @retried
    def set_all(self, image_id: str, tags: Iterable[str]) -> None:
        """Have an image carry these tags and no others; those that stay keep their place.

        Raises:
            ImageNotFound: there is no such image.
            Invalid: a tag is too long.
        """
        wanted = distinct(tags)
        with self.work() as records:
            known_image(records, image_id, lock=True)
            there = _live(records, image_id)
            _drop(records, image_id, [tag for tag in there if tag not in wanted], self._now())
            for tag in wanted:
                if tag not in there:
                    _add(records, image_id, tag, self._now())
            records.commit()

    @retried
    def create(self, image_id: str, tag: str) -> str:
        """Have an image carry a tag, which it may do already; return the tag.

        Raises:
            ImageNotFound: there is no such image.
            Invalid: the tag cannot be.
        """
        require_three_bytes(tag)
        with self.work() as records:
            known_image(records, image_id, lock=True)
            if tag not in _live(records, image_id):
                _add(records, image_id, tag, self._now())
            records.commit()
        return tag

    @retried
    def delete(self, image_id: str, tag: str) -> None:
        """Take a tag from an image.

        Raises:
            TagNotFound: the image does not carry it.
        """
        with self.work() as records:
            if tag not in _live(records, image_id):
                raise TagNotFound(tag, image_id)
            _drop(records, image_id, [tag], self._now())
            records.commit()

    def all(self, image_id: str) -> list[str]:
        """Return the tags of an image, in the order in which they came; none if there is none."""
        with self.work(read_only=True) as records:
            return _live(records, image_id)

    def _now(self) -> datetime:
        return naive_now(self.clock)


def _live(records: Records, image_id: str) -> list[str]:
    rows = records.tags.find(image_id=image_id, deleted=False)
    return distinct(row["value"] for row in rows)


def _add(records: Records, image_id: str, tag: str, now: datetime) -> None:
    times = {"created_at": now, "updated_at": now}
    records.tags.add(image_id=image_id, value=tag, **times, **BACK)


def _drop(records: Records, image_id: str, tags: list[str], now: datetime) -> None:
    mark = {"deleted": True, "deleted_at": now, "updated_at": now}
    rows = records.tags.find(image_id=image_id, deleted=False)
    # By their numbers, since adopted columns may take texts for equal that differ in case.
    if ids := [row["id"] for row in rows if row["value"] in tags]:
        records.tags.change(mark, id=ids)

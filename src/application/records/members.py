"""Members of images by the database functions (database §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tintype.application.records.properties import BACK
from tintype.application.records.seen import known_image
from tintype.application.records.times import naive_now
from tintype.application.retry import retried
from tintype.domain.errors import Invalid, NotFound
from tintype.domain.member import MemberStatus
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.records import RecordWork, Row
from tintype.domain.record.text import require_mapping, require_three_bytes
from tintype.domain.record.viewer import Viewer

_SHOWN = (
    *("id", "image_id", "member", "can_share"),
    *("status", "created_at", "updated_at", "deleted"),
)
_WRITABLE = ("image_id", "member", "can_share", "status")


@dataclass(frozen=True)
class MemberRecords:
    """Memberships one by one; nobody's right to change them is asked for."""

    work: RecordWork
    clock: Clock

    @retried
    def create(self, values: Mapping[str, Any]) -> Row:
        """Make a project a member, also one that is or was, and return the row.

        Raises:
            ImageNotFound: there is no such image.
            Invalid: a value cannot be.
        """
        require_three_bytes(values)
        image_id, member = values["image_id"], values.get("member")
        given = {name: value for name, value in _columns(values).items() if value is not None}
        columns = {"status": MemberStatus.PENDING.value, "can_share": False, **given}
        now = naive_now(self.clock)
        with self.work() as records:
            known_image(records, image_id, lock=True)
            rows = records.members.find(image_id=image_id, member=member)
            rows.sort(key=lambda row: row["deleted"])
            if rows:
                row_id = rows[0]["id"]
                records.members.change(columns | {"updated_at": now, **BACK}, id=row_id)
            else:
                times = {"created_at": now, "updated_at": now}
                row_id = records.members.add(**columns, **times, **BACK)
            (row,) = records.members.find(id=row_id)
            records.commit()
        return _shown(row)

    @retried
    def update(self, row_id: int, values: Mapping[str, Any]) -> Row:
        """Change a membership, and bring it back if it was deleted; return the row.

        Raises:
            NotFound: there is none of that number.
            Invalid: a value cannot be.
        """
        require_mapping("A membership", values)
        require_three_bytes(values)
        changes = _columns(values) | {"updated_at": naive_now(self.clock), **BACK}
        with self.work() as records:
            if not records.members.find(lock=True, id=row_id):
                raise _not_there(row_id)
            records.members.change(changes, id=row_id)
            (row,) = records.members.find(id=row_id)
            records.commit()
        return _shown(row)

    @retried
    def delete(self, row_id: int) -> None:
        """Mark a membership as deleted.

        Raises:
            NotFound: there is no live one of that number.
        """
        now = naive_now(self.clock)
        mark = {"deleted": True, "deleted_at": now, "updated_at": now}
        with self.work() as records:
            if not records.members.change(mark, id=row_id, deleted=False):
                raise _not_there(row_id)
            records.commit()

    def find(self, viewer: Viewer, *, include_deleted: bool = False, **equal: Any) -> Sequence[Row]:
        """Return the memberships of the caller and those of its images, in order of number.

        `equal` narrows by image_id, member and status. Administrators find all.
        """
        there = {} if include_deleted else {"deleted": False}
        with self.work(read_only=True) as records:
            return [_shown(row) for row in records.members.seen_by(viewer, **equal, **there)]

    def count(self, image_id: str) -> int:
        """Return how many members an image has.

        Raises:
            Invalid: no image is named.
        """
        if not image_id:
            raise Invalid("An image must be named whose members are counted.")
        with self.work(read_only=True) as records:
            rows = records.members.find(image_id=image_id, deleted=False)
        # Older programs may have left one twice.
        return len({row["member"] for row in rows})


def _columns(values: Mapping[str, Any]) -> Row:
    columns = {name: values[name] for name in _WRITABLE if name in values}
    if columns.get("status") not in [None, *MemberStatus]:
        raise Invalid(
            f"Invalid status '{columns['status']}' of a member: use {', '.join(MemberStatus)}."
        )
    return columns


def _shown(row: Row) -> Row:
    return {name: row[name] for name in _SHOWN}


def _not_there(row_id: object) -> NotFound:
    return NotFound(f"There is no image member with the number {row_id}.")

"""Members in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Row,
    String,
    bindparam,
    delete,
    exists,
    false,
    insert,
    null,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database.exactly import equals
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_members, images
from tintype.adapters.database.values import aware, naive, require_storable, storable
from tintype.domain.errors import Duplicate, ImageNotFound, MemberNotFound
from tintype.domain.member import Member, MemberStatus

_c = image_members.c
_MEMBERS = select(
    *(_c.image_id, _c.member, _c.created_at, _c.updated_at, _c.status, _c.can_share, _c.id)
)
_LIVE = _c.deleted == false()
_OF_IMAGE = _c.image_id == bindparam("of_image")
_OF_PROJECT = equals(_c.member, bindparam("project", type_=String))
_LIST = _MEMBERS.where(_OF_IMAGE, _LIVE).order_by(_c.id)
_GET = _LIST.where(_OF_PROJECT)
_EVERY = select(_c.id, _c.deleted, _c.created_at).where(_OF_IMAGE, _OF_PROJECT).order_by(_c.id)
_LOCK_IMAGE = (
    select(images.c.id)
    .where(images.c.id == bindparam("of_image"), images.c.deleted == false())
    .with_for_update()
)
_ADD = insert(image_members)
_ROW = _c.id == bindparam("row")
_REVIVE = update(image_members).where(_ROW).values(deleted=false(), deleted_at=null())
_SAVE = update(image_members).where(_ROW, _LIVE)
_REMOVE = update(image_members).where(_ROW, _LIVE).values(deleted=true())
_DROP_DOUBLES = delete(image_members).where(
    _OF_IMAGE, _OF_PROJECT, _LIVE, _c.id != bindparam("row")
)
_older = image_members.alias("older").c
_DOUBLES = select(_c.id).where(
    _OF_IMAGE,
    _LIVE,
    exists().where(
        _older.image_id == _c.image_id,
        # As the column compares: that is how its unique key does.
        _older.member == _c.member,
        _older.deleted == false(),
        _older.id < _c.id,
    ),
)


def drop_double_members(session: Session, image_id: str) -> None:
    """Delete the live rows of an image that cannot end in one moment with an older one.

    The unique key of the field lets them live: the same project twice, and on MySQL two that
    differ in case.
    """
    for row in session.find(_DOUBLES, {"of_image": image_id}, about=image_id):
        session.execute(delete(image_members).where(_c.id == row.id), about=image_id)


class SqlMemberRepository:
    """The table `image_members`; a removed member's row stays and is used again.

    The unique key of the field counts removed rows apart and so forbids no two live ones:
    who adds locks the image instead.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, image_id: str, member_id: str) -> Member:
        """Return one membership.

        Raises:
            MemberNotFound: the project is no member.
        """
        for row in self._rows(_GET, image_id, project=member_id):
            if row.member == member_id:
                return _member(row)
        raise MemberNotFound(member_id, image_id)

    def list(self, image_id: str) -> Sequence[Member]:
        """Return the members of an image, oldest first; removed ones are gone."""
        members: dict[str, Member] = {}
        for row in self._rows(_LIST, image_id):
            members.setdefault(row.member, _member(row))
        return [*members.values()]

    def _rows(self, statement: Any, image_id: str, **values: str) -> Sequence[Row[Any]]:
        if not all(map(storable, (image_id, *values.values()))):
            return []
        parameters = {"of_image": image_id, **values}
        return self._session.find(statement, parameters, about=image_id)

    def add(self, member: Member) -> None:
        """Record a membership; a project removed earlier may come back.

        `member` learns its number, and when the project was first offered the image.

        Raises:
            Duplicate: the project is a member already.
            ImageNotFound: there is no such image.
            Invalid: the database cannot hold the id.
        """
        require_storable(member.member_id)
        if not self._rows(_LOCK_IMAGE, member.image_id):
            raise ImageNotFound(member.image_id)
        rows = self._rows(_EVERY, member.image_id, project=member.member_id)
        if any(not row.deleted for row in rows):
            raise _duplicate(member)
        if rows:
            self._revive(member, rows[0])
        else:
            self._insert(member)

    def _revive(self, member: Member, row: Row[Any]) -> None:
        revived = {"row": row.id, **_values(member)}
        try:
            self._session.execute(_REVIVE, revived, about=member.image_id)
        except IntegrityError as error:
            # Another program, which locks nothing, added it at the same moment.
            raise _duplicate(member) from error
        member.id = row.id
        member.created_at = aware(row.created_at)

    def _insert(self, member: Member) -> None:
        row = {
            "image_id": member.image_id,
            "member": member.member_id,
            "created_at": naive(member.created_at),
            "deleted": False,
            **_values(member),
        }
        try:
            member.id = self._session.insert(_ADD, row, about=member.image_id)
        except IntegrityError as error:
            raise _duplicate(member) from error

    def save(self, member: Member) -> None:
        """Write the status of a membership.

        Raises:
            MemberNotFound: it was removed in the meantime.
        """
        self._update(_SAVE, member, _values(member))

    def remove(self, member: Member) -> None:
        """End a membership.

        Raises:
            MemberNotFound: it was removed in the meantime.
        """
        # The field's programs may have left two live rows; they cannot end in the same moment.
        doubles = {"of_image": member.image_id, "project": member.member_id, "row": member.id}
        self._session.execute(_DROP_DOUBLES, doubles, about=member.image_id)
        now = naive(self._session.now())
        self._update(_REMOVE, member, {"deleted_at": now, "updated_at": now})

    def _update(self, statement: Any, member: Member, values: dict[str, Any]) -> None:
        parameters = {"row": member.id, **values}
        result = self._session.execute(statement, parameters, about=member.image_id)
        if result.rowcount != 1:
            raise MemberNotFound(member.member_id, member.image_id)


def _duplicate(member: Member) -> Duplicate:
    return Duplicate(f"{member.member_id} is a member of image {member.image_id} already.")


def _values(member: Member) -> dict[str, Any]:
    return {
        "status": member.status.value,
        "can_share": member.can_share,
        "updated_at": naive(member.updated_at),
    }


def _member(row: Row[Any]) -> Member:
    image_id, member_id, created_at, updated_at, status, can_share, row_id = tuple(row)
    return Member(
        image_id=image_id,
        member_id=member_id,
        created_at=aware(created_at),
        updated_at=aware(updated_at or created_at),
        status=MemberStatus(status),
        can_share=bool(can_share),
        id=row_id,
    )

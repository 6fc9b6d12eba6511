"""Sharing an image with another project."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, Invalid

MAX_MEMBER_ID = 255


class MemberStatus(StrEnum):
    """What the member made of the offer; access does not depend on it, its lists do."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(slots=True, eq=False)
class Member:
    """A project that an image is shared with (images-api §10)."""

    image_id: str
    member_id: str
    created_at: datetime
    updated_at: datetime
    status: MemberStatus = MemberStatus.PENDING
    can_share: bool = False
    id: int | None = None

    def __post_init__(self) -> None:
        if not self.member_id:
            raise Invalid("A member must be the id of a project, not an empty string.")
        if len(self.member_id) > MAX_MEMBER_ID:
            raise Invalid(f"A member id has at most {MAX_MEMBER_ID} characters.")

    def answer(self, status: MemberStatus, caller: Caller, at: datetime) -> None:
        """Accept, reject or shelve the offer.

        Raises:
            Forbidden: the caller is neither the member itself nor an administrator.
        """
        if not (caller.is_admin or caller.owns(self.member_id)):
            raise Forbidden("Only the member itself may change its status.")
        self.status = status
        self.updated_at = at

    def readable_by(self, caller: Caller, owner: str | None) -> bool:
        """Tell whether the caller may know of this membership (access-control §4)."""
        return caller.is_admin or caller.owns(owner) or caller.owns(self.member_id)

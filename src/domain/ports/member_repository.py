"""The catalogue of who shares what."""

from collections.abc import Sequence
from typing import Protocol

from tintype.domain.member import Member


class MemberRepository(Protocol):
    """Finds the members of an image and keeps what became of them."""

    def get(self, image_id: str, member_id: str) -> Member:
        """Return one membership.

        Raises:
            MemberNotFound: the project is no member.
        """

    def list(self, image_id: str) -> Sequence[Member]:
        """Return the members of an image in the order of first addition, without removed ones."""

    def add(self, member: Member) -> None:
        """Record a membership; a project removed earlier may come back.

        Raises:
            Duplicate: the project is a member already.
        """

    def save(self, member: Member) -> None:
        """Write the status of a membership.

        Raises:
            MemberNotFound: it was removed in the meantime.
        """

    def remove(self, member: Member) -> None:
        """End a membership.

        Raises:
            MemberNotFound: it was removed in the meantime.
        """

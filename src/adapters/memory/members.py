"""Members in memory."""

from collections.abc import Sequence
from dataclasses import replace

from tintype.adapters.memory.state import Transaction
from tintype.domain.errors import Duplicate, Invalid, MemberNotFound
from tintype.domain.member import Member


class MemoryMemberRepository:
    """Finds and keeps members within one transaction on the state in memory."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def get(self, image_id: str, member_id: str) -> Member:
        """Return a copy of one membership.

        Raises:
            MemberNotFound: the project is no member.
        """
        member = self._transaction.state.members.get((image_id, member_id))
        if member is None:
            raise MemberNotFound(member_id, image_id)
        return replace(member)

    def list(self, image_id: str) -> Sequence[Member]:
        """Return copies of the members of an image, the lowest number first."""
        members = self._transaction.state.members
        found = [replace(member) for key, member in members.items() if key[0] == image_id]
        return sorted(found, key=lambda member: member.id or 0)

    def add(self, member: Member) -> None:
        """Record a membership; one that comes back keeps its number and date of creation.

        Raises:
            Duplicate: the project is a member already.
            Invalid: the id of the project holds a NUL character.
        """
        state = self._transaction.change()
        key = _key(member)
        if key in state.members:
            raise Duplicate(
                f"Project {member.member_id} is already a member of image {member.image_id}."
            )
        if "\0" in member.member_id:
            raise Invalid("NUL characters cannot be stored.")
        earlier = state.removed.pop(key, None)
        if earlier is None:
            member.id = state.next_number()
        else:
            member.id, member.created_at = earlier.id, earlier.created_at
        state.members[key] = replace(member)

    def save(self, member: Member) -> None:
        """Write the status of a membership.

        Raises:
            MemberNotFound: it was removed in the meantime.
        """
        state = self._transaction.change()
        kept = self.get(member.image_id, member.member_id)
        state.members[_key(member)] = replace(
            kept, status=member.status, updated_at=member.updated_at
        )

    def remove(self, member: Member) -> None:
        """End a membership.

        Raises:
            MemberNotFound: it was removed in the meantime.
        """
        state = self._transaction.change()
        state.removed[_key(member)] = self.get(member.image_id, member.member_id)
        del state.members[_key(member)]


def _key(member: Member) -> tuple[str, str]:
    return member.image_id, member.member_id

"""Sharing images with other projects (images-api §10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, ImageNotFound, MemberNotFound, NotShared, QuotaExceeded
from tintype.domain.events import MemberAdded, MemberRemoved, MemberUpdated
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.member import Member, MemberStatus
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.visibility import Visibility


def require_shared(image: Image) -> None:
    """Raise NotShared unless the image is one that has members."""
    if image.visibility is not Visibility.SHARED:
        raise NotShared()


@dataclass(frozen=True)
class AddMember:
    """Offer an image to a project."""

    work: Work
    access: Access
    notifier: Notifier
    clock: Clock
    limits: Limits

    def __call__(self, caller: Caller, image_id: str, member_id: str) -> Member:
        """Add the project and return its membership, which is pending.

        Raises:
            ImageNotFound, Forbidden, NotShared: the caller may not.
            Duplicate: it is a member already; QuotaExceeded: there are enough.
        """
        self.access.require_writer(caller)
        member = self._add(caller, image_id, member_id)
        self.notifier.tell([MemberAdded(image_id, member_id)])
        return member

    @retried
    def _add(self, caller: Caller, image_id: str, member_id: str) -> Member:
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require_change(caller, "add_member", image)
            require_shared(image)
            now = self.clock.now()
            member = Member(image_id, member_id, created_at=now, updated_at=now)
            self._check_quota([*work.members.list(image_id), member])
            work.members.add(member)
            work.commit()
        return member

    def _check_quota(self, members: Sequence[Member]) -> None:
        quota = self.limits.image_member_quota
        if 0 <= quota < len({member.member_id for member in members}):
            raise QuotaExceeded("members", len(members), quota)


@dataclass(frozen=True)
class ListMembers:
    """Show whom an image is shared with."""

    work: Work
    access: Access

    def __call__(self, caller: Caller, image_id: str) -> Sequence[Member]:
        """Return the members that the caller may know of, oldest first.

        Raises:
            ImageNotFound, Forbidden, NotShared: the caller may not, or there are none.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
            self.access.require(caller, "get_members", image)
            require_shared(image)
            members = work.members.list(image_id)
        if not self.access.authoriser.allows(caller, "get_member", image):
            return []
        return [member for member in members if member.readable_by(caller, image.owner)]


@dataclass(frozen=True)
class ShowMember:
    """Look one membership up; every refusal is the same 404 (access-control §4)."""

    work: Work
    access: Access

    def __call__(self, caller: Caller, image_id: str, member_id: str) -> Member:
        """Return the membership.

        Raises:
            ImageNotFound, MemberNotFound: there is none that the caller may know of.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
            try:
                self.access.require(caller, "get_member", image)
                require_shared(image)
            except (Forbidden, ImageNotFound):
                raise MemberNotFound(member_id, image_id) from None
            member = work.members.get(image_id, member_id)
        if not member.readable_by(caller, image.owner):
            raise MemberNotFound(member_id, image_id)
        return member


@dataclass(frozen=True)
class AnswerOffer:
    """Accept, reject or shelve an image that was offered."""

    work: Work
    access: Access
    notifier: Notifier
    clock: Clock

    def __call__(
        self, caller: Caller, image_id: str, member_id: str, status: MemberStatus
    ) -> Member:
        """Set the status of the membership and return it.

        Raises:
            ImageNotFound, MemberNotFound: there is none that the caller may know of.
            Forbidden, NotShared: the caller is the owner, or may not.
        """
        self.access.require_writer(caller)
        member = self._answer(caller, image_id, member_id, status)
        self.notifier.tell([MemberUpdated(image_id, member_id)])
        return member

    @retried
    def _answer(
        self, caller: Caller, image_id: str, member_id: str, status: MemberStatus
    ) -> Member:
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require(caller, "modify_member", image)
            require_shared(image)
            if caller.owns(image.owner) and not caller.is_admin:
                raise Forbidden("The owner of an image does not answer for its members.")
            member = work.members.get(image_id, member_id)
            if not member.readable_by(caller, image.owner):
                raise MemberNotFound(member_id, image_id)
            member.answer(status, caller, self.clock.now())
            work.members.save(member)
            work.commit()
        return member


@dataclass(frozen=True)
class RemoveMember:
    """Stop sharing an image with a project."""

    work: Work
    access: Access
    notifier: Notifier

    def __call__(self, caller: Caller, image_id: str, member_id: str) -> None:
        """Remove the membership.

        Raises:
            ImageNotFound, Forbidden, NotShared: the caller may not.
            MemberNotFound: the project is no member.
        """
        self.access.require_writer(caller)
        self._remove(caller, image_id, member_id)
        self.notifier.tell([MemberRemoved(image_id, member_id)])

    @retried
    def _remove(self, caller: Caller, image_id: str, member_id: str) -> None:
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require_change(caller, "delete_member", image)
            require_shared(image)
            work.members.remove(work.members.get(image_id, member_id))
            work.commit()

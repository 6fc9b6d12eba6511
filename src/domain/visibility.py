"""Who sees an image, and who may change it, before any policy is asked (access-control §4)."""

from enum import Enum, StrEnum, auto

from tintype.domain.caller import Caller


class Visibility(StrEnum):
    """How widely an image is seen (images-api §6)."""

    PUBLIC = "public"
    COMMUNITY = "community"
    SHARED = "shared"
    PRIVATE = "private"


class Sight(Enum):
    """Whether a caller sees an image; `IF_MEMBER` leaves it to the list of members."""

    YES = auto()
    NO = auto()
    IF_MEMBER = auto()


def sight_of(visibility: Visibility, owner: str | None, caller: Caller) -> Sight:
    """Say whether the caller sees an image of this visibility and owner.

    A private image without owner is left to the policies, which hide it (access-control §4).
    """
    if caller.is_admin or caller.owns(owner):
        return Sight.YES
    if visibility in (Visibility.PUBLIC, Visibility.COMMUNITY):
        return Sight.YES
    if visibility is Visibility.SHARED:
        # Also one without owner: the default visibility must not open it to everybody.
        return Sight.NO if caller.project_id is None else Sight.IF_MEMBER
    return Sight.YES if owner is None else Sight.NO


def sight_of_row(visibility: Visibility, owner: str | None, caller: Caller) -> Sight:
    """Say the same where no policy is asked: what has no owner is everybody's (database §1)."""
    return Sight.YES if owner is None else sight_of(visibility, owner, caller)


def may_change(owner: str | None, caller: Caller) -> bool:
    """Say whether the caller may change an image of this owner."""
    return caller.is_admin or caller.owns(owner)

"""Who calls a function."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tintype.domain.caller import Caller
from tintype.domain.record.viewer import Viewer


@dataclass(frozen=True)
class Context:
    """A caller, for programs that have no class of their own for it.

    The functions take any object with these attributes; what it lacks is as here. `owner` is
    the project.
    """

    project_id: str | None = None
    user_id: str | None = None
    is_admin: bool = False
    roles: Sequence[str] = field(default_factory=tuple)
    show_deleted: bool = False
    auth_token: str | None = field(default=None, repr=False)

    @property
    def owner(self) -> str | None:
        """The project, as owners of images are named."""
        return self.project_id

    @property
    def can_see_deleted(self) -> bool:
        """Whether deleted rows are shown."""
        return self.show_deleted or self.is_admin


def viewer_of(context: Any) -> Viewer:
    """Return who calls; None is nobody."""
    is_admin = bool(getattr(context, "is_admin", False))
    shows = bool(getattr(context, "show_deleted", False)) or is_admin
    owner = getattr(context, "owner", None) or getattr(context, "project_id", None)
    return Viewer(
        Caller(
            user_id=getattr(context, "user_id", None),
            project_id=owner or None,
            roles=frozenset(role.lower() for role in getattr(context, "roles", None) or ()),
            is_admin=is_admin,
            auth_token=getattr(context, "auth_token", None),
        ),
        sees_deleted=bool(getattr(context, "can_see_deleted", shows)),
    )

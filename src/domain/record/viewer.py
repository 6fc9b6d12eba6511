"""Who calls a database function."""

from dataclasses import dataclass

from tintype.domain.caller import Caller


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller, and whether it is shown what is deleted."""

    caller: Caller
    sees_deleted: bool = False

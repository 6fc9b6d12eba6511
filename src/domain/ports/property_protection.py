"""Who may do what with custom properties?"""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from tintype.domain.caller import Caller


class Operation(StrEnum):
    """What can be done with a custom property."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"


class PropertyProtection(Protocol):
    """Answers who may do what with which custom properties (access-control §5).

    Administrators have no bypass. Properties of the system are open to everybody.
    """

    def judge(self, caller: Caller, operation: Operation) -> Callable[[str], bool]:
        """Return what tells by the name of a property whether the caller may do this with it.

        For the properties of many images, in one request and one thread.
        """

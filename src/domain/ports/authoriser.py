"""May they?"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tintype.domain.caller import Caller
from tintype.domain.image import Image


class Authoriser(Protocol):
    """Answers by policy who may do what; rule names are those of access-control §3."""

    def allows(self, caller: Caller, rule: str, image: Image) -> bool:
        """Tell whether the rule lets the caller do it with this image."""

    def allows_target(self, caller: Caller, rule: str, target: Mapping[str, Any]) -> bool:
        """Tell whether the rule lets the caller do it, with a target that is no image."""

    def judge(self, caller: Caller, rule: str) -> Callable[[Image], bool]:
        """Return `allows` for many images of one request, cheaper a piece."""

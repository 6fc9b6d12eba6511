"""The cache of downloads, where a service has none (images-api §13)."""

from dataclasses import dataclass

from tintype.application.access import Access
from tintype.domain.caller import Caller
from tintype.domain.errors import CacheNotFound


@dataclass(frozen=True)
class RefuseCache:
    """Say that there is no cache, to those who might use one."""

    access: Access

    def __call__(self, caller: Caller, rule: str) -> None:
        """Refuse.

        Raises:
            Forbidden: the rule denies the call anyhow; CacheNotFound: there is nothing to call.
        """
        self.access.require_target(caller, rule, {})
        raise CacheNotFound

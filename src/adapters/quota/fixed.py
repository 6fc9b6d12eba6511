"""Limits that do not depend on the project, or none."""

from dataclasses import dataclass

from tintype.domain.allowance import UNLIMITED, StorageAllowance
from tintype.domain.ports.quota_keeper import Allowance


class NoQuotas:
    """Limits nothing."""

    def allowance(self, project: str | None) -> Allowance:
        """Return what limits nothing."""
        return UNLIMITED


@dataclass(frozen=True)
class FixedStorageQuota:
    """Gives every project the same number of bytes (`user_storage_quota`)."""

    limit: int

    def allowance(self, project: str | None) -> Allowance:
        """Return what holds the owners of images to it, whoever asks."""
        return StorageAllowance(self.limit)

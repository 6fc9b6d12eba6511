"""Keepers of quotas that do as a test says."""

from collections.abc import Mapping
from dataclasses import dataclass

from tintype.domain.allowance import UNLIMITED, UnifiedAllowance
from tintype.domain.errors import LimitsUnavailable
from tintype.domain.ports.quota_keeper import Allowance
from tintype.domain.quota import Resource


@dataclass
class UnifiedQuotas:
    """Limits of every project as a test states them; what it leaves out is not limited."""

    limits: Mapping[Resource, int]

    def allowance(self, project: str | None) -> Allowance:
        if project is None:
            return UNLIMITED
        return UnifiedAllowance(project, dict.fromkeys(Resource, -1) | dict(self.limits))


class NoAnswer:
    """A Keystone that is out of reach."""

    def allowance(self, project: str | None) -> Allowance:
        raise LimitsUnavailable()

"""Showing projects what they have and may have."""

from collections.abc import Mapping
from dataclasses import dataclass

from tintype.domain.caller import Caller
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import Resource, Standing


@dataclass(frozen=True)
class ShowUsage:
    """Report use and limits of the caller's project (images-api §12)."""

    work: Work
    quotas: QuotaKeeper

    def __call__(self, caller: Caller) -> Mapping[Resource, Standing]:
        """Return what there is of each resource; nothing without unified limits.

        Raises:
            LimitsUnavailable: nobody can say at the moment.
        """
        allowance = self.quotas.allowance(caller.project_id)
        with self.work(read_only=True) as work:
            return allowance.report(work.usage)

"""How much of everything a project may have."""

from collections.abc import Mapping
from typing import Protocol

from tintype.domain.allowance import Moment
from tintype.domain.ports.usage_repository import UsageRepository
from tintype.domain.quota import Grant, Resource, Standing


class Allowance(Protocol):
    """What one request or task is held to. Safe between threads, and to be used again."""

    def check(
        self,
        moment: Moment,
        usage: UsageRepository,
        *,
        owner: str | None = None,
        size: int | None = None,
    ) -> Grant:
        """See whether what is about to happen is within limits, in the unit of work that does it.

        `owner` is the project of the image, as far as one has been looked up, `size` the bytes
        that the data has, if that is known. What the grant sets aside must be recorded in the
        same unit of work.

        Raises:
            LimitExceeded: it is not.
        """

    def report(self, usage: UsageRepository) -> Mapping[Resource, Standing]:
        """Show use and limits of the project; nothing where it has no unified limits."""


class QuotaKeeper(Protocol):
    """Knows the limits of projects; safe between threads."""

    def allowance(self, project: str | None) -> Allowance:
        """Return what work on behalf of a project is held to from now on.

        It may have to be asked for elsewhere: call it while no unit of work is open. Who has no
        project has no limits.

        Raises:
            LimitsUnavailable: nobody can say at the moment.
        """

"""Which processes are alive."""

from typing import Protocol


class Presence(Protocol):
    """Names this process, and knows the fate of others where it can."""

    @property
    def holder(self) -> str:
        """The name under which this process holds leases, unlike that of any other, ever."""

    def is_dead(self, holder: str) -> bool:
        """Tell whether that process is known to have ended; False when in doubt."""

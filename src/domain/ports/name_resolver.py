"""From names of hosts to their addresses."""

from collections.abc import Sequence
from typing import Protocol


class NameResolver(Protocol):
    """Looks names up; safe between threads."""

    def resolve(self, name: str) -> Sequence[str]:
        """Return the IP addresses of a host, in the order in which to try them.

        A name that ends in a dot is one of the DNS and never of a local file. None are
        returned where there are none, or where nobody can be asked now.
        """

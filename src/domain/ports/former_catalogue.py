"""A catalogue that the field's programs made, seen as a whole."""

from collections.abc import Callable
from typing import Protocol

from tintype.domain.adoption import Doubles, Due
from tintype.domain.location import Location


class FormerCatalogue(Protocol):
    """What has to be looked at, and put right, when a catalogue is taken over.

    Other programs may read and write it meanwhile. Whatever is done leaves it such that they
    go on working, until `commit` was called.
    """

    def due(self) -> Due:
        """Tell what is to be done next."""

    def verify(self) -> None:
        """Look whether it can be taken over.

        Raises:
            BadConfiguration: no; says what is in the way, and what to do.
        """

    def expand(self) -> None:
        """Add what this release needs beside what is there; safe to repeat.

        Raises:
            BadConfiguration: as `verify`.
        """

    def mend(self, fix: Callable[[Location, bool], Location], *, dry_run: bool) -> None:
        """Show every location behind which there may be data to `fix`, and write what it returns.

        The second argument says whether the location is kept encrypted; it stays as it was.
        What somebody else changed meanwhile is left as it is.

        Raises:
            BadConfiguration: a location cannot be read; says why.
        """

    def rewrite_urls(self, *, plain: bool = False) -> int:
        """Keep all locations as new ones are kept, or as `plain` text; return how many were not.

        Raises:
            BadConfiguration: a location cannot be read; says why.
        """

    def doubles(self) -> Doubles:
        """Count live members and tags that are there more than once."""

    def drop_doubles(self) -> None:
        """Keep the oldest of them each, and have the database refuse more where it can."""

    def complete(self) -> None:
        """Have each of its rows say what ours say and lists go by; they are right without it.

        The other program goes on writing rows that do not, and so does an older release of ours
        that still runs.
        """

    def adopted(self) -> None:
        """Record that everything was put right."""

    def commit(self) -> None:
        """Record that the programs of the field will not come back."""

    def contract(self) -> None:
        """Give up the forms that only those programs needed; nobody may use it meanwhile."""

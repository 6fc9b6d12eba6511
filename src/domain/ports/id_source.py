"""New names for new things."""

from typing import Protocol


class IdSource(Protocol):
    """Gives ids that nobody gave before."""

    def new(self) -> str:
        """Return a random UUID in its canonical text form."""

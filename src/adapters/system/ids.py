"""Random ids."""

from uuid import uuid4


class RandomIds:
    """Draws version 4 UUIDs from the randomness of the system; safe after a fork."""

    def new(self) -> str:
        """Return a random UUID in its canonical text form."""
        return str(uuid4())

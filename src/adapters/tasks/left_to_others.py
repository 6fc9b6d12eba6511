"""A queue of a program that ends in a moment, and works on nothing."""


class LeftToOthers:
    """Passes nothing on: a lease that nobody holds, and that has run out, says it all."""

    lasting = True

    def submit(self, task_id: str) -> None:
        """Leave the task to the next sweep of any process."""

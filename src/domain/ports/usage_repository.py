"""How much of everything a project has."""

from collections.abc import Mapping
from typing import Protocol

from tintype.domain.quota import Resource, Used


class UsageRepository(Protocol):
    """Counts what projects own, within one unit of work (database §7)."""

    def lock(self, project: str) -> None:
        """Let nobody else lock the project until the unit of work ends.

        Who locks, counts and then writes is sure that the count still holds.
        """

    def of(
        self, project: str, *resources: Resource, without_image: str = ""
    ) -> Mapping[Resource, Used]:
        """Count those resources as they are at one moment, in one statement.

        Sizes are in bytes. Data that moves from a reservation to an image meanwhile counts
        once. `without_image` is the id of an image to leave out.
        """

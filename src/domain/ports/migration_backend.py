"""What makes the schema of the catalogue, and brings it up to date."""

from typing import NamedTuple, Protocol


class Version(NamedTuple):
    """The last step taken, None for none, and the newest that there is."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to be done."""
        return self.current == self.head


class MigrationBackend(Protocol):
    """One is chosen by its name; other packages may bring more."""

    def version(self) -> Version:
        """Tell how far the schema is; called at each start, so it is quick.

        Raises:
            CatalogueUnavailable: the database does not answer.
        """

    def upgrade(self) -> None:
        """Take the steps that are missing, if any.

        Safe to be called by any number of processes at the same time, and while others use
        the database.

        Raises:
            BadConfiguration: the database is in a state that cannot be taken over; says why.
            CatalogueUnavailable: the database does not answer.
        """

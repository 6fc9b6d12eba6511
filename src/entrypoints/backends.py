"""Parts of the service that are chosen by name, and that other packages may bring."""

from importlib.metadata import entry_points
from typing import Any, Final

from stevedore.driver import DriverManager
from stevedore.exception import NoMatches

from tintype.domain.errors import BadConfiguration

MIGRATION: Final = "migration_backend"
METADATA: Final = "metadata_backend"


def backend(kind: str, name: str, engine: Any) -> Any:
    """Return the backend of that name, made for the database behind an engine of SQLAlchemy.

    Raises:
        BadConfiguration: there is none of that name, or it cannot be loaded.
    """
    group, option = f"tintype.database.{kind}", f"[database] {kind}"

    def give_up(_manager: Any, _entry_point: Any, error: BaseException) -> None:
        raise BadConfiguration(option, f"'{name}' cannot be loaded: {error}") from error

    try:
        make = DriverManager(group, name, on_load_failure_callback=give_up).driver
    except NoMatches as error:
        known = ", ".join(sorted(entry_points(group=group).names))
        raise BadConfiguration(option, f"there is no '{name}', only {known}.") from error
    return make(engine)

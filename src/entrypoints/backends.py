"""Parts of the service that are chosen by name, and that other packages may bring."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Final

from oslo_config import cfg
from stevedore.driver import DriverManager
from stevedore.exception import NoMatches

from tintype.domain.errors import BadConfiguration

MIGRATION: Final = "migration_backend"
METADATA: Final = "metadata_backend"


def require_backends(conf: cfg.ConfigOpts) -> None:
    """Find out whether all that a configuration names is there, also what is used later on.

    Raises:
        BadConfiguration: there is none of that name, or it cannot be loaded.
    """
    for kind in (MIGRATION, METADATA):
        _loaded(kind, conf.database[kind])


def backend(kind: str, name: str, engine: Any) -> Any:
    """Return the backend of that name, made for the database behind an engine of SQLAlchemy.

    Raises:
        BadConfiguration: there is none of that name, or it cannot be loaded.
    """
    return _loaded(kind, name)(engine)


def _loaded(kind: str, name: str) -> Callable[[Any], Any]:
    group, option = f"tintype.database.{kind}", f"[database] {kind}"

    def give_up(_manager: Any, _entry_point: Any, error: BaseException) -> None:
        raise BadConfiguration(option, f"'{name}' cannot be loaded: {error}") from error

    try:
        make: Callable[[Any], Any] = DriverManager(
            group, name, on_load_failure_callback=give_up
        ).driver
    except NoMatches as error:
        known = ", ".join(sorted(entry_points(group=group).names))
        raise BadConfiguration(option, f"there is no '{name}', only {known}.") from error
    return make
